// The snapshot: what the learning plane publishes for the serving plane, at one learned sequence; and the floor.
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

constexpr size_t kTerms = 8;  // in the order of TVB_TERM_*
constexpr size_t kMaxInterests = 4;
constexpr size_t kMaxPatterns = 64;

struct Interest {
  uint32_t scale_q30 = 0;
  int32_t weight_q12 = 0;
  int32_t bias_q20 =
      0;  // <mean of the space, vector>: without it several interests cannot be compared
  std::vector<int8_t> row;  // stride bytes, in the rotated space
};
struct Affinity {
  uint16_t daypart;
  int16_t affinity_q12;
  uint64_t genre_hash;
};
struct PatternRow {
  uint64_t id;
  uint32_t profile;
  uint16_t dayparts;
  uint32_t scale_q30;
  int32_t weight_q12;
  std::vector<int8_t> row;
};
// What was learned about one profile, beside its folded history.
struct Learned {
  std::vector<Interest> interests;
  std::vector<Affinity> affinities;
  std::vector<Key> last_good;
  bool has_weights = false;
  std::array<int32_t, kTerms> weights_q12{};
};

struct Snapshot {
  uint64_t generation = 0, journal_id = 0, learned_seq = 0, erasure_epoch = 0, space_id = 0;
  int64_t created_ms = 0;
  uint32_t dimension = 0, stride = 0;
  FoldSet folds;
  std::map<uint32_t, Learned> learned;  // 0: the weights of all profiles without their own
  std::vector<PatternRow> patterns;

  std::vector<uint8_t> encode() const;
  // Verifies every byte. kCorrupt or kVersion, naming `name` and the field.
  static Status decode(std::vector<uint8_t> bytes, const std::string& name, Snapshot* out);
};

// The newest usable snapshot of `folder`: *out stays null if there is none. Unusable newer ones are named in *detail and
// those of a newer major version are set aside if `may_rename`.
Status load_snapshot(const std::string& folder, bool may_rename,
                     std::shared_ptr<const Snapshot>* out, std::string* detail);
// Generations present in the folder by name alone, ascending.
Status list_snapshots(const std::string& folder, std::vector<uint64_t>* generations);
// Write one generation as docs/formats.md says, then delete all but the two newest.
Status publish_snapshot(const std::string& folder, const Snapshot& snapshot);

Status read_floor(const std::string& folder, uint64_t journal_id,
                  uint64_t* floor);  // 0 if none or another journal's
Status write_floor(const std::string& folder, uint64_t journal_id, uint64_t floor);

}  // namespace tvcore
