// Profiles: who may see what. Fails closed: without a readable file there is no adult title for anybody.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tvcore/event.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

constexpr uint32_t kHousehold = 1;  // exists from the start
constexpr size_t kMaxEntitlements = 16;

struct Profile {
  uint32_t id = 0;
  uint8_t max_age = 18;
  uint8_t consent = 0;
  std::string region;                     // "" or two upper-case letters
  std::string name;                       // 1 to 63 bytes
  std::vector<std::string> entitlements;  // provider names, 1 to 31 bytes; empty: all
};

// The record of docs/formats.md, appended to *out.
void encode_profile(const Profile& profile, std::vector<uint8_t>* out);
// Reads one record at `data`; *used is its length. kCorrupt if a size or a value is wrong.
Status decode_profile(const uint8_t* data, size_t size, Profile* out, size_t* used);
// kInvalid naming the field if a value is out of range.
Status check_profile(const Profile& profile);

struct Profiles {  // the whole file as a value; changes are made on a copy and swapped in
  uint64_t generation = 0;
  uint64_t erasure_epoch = 0;
  uint64_t journal_id = 0;
  uint32_t next_id = kHousehold + 1;
  std::vector<Profile> all;  // ascending by id

  static Profiles initial();  // the household alone
  const Profile* find(uint32_t id) const;
  const Profile* find(const std::string& name) const;
  // Make the change that a profile_* or consent record describes, if its generation is newer; erase records move the
  // epoch. True if something changed. A record that makes no sense (an unknown kind, a value out of range, a profile too
  // many, a household to delete) changes nothing.
  bool apply(const Event& record);
  std::vector<uint8_t> encode() const;
  static Status decode(std::vector<uint8_t> bytes, const std::string& name, Profiles* out);
};

// The record that says `profile` was created, updated or deleted at `generation`.
Event profile_event(Kind kind, const Profile& profile, uint64_t generation, int64_t at_ms);

enum class ProfilesState { kGood, kPredecessor, kLost };
// Read profiles.tvp, or its predecessor, or neither (kLost: *out is the household at age 0, and nothing may be written).
// No file at all is kGood with Profiles::initial() where the journal has no record either, else kLost: whoever observes
// has saved first. A newer major version counts as unreadable; with `may_rename`, which is for the serving side alone,
// it is renamed to profiles.tvp.newer. *detail says why a file was not used. Fails only for want of memory.
Status load_profiles(const std::string& data_dir, Profiles* out, ProfilesState* state,
                     std::string* detail, bool may_rename = true);
// Write the file, then its predecessor with the same contents: were the newer file to rot after years, an older one would
// bring back age limits that have been lowered since, when the journal no longer knows. If only the second write fails,
// the result is kOk and there is no predecessor.
Status save_profiles(const std::string& data_dir, const Profiles& profiles);
// Whether the predecessor has these contents: a kill between the two writes leaves an older one.
bool predecessor_holds(const std::string& data_dir, const Profiles& profiles);

}  // namespace tvcore
