#include "tvcore/erasure.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "tvcore/file.hpp"
#include "tvcore/hash.hpp"
#include "tvcore/profiles.hpp"

namespace tvcore {

namespace {

constexpr char kErasedName[] = "(deleted)";
constexpr uint32_t kItem = 1, kProfile = 2, kAll = 3;  // TVB_FORGET_*

struct EraseBody {  // what an erase record adds
  uint32_t scope, reserved;
  uint64_t epoch;
};

struct ErasedFile {  // docs/formats.md, "Erased"
  std::array<char, 8> magic;
  uint16_t major, minor;
  uint32_t reserved0;
  uint64_t journal_id, seq, epoch;
  uint32_t reserved1, crc;
};
static_assert(sizeof(ErasedFile) == 48, "docs/formats.md");
constexpr std::array<char, 8> kMagic = {'T', 'V', 'B', 'E', 'R', 'A', 'S', '\0'};

bool is_profile_kind(Kind kind) { return kind >= Kind::kProfileCreate && kind <= Kind::kConsent; }

// Zero the values of one place: they were computed from its title.
void clear_values(std::vector<uint8_t>* values, size_t place) {
  constexpr size_t kHead = 4;
  if (values->size() < kHead) return;
  const size_t size = sizeof(int16_t) * ((*values)[0] | size_t{(*values)[1]} << 8);
  const size_t begin = kHead + size * place;
  if (begin + size > values->size()) return;
  std::fill_n(values->begin() + static_cast<std::ptrdiff_t>(begin), size, uint8_t{0});
}

}  // namespace

Status read_erased(const std::string& path, Erased* out) {
  *out = Erased();
  std::vector<uint8_t> bytes;
  Status status = read_all(path, &bytes, sizeof(ErasedFile));
  if (status.code() == Code::kNoFile) return {};
  if (!status.ok()) return status;
  ErasedFile file;
  if (bytes.size() != sizeof file) return Status(Code::kCorrupt, path + ": size is wrong");
  std::memcpy(&file, bytes.data(), sizeof file);
  if (file.magic != kMagic || file.crc != crc32c(&file, offsetof(ErasedFile, crc))) {
    return Status(Code::kCorrupt, path + ": magic or CRC is wrong");
  }
  if (file.major != 1) return Status(Code::kVersion, path + ": a newer format");
  *out = {file.journal_id, file.seq, file.epoch};
  return {};
}

Status write_erased(const std::string& path, const Erased& value) {
  ErasedFile file{};
  file.magic = kMagic;
  file.major = 1;
  file.journal_id = value.journal_id;
  file.seq = value.seq;
  file.epoch = value.epoch;
  file.crc = crc32c(&file, offsetof(ErasedFile, crc));
  return replace_file(path, &file, sizeof file);
}

void Erasures::note(const Event& record) {
  if (record.seq > upto_) return;
  const auto move = [&](uint64_t* before) { *before = std::max(*before, record.seq); };
  if (record.kind == Kind::kProfileDelete) {
    move(&profiles_[record.profile]);
    move(&deleted_[record.profile]);
  }
  EraseBody erase;
  if (record.kind != Kind::kErase || record.added.size() < sizeof erase) return;
  std::memcpy(&erase, record.added.data(), sizeof erase);
  if (erase.scope == kItem && record.item != 0) move(&items_[{record.profile, record.item}]);
  if (erase.scope == kProfile) move(&profiles_[record.profile]);
  if (erase.scope == kAll) move(&all_);
}

bool Erasures::gone(uint64_t seq, uint32_t profile, Key item) const {
  const auto before = [seq](const auto& all, const auto& key) {
    const auto found = all.find(key);
    return found != all.end() && seq < found->second;
  };
  return seq < all_ || before(profiles_, profile) ||
         (item != 0 && before(items_, std::make_pair(profile, item)));
}

Edit Erasures::edit(Event* record) const {
  if (record->kind == Kind::kErase) {
    if (record->seq > upto_ || record->item == 0) return Edit::kKeep;
    record->item = 0;
    return Edit::kChange;
  }
  if (is_profile_kind(record->kind)) return edit_profile(record);
  if (record->profile == 0) return Edit::kKeep;
  if (gone(record->seq, record->profile, 0)) return Edit::kDrop;
  if (record->kind == Kind::kImpression) return edit_impression(record);
  return gone(record->seq, record->profile, record->item) ? Edit::kDrop : Edit::kKeep;
}

Edit Erasures::edit_impression(Event* record) const {
  std::vector<Shown> places = decode_shown(record->added);
  bool changed = false, left = false;
  if (gone(record->seq, record->profile, record->item)) {
    record->item = 0;
    changed = true;
  }
  for (size_t i = 0; i < places.size(); ++i) {
    if (gone(record->seq, record->profile, places[i].key)) {
      places[i] = Shown{0, 0};
      clear_values(&record->values, i);
      changed = true;
    }
    left = left || places[i].key != 0;
  }
  if (!changed) return Edit::kKeep;
  if (!left && record->item == 0) return Edit::kDrop;
  record->added = encode_shown(places);
  return Edit::kChange;
}

// The profile is deleted: its number and its place among the changes stay, what it was called goes.
Edit Erasures::edit_profile(Event* record) const {
  constexpr size_t kGeneration = sizeof(uint64_t);
  if (deleted_.find(record->profile) == deleted_.end()) return Edit::kKeep;
  Profile blank;
  blank.id = record->profile;
  blank.name = kErasedName;
  std::vector<uint8_t> added(record->added.begin(),
                             record->added.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                         kGeneration, record->added.size())));
  encode_profile(blank, &added);
  if (added == record->added) return Edit::kKeep;
  record->added = std::move(added);
  return Edit::kChange;
}

}  // namespace tvcore
