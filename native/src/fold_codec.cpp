// The bytes of a fold: docs/formats.md, "Folded history of one profile".
#include <cstring>
#include <type_traits>

#include "tvcore/fold.hpp"

namespace tvcore {

namespace {

static_assert(std::is_trivially_copyable_v<Entry> && std::is_trivially_copyable_v<Kept>,
              "both are written as they lie in memory");

struct Header {
  uint32_t profile, entries, kept, ordinal, touch, reserved0;
  int64_t last_ms;
  uint64_t session;
  int64_t session_start_ms;
  uint8_t reserved1[16];
};
static_assert(sizeof(Header) == 64, "docs/formats.md");

constexpr int32_t kOne = 4096;

template <typename T>
void append(std::vector<uint8_t>* out, const T* values, size_t count) {
  if (count == 0) return;
  const auto* bytes = reinterpret_cast<const uint8_t*>(values);
  out->insert(out->end(), bytes, bytes + count * sizeof(T));
}

Status corrupt(uint32_t profile, const std::string& what) {
  return Status(Code::kCorrupt, "fold of profile " + std::to_string(profile) + ": " + what);
}

bool is_time(int64_t ms, int64_t latest) { return ms == 0 || (ms >= kFirstMs && ms <= latest); }
bool is_strength(int32_t q12) { return q12 >= -kOne && q12 <= kOne; }
bool is_remembered(uint8_t kind) {
  return kind == 0 || kind == static_cast<uint8_t>(Kind::kRate) ||
         kind == static_cast<uint8_t>(Kind::kNotInterested) ||
         kind == static_cast<uint8_t>(Kind::kHide);
}

// The name of the first field of `entry` that no history can have, or null.
const char* wrong_field(const Entry& entry, const Header& header) {
  if (!is_time(entry.last_ms, header.last_ms)) return "last time";
  if (!is_time(entry.listed_ms, header.last_ms)) return "list time";
  if (entry.touch > header.touch) return "touch";
  if (entry.ordinal > header.ordinal) return "ordinal";
  if (int64_t{entry.impression_min} * 60000 > header.last_ms) return "last impression";
  if (!is_strength(entry.implicit_q12)) return "implicit strength";
  if (!is_strength(entry.explicit_q12)) return "explicit strength";
  if (!is_strength(entry.undo_explicit_q12)) return "remembered strength";
  if (!is_remembered(entry.undo_kind)) return "remembered kind";
  if (entry.watched_e4 > 10000) return "share watched";
  return nullptr;
}

}  // namespace

void Fold::encode(std::vector<uint8_t>* out) const {
  Header header{};
  header.profile = profile_;
  header.entries = static_cast<uint32_t>(entries_.size());
  header.kept = static_cast<uint32_t>(kept_.size());
  header.ordinal = ordinal_;
  header.touch = touch_;
  header.last_ms = last_ms_;
  header.session = session_;
  header.session_start_ms = session_start_ms_;
  append(out, &header, 1);
  append(out, entries_.data(), entries_.size());
  append(out, kept_.data(), kept_.size());
}

Status Fold::decode(const uint8_t* data, size_t size, Fold* out, size_t* used) {
  Header header;
  if (size < sizeof header) return Status(Code::kCorrupt, "fold: cut off in its header");
  std::memcpy(&header, data, sizeof header);
  const uint32_t profile = header.profile;
  if (header.entries > kMaxEntries) return corrupt(profile, "number of entries");
  if (header.kept > kMaxSet) return corrupt(profile, "size of the compact set");
  const size_t entry_bytes = header.entries * sizeof(Entry),
               kept_bytes = header.kept * sizeof(Kept);
  if (size - sizeof header < entry_bytes + kept_bytes) return corrupt(profile, "cut off");
  if (!is_time(header.last_ms, kLastMs)) return corrupt(profile, "latest time");
  if (!is_time(header.session_start_ms, header.last_ms)) return corrupt(profile, "session's time");

  Fold fold(profile);
  fold.ordinal_ = header.ordinal;
  fold.touch_ = header.touch;
  fold.last_ms_ = header.last_ms;
  fold.session_ = header.session;
  fold.session_start_ms_ = header.session_start_ms;
  fold.entries_.resize(header.entries);
  fold.kept_.resize(header.kept);
  data += sizeof header;
  if (entry_bytes != 0) std::memcpy(fold.entries_.data(), data, entry_bytes);
  if (kept_bytes != 0) std::memcpy(fold.kept_.data(), data + entry_bytes, kept_bytes);

  Key before = 0;
  for (Entry& entry : fold.entries_) {
    if (entry.key <= before) return corrupt(profile, "order of entries");
    if (const char* field = wrong_field(entry, header)) {
      return corrupt(profile, "entry's " + std::string(field));
    }
    entry.reserved0 = 0;
    entry.reserved1 = 0;
    before = entry.key;
  }
  if (fold.listed() > kMaxListed) return corrupt(profile, "more on the list than it can hold");
  before = 0;
  for (const Kept& kept : fold.kept_) {
    if (kept.key <= before) return corrupt(profile, "order of the compact set");
    if (kept.flags == 0 || (kept.flags & ~uint32_t{kKeptFlags}) != 0) {
      return corrupt(profile, "flags in the compact set");
    }
    if (kept.touch > header.touch) return corrupt(profile, "touch in the compact set");
    if (fold.find(kept.key) != nullptr) return corrupt(profile, "one key in both sets");
    before = kept.key;
  }
  *out = std::move(fold);
  *used = sizeof header + entry_bytes + kept_bytes;
  return Status();
}

std::vector<uint8_t> FoldSet::encode() const {
  std::vector<uint8_t> out;
  for (const auto& [profile, fold] : folds_) fold.encode(&out);
  return out;
}

Status FoldSet::decode(const uint8_t* data, size_t size, FoldSet* out) {
  FoldSet set;
  uint32_t before = 0;
  while (size > 0) {
    Fold fold;
    size_t used = 0;
    if (Status status = Fold::decode(data, size, &fold, &used); !status.ok()) return status;
    if (fold.profile() <= before) return corrupt(fold.profile(), "order of profiles");
    if (set.folds_.size() == kMaxProfiles) return corrupt(fold.profile(), "too many profiles");
    before = fold.profile();
    set.folds_.emplace_hint(set.folds_.end(), before, std::move(fold));
    data += used;
    size -= used;
  }
  *out = std::move(set);
  return Status();
}

}  // namespace tvcore
