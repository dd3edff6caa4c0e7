#include "tvcore/profiles.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "tvcore/container.hpp"
#include "tvcore/file.hpp"
#include "tvcore/fold.hpp"
#include "tvcore/journal.hpp"
#include "tvcore/normal.hpp"

namespace tvcore {

namespace {

constexpr uint8_t kOldest = 18;
constexpr size_t kMaxName = 63, kMaxProvider = 31;
constexpr uint64_t kLargestFile = 1u << 20;

struct Record {  // docs/formats.md, "Profiles"; the name follows
  uint32_t size, id;
  uint8_t max_age, consent;
  uint16_t entitlements;
  char region[2];
  uint16_t name;
};
static_assert(sizeof(Record) == 16, "docs/formats.md");

struct Meta {
  uint64_t generation, erasure_epoch;
  uint32_t next_id, reserved;
  uint64_t journal_id;
};
static_assert(sizeof(Meta) == 32, "docs/formats.md");

struct Erasure {
  uint32_t scope, reserved;
  uint64_t epoch;
};

Status invalid(const std::string& text) { return Status(Code::kInvalid, text); }

// Text of 1 to `most` bytes of UTF-8 without control characters.
bool is_label(const std::string& text, size_t most) {
  return !text.empty() && text.size() <= most && is_utf8(text) &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
         });
}

template <typename All>
auto place_of(All& all, uint32_t id) {
  return std::lower_bound(all.begin(), all.end(), id, [](const Profile& profile, uint32_t wanted) {
    return profile.id < wanted;
  });
}

std::string path_in(const std::string& data_dir, const char* ending) {
  return data_dir + "/profiles.tvp" + ending;
}

}  // namespace

// ---- one profile ----

Status check_profile(const Profile& profile) {
  if (profile.id == 0) return invalid("id: 0 is no profile");
  if (profile.max_age > kOldest) {
    return invalid("max_age: " + std::to_string(profile.max_age) + " is over 18");
  }
  if (profile.consent > 1) return invalid("consent: neither 0 nor 1");
  const std::string& region = profile.region;
  if (!region.empty() &&
      (region.size() != 2 ||
       std::any_of(region.begin(), region.end(), [](char c) { return c < 'A' || c > 'Z'; }))) {
    return invalid("region: neither empty nor two letters A to Z");
  }
  if (!is_label(profile.name, kMaxName)) {
    return invalid("name: not 1 to 63 bytes of UTF-8 without control characters");
  }
  if (profile.entitlements.size() > kMaxEntitlements) {
    return invalid("entitlements: more than " + std::to_string(kMaxEntitlements));
  }
  for (const std::string& provider : profile.entitlements) {
    if (!is_label(provider, kMaxProvider) || provider.find(':') != std::string::npos) {
      return invalid(
          "entitlements: not 1 to 31 bytes of UTF-8 without colon and control characters");
    }
    if (std::count(profile.entitlements.begin(), profile.entitlements.end(), provider) > 1) {
      return invalid("entitlements: " + provider + " stands twice");
    }
  }
  return {};
}

void encode_profile(const Profile& profile, std::vector<uint8_t>* out) {
  Record record{};
  record.id = profile.id;
  record.max_age = profile.max_age;
  record.consent = profile.consent;
  record.entitlements = static_cast<uint16_t>(profile.entitlements.size());
  std::copy_n(profile.region.begin(), std::min<size_t>(profile.region.size(), 2), record.region);
  record.name = static_cast<uint16_t>(profile.name.size());
  std::vector<uint8_t> bytes(sizeof record);
  bytes.insert(bytes.end(), profile.name.begin(), profile.name.end());
  for (const std::string& provider : profile.entitlements) {
    bytes.push_back(static_cast<uint8_t>(provider.size()));
    bytes.insert(bytes.end(), provider.begin(), provider.end());
  }
  bytes.resize((bytes.size() + 7) / 8 * 8, 0);
  record.size = static_cast<uint32_t>(bytes.size());
  std::memcpy(bytes.data(), &record, sizeof record);
  out->insert(out->end(), bytes.begin(), bytes.end());
}

