// The snapshot: what the learning plane publishes for the serving plane, at one learned sequence;
// and the floor.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tvcore/container.hpp"
#include "tvcore/fold.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

constexpr size_t kTerms = 12;  // in the order of TVB_TERM_*
constexpr size_t kMaxInterests = 4;
constexpr size_t kMaxPatterns = 64;
constexpr size_t kMaxLastGood = 200;              // titles of a last good slate
constexpr uint64_t kMaxSnapshotSize = 16u << 20;  // bytes; a reader refuses more

struct Interest {
  uint32_t scale_q30 = 0;
  int32_t weight_q12 = 0;
  // <mean of the space, vector>: without it several interests cannot be compared.
  int32_t bias_q20 = 0;
  std::vector<int8_t> row;  // stride bytes, in the rotated space
};
struct Affinity {
  uint16_t daypart;
  int16_t affinity_q12;
  uint64_t genre_hash;
};
struct RowUse {  // how much of what is opened at this daypart comes out of rows of this kind
  uint8_t daypart, kind;
  uint16_t use_q12;
};
struct ChannelAffinity {
  uint16_t daypart;
  int16_t affinity_q12;
  uint64_t channel_hash;  // XXH64 of its name
};
struct PatternRow {
  uint64_t id;
  uint32_t profile;
  uint16_t dayparts;
  uint32_t scale_q30;
  int32_t weight_q12;
  int32_t bias_q20;  // as of Interest
  std::vector<int8_t> row;
  uint16_t weekdays = 0;  // bit 0 is Monday; 0: all of them
};
// How sure the weights of a profile are: with what they are sampled (docs/ranking.md, "Exploration").
constexpr size_t kFactor = kTerms * (kTerms + 1) / 2;
struct Exploration {
  uint64_t version = 0;  // of what was learned: with another, other numbers are drawn
  std::array<int32_t, kFactor> factor_q20{};  // a lower triangle, row by row
};
// What was learned about one profile, beside its folded history.
struct Learned {
  std::vector<Interest> interests;
  std::vector<Affinity> affinities;
  std::vector<RowUse> row_use;
  std::vector<ChannelAffinity> channels;
  std::vector<Key> last_good;
  bool has_weights = false;
  std::array<int32_t, kTerms> weights_q12{};
  bool explores = false;
  Exploration exploration;
};

struct Snapshot {
  uint64_t generation = 0, journal_id = 0, learned_seq = 0, erasure_epoch = 0, space_id = 0;
  int64_t created_ms = 0;
  uint32_t dimension = 0, stride = 0;
  uint32_t diversity_q12 = 0;  // Request::diversity_q12 of everybody; 0: the ranker's own
  FoldSet folds;
  std::map<uint32_t, Learned> learned;  // 0: the weights of all profiles without their own
  std::vector<PatternRow> patterns;

  std::vector<uint8_t> encode() const;
  // Verifies every byte and every bound. kCorrupt or kVersion, naming `name` and the field. A later
  // minor version's sections and appended fields are skipped.
  static Status decode(const std::vector<uint8_t>& bytes, const std::string& name, Snapshot* out);
  // What can be saved of a damaged one: what it is of, and the last good slates, if these two parts are whole. No history.
  static Status decode_slates(const std::vector<uint8_t>& bytes, const std::string& name,
                              Snapshot* out);
};

// Path of one generation: 16 hexadecimal digits and ".tvs".
std::string snapshot_path(const std::string& folder, uint64_t generation);
// The newest usable snapshot of `folder`: *out is null if there is none (a missing folder has
// none). Newer unusable ones are named in *detail with the reason, one a line, and those of a newer
// major version are renamed to .newer if `may_rename`. Fails only if the folder cannot be read.
Status load_snapshot(const std::string& folder, bool may_rename,
                     std::shared_ptr<const Snapshot>* out, std::string* detail);
// The newest of `folder` whose last good slates are whole, whatever else is damaged, without its history; null if there is
// none.
std::shared_ptr<const Snapshot> load_last_good(const std::string& folder);
// Generations present in the folder by name alone, ascending; none if it is missing.
Status list_snapshots(const std::string& folder, std::vector<uint64_t>* generations);
// Write one generation, larger than every one present, as docs/formats.md says; then delete all
// others but the newest that is intact, and what interrupted calls left. The folder is made if
// missing. kInvalid, and nothing written, for a snapshot that no reader would accept. After any
// other error the new generation loads if it got its name, else the old one does: list_snapshots()
// tells which.
Status publish_snapshot(const std::string& folder, const Snapshot& snapshot);

// The sequence number below which segments may go: 0 if there is no such file or it is another
// journal's. kCorrupt or kVersion, and 0, if it cannot be used.
Status read_floor(const std::string& folder, uint64_t journal_id, uint64_t* floor);
Status write_floor(const std::string& folder, uint64_t journal_id, uint64_t floor);

}  // namespace tvcore
