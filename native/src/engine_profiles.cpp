// Profile changes: first a synced record, then the live value, then the file.
#include <algorithm>
#include <string>

#include "engine_state.hpp"

namespace tvcore {

namespace {

Status no_profile(uint32_t id) {
  return Status(Code::kNoProfile, "profile: there is none with id " + std::to_string(id));
}

}  // namespace

std::shared_ptr<const Profiles> Engine::profiles() const { return state_->profiles.load(); }

Status Engine::State::save_profiles_now(const Profiles& value) {
  profiles.store(std::make_shared<const Profiles>(value));
  const Status status = save_profiles(dir, value);
  profiles_unsaved = !status.ok();
  if (status.ok()) {
    clear_fault(kFaultProfilesOld);
    return status;
  }
  // The journal has the change, and opening applies it; saving is tried again by maintenance.
  log(LogLevel::kWarning, status.text());
  maintenance.within(5000);
  return Status();
}

Status Engine::State::change_profiles(Kind kind, const Profile& profile) {
  const std::shared_ptr<const Profiles> before = profiles.load();
  Profiles changed = *before;
  Event event = profile_event(kind, profile, changed.generation + 1, now_ms());
  (void)changed.apply(event);
  // Gone before the record is written: no event of another thread may follow it into the journal, where it would bring
  // a history to life that nobody owns.
  if (kind == Kind::kProfileDelete) profiles.store(std::make_shared<const Profiles>(changed));
  const Status status = record(&event);
  if (event.seq == 0) {
    profiles.store(before);
    return status;
  }
  const Status saved = save_profiles_now(changed);
  return status.ok() ? saved : status;
}

Status Engine::create_profile(Profile* profile) {
  State& state = *state_;
  Status status = state.writable();
  if (!status.ok()) return status;
  const std::lock_guard<std::mutex> hold(state.profile_change);
  const std::shared_ptr<const Profiles> known = state.profiles.load();
  if (known->all.size() >= kMaxProfiles) {
    return Status(Code::kLimit,
                  "there are " + std::to_string(kMaxProfiles) + " profiles, the most there may be");
  }
  Profile added = *profile;
  added.id = known->next_id;
  status = check_profile(added);
  if (!status.ok()) return status;
  if (known->find(added.name) != nullptr) {
    return Status(Code::kExists, "name: there is a profile '" + added.name + "'");
  }
  status = state.change_profiles(Kind::kProfileCreate, added);
  if (status.ok()) profile->id = added.id;
  return status;
}

Status Engine::update_profile(const Profile& profile) {
  State& state = *state_;
  Status status = state.writable();
  if (status.ok()) status = check_profile(profile);
  if (!status.ok()) return status;
  const std::lock_guard<std::mutex> hold(state.profile_change);
  const std::shared_ptr<const Profiles> known = state.profiles.load();
  const Profile* before = known->find(profile.id);
  if (before == nullptr) return no_profile(profile.id);
  const Profile* same_name = known->find(profile.name);
  if (same_name != nullptr && same_name->id != profile.id) {
    return Status(Code::kExists, "name: there is a profile '" + profile.name + "'");
  }
  const bool consent = before->consent != profile.consent;
  return state.change_profiles(consent ? Kind::kConsent : Kind::kProfileUpdate, profile);
}

Status Engine::delete_profile(uint32_t id) {
  State& state = *state_;
  if (id == kHousehold) return Status(Code::kInvalid, "id: the household cannot be deleted");
  constexpr uint32_t kProfileScope = 2;
  const Status forgotten = forget(kProfileScope, id, 0);
  if (!forgotten.ok()) return forgotten;
  const std::lock_guard<std::mutex> hold(state.profile_change);
  const std::shared_ptr<const Profiles> known = state.profiles.load();
  const Profile* profile = known->find(id);
  if (profile == nullptr) return no_profile(id);
  return state.change_profiles(Kind::kProfileDelete, *profile);
}

}  // namespace tvcore