Status decode_profile(const uint8_t* data, size_t size, Profile* out, size_t* used) {
  const auto corrupt = [](const std::string& what) {
    return Status(Code::kCorrupt, "profile record: " + what);
  };
  Record record;
  if (size < sizeof record) return corrupt("cut off");
  std::memcpy(&record, data, sizeof record);
  if (record.size < sizeof record || record.size > size || record.size % 8 != 0) {
    return corrupt("size is wrong");
  }
  if (record.entitlements > kMaxEntitlements) return corrupt("too many entitlements");
  size_t at = sizeof record;
  std::string text;
  const auto take = [&](size_t length) {
    if (length > record.size - at) return false;
    text.assign(reinterpret_cast<const char*>(data) + at, length);
    at += length;
    return true;
  };
  Profile profile;
  profile.id = record.id;
  profile.max_age = record.max_age;
  profile.consent = record.consent;
  if (record.region[0] != 0 || record.region[1] != 0) profile.region.assign(record.region, 2);
  if (!take(record.name)) return corrupt("name is cut off");
  profile.name = text;
  for (uint16_t i = 0; i < record.entitlements; ++i) {
    if (at == record.size || !take(data[at++])) return corrupt("an entitlement is cut off");
    profile.entitlements.push_back(text);
  }
  if (Status status = check_profile(profile); !status.ok()) return corrupt(status.text());
  *out = std::move(profile);
  *used = record.size;
  return {};
}

// ---- all of them ----

Profiles Profiles::initial() {
  Profiles profiles;
  Profile household;
  household.id = kHousehold;
  household.name = "household";
  profiles.all.push_back(household);
  return profiles;
}

const Profile* Profiles::find(uint32_t id) const {
  const auto place = place_of(all, id);
  return place != all.end() && place->id == id ? &*place : nullptr;
}

const Profile* Profiles::find(const std::string& name) const {
  for (const Profile& profile : all) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

bool Profiles::apply(const Event& record) {
  if (record.kind == Kind::kErase) {
    Erasure erasure;
    if (record.added.size() < sizeof erasure) return false;
    std::memcpy(&erasure, record.added.data(), sizeof erasure);
    if (erasure.epoch <= erasure_epoch) return false;
    erasure_epoch = erasure.epoch;
    return true;
  }
  if (record.kind != Kind::kProfileCreate && record.kind != Kind::kProfileUpdate &&
      record.kind != Kind::kProfileDelete && record.kind != Kind::kConsent) {
    return false;
  }
  uint64_t newer;
  Profile profile;
  size_t used;
  if (record.added.size() < sizeof newer) return false;
  std::memcpy(&newer, record.added.data(), sizeof newer);
  if (newer <= generation || !decode_profile(record.added.data() + sizeof newer,
                                             record.added.size() - sizeof newer, &profile, &used)
                                  .ok()) {
    return false;
  }
  const auto place = place_of(all, profile.id);
  const bool known = place != all.end() && place->id == profile.id;
  if (record.kind == Kind::kProfileDelete) {
    if (profile.id == kHousehold) return false;
    if (known) all.erase(place);
  } else if (known) {
    *place = profile;
  } else {
    if (all.size() >= kMaxProfiles) return false;
    all.insert(place, profile);
  }
  generation = newer;
  next_id = std::max(next_id, profile.id + 1);
  return true;
}

std::vector<uint8_t> Profiles::encode() const {
  const Meta meta = {generation, erasure_epoch, next_id, 0, journal_id};
  const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&meta);
  std::vector<uint8_t> records;
  for (const Profile& profile : all) encode_profile(profile, &records);
  ContainerWriter writer(kProfilesMagic);
  writer.add("META", sizeof meta, {bytes, bytes + sizeof meta});
  writer.add("PROF", 1, std::move(records));
  return writer.finish();
}

Status Profiles::decode(std::vector<uint8_t> bytes, const std::string& name, Profiles* out) {
  const auto corrupt = [&name](const std::string& what) {
    return Status(Code::kCorrupt, name + ": " + what);
  };
  Container container;
  Section head, records;
  Status status = Container::open(Map::of(bytes), kProfilesMagic, name, &container);
  if (status.ok()) status = container.verify();
  if (status.ok()) status = container.need("META", sizeof(Meta), &head);
  if (status.ok()) status = container.need("PROF", 1, &records);
  if (!status.ok()) return status;
  if (head.count != 1) return corrupt("META: not one");
  Meta meta;
  std::memcpy(&meta, head.data, sizeof meta);
  Profiles profiles;
  profiles.generation = meta.generation;
  profiles.erasure_epoch = meta.erasure_epoch;
  profiles.journal_id = meta.journal_id;
  profiles.next_id = meta.next_id;
  for (size_t at = 0; at < records.size;) {
    Profile profile;
    size_t used = 0;
    status =
        decode_profile(records.data + at, static_cast<size_t>(records.size) - at, &profile, &used);
    if (!status.ok()) return corrupt(status.text());
    if (!profiles.all.empty() && profile.id <= profiles.all.back().id) {
      return corrupt("PROF: ids do not ascend");
    }
    if (profile.id >= meta.next_id) return corrupt("PROF: an id that was never given");
    profiles.all.push_back(std::move(profile));
    at += used;
  }
  if (profiles.all.size() > kMaxProfiles) return corrupt("PROF: too many profiles");
  if (profiles.find(kHousehold) == nullptr) return corrupt("PROF: no household");
  *out = std::move(profiles);
  return {};
}

Event profile_event(Kind kind, const Profile& profile, uint64_t generation, int64_t at_ms) {
  Event event;
  event.kind = kind;
  event.profile = profile.id;
  event.at_ms = at_ms;
  event.added.resize(sizeof generation);
  std::memcpy(event.added.data(), &generation, sizeof generation);
  encode_profile(profile, &event.added);
  return event;
}

// ---- the file ----

namespace {

Status read_profiles(const std::string& path, Profiles* out) {
  std::vector<uint8_t> bytes;
  Status status = read_all(path, &bytes, kLargestFile);
  return status.ok() ? Profiles::decode(std::move(bytes), path, out) : status;
}

// Whether nothing was ever kept in this directory: then there is nothing that could have been lost.
bool is_new(const std::string& data_dir) {
  std::vector<std::string> names;
  Status status = list_folder(data_dir, &names);
  if (status.code() == Code::kNoFile) return true;
  JournalInfo journal;
  if (status.ok()) status = read_journal_info(data_dir + "/journal", &journal);
  return status.ok() && journal.last_seq == 0 && journal.set_aside.empty() &&
         std::none_of(names.begin(), names.end(), [](const std::string& name) {
           return name == "profiles.tvp" || name == "profiles.tvp.1" ||
                  name == "profiles.tvp.newer";
         });
}

}  // namespace

Status load_profiles(const std::string& data_dir, Profiles* out, ProfilesState* state,
                     std::string* detail, bool may_rename) {
  detail->clear();
  const std::string path = path_in(data_dir, ""), predecessor = path_in(data_dir, ".1");
  *state = ProfilesState::kGood;
  const Status newest = read_profiles(path, out);
  if (newest.ok()) return {};
  if (newest.code() == Code::kNoMemory) return newest;
  if (newest.code() == Code::kNoFile && is_new(data_dir)) {
    *out = Profiles::initial();
    return {};
  }
  *detail = newest.text();
  if (newest.code() == Code::kVersion && may_rename) {
    (void)rename_file(path, path_in(data_dir, ".newer"));  // it is not used either way
  }
  *state = ProfilesState::kPredecessor;
  const Status older = read_profiles(predecessor, out);
  if (older.ok()) return {};
  if (older.code() == Code::kNoMemory) return older;
  *detail += "; " + older.text();
  *state = ProfilesState::kLost;
  *out = Profiles::initial();
  out->all[0].max_age = 0;
  return {};
}

Status save_profiles(const std::string& data_dir, const Profiles& profiles) {
  const std::vector<uint8_t> bytes = profiles.encode();
  const std::string path = path_in(data_dir, ""), predecessor = path_in(data_dir, ".1");
  if (Status status = replace_file(path, bytes.data(), bytes.size()); !status.ok()) return status;
  if (replace_file(predecessor, bytes.data(), bytes.size()).ok()) return {};
  // An older predecessor would be one that fails open.
  const Status removed = remove_file(predecessor);
  return removed.code() == Code::kNoFile ? Status() : removed;
}

bool predecessor_holds(const std::string& data_dir, const Profiles& profiles) {
  std::vector<uint8_t> bytes;
  return read_all(path_in(data_dir, ".1"), &bytes, kLargestFile).ok() && bytes == profiles.encode();
}

}  // namespace tvcore
