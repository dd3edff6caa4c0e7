#include "brain.hpp"

namespace tvsdk {

namespace {

Status take_profile(const tvb_profile* given, tvcore::Profile* out) {
  tvb_profile profile;
  Status status = take_struct(given, "profile", &profile);
  if (!status.ok()) return status;
  if (profile.max_age > 18) return Status(Code::kInvalid, "profile.max_age: not 0 to 18");
  if (profile.consent > 1) return Status(Code::kInvalid, "profile.consent: not 0 or 1");
  if (profile.entitlement_count > TVB_MAX_ENTITLEMENTS) {
    return Status(Code::kInvalid, "profile.entitlement_count: more than 16");
  }
  out->id = profile.id;
  out->max_age = static_cast<uint8_t>(profile.max_age);
  out->consent = static_cast<uint8_t>(profile.consent);
  status = take_text(profile.region, "profile.region", &out->region);
  if (status.ok()) status = take_text(profile.name, "profile.name", &out->name);
  for (uint32_t i = 0; status.ok() && i < profile.entitlement_count; ++i) {
    std::string provider;
    status = take_text(profile.entitlements[i], "profile.entitlements", &provider);
    out->entitlements.push_back(std::move(provider));
  }
  return status;
}

Status give_profile(const tvcore::Profile& profile, tvb_profile* out) {
  tvb_profile value{};
  value.id = profile.id;
  value.max_age = profile.max_age;
  value.consent = profile.consent;
  value.entitlement_count = static_cast<uint32_t>(profile.entitlements.size());
  give_text(value.region, profile.region);
  give_text(value.name, profile.name);
  for (size_t i = 0; i < profile.entitlements.size() && i < TVB_MAX_ENTITLEMENTS; ++i) {
    give_text(value.entitlements[i], profile.entitlements[i]);
  }
  return give_struct(value, "profile", out);
}

}  // namespace

}  // namespace tvsdk

extern "C" int32_t tvb_profile_create(tvb_brain* brain, tvb_profile* profile) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    tvcore::Profile taken;
    tvcore::Status status = tvsdk::take_profile(profile, &taken);
    if (status.ok()) status = engine.create_profile(&taken);
    if (status.ok()) profile->id = taken.id;
    return status;
  });
}

extern "C" int32_t tvb_profile_update(tvb_brain* brain, const tvb_profile* profile) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    tvcore::Profile taken;
    const tvcore::Status status = tvsdk::take_profile(profile, &taken);
    return status.ok() ? engine.update_profile(taken) : status;
  });
}

extern "C" int32_t tvb_profile_delete(tvb_brain* brain, uint32_t id) {
  return tvsdk::with_engine(brain,
                            [&](tvcore::Engine& engine) { return engine.delete_profile(id); });
}

extern "C" int32_t tvb_profile_get(tvb_brain* brain, uint32_t id, tvb_profile* out) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    const auto profiles = engine.profiles();
    const tvcore::Profile* found = profiles->find(id);
    if (found == nullptr) {
      return tvcore::Status(tvcore::Code::kNoProfile,
                            "profile: there is none with id " + std::to_string(id));
    }
    return tvsdk::give_profile(*found, out);
  });
}

extern "C" int32_t tvb_profile_find(tvb_brain* brain, const char* name, tvb_profile* out) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    if (name == nullptr) return tvcore::Status(tvcore::Code::kInvalid, "name: NULL");
    std::string wanted;
    const tvcore::Status status = tvsdk::take_text(name, TVB_NAME_SIZE, "name", &wanted);
    if (!status.ok()) return status;
    const auto profiles = engine.profiles();
    const tvcore::Profile* found = profiles->find(wanted);
    if (found == nullptr) {
      return tvcore::Status(tvcore::Code::kNoProfile,
                            std::string("profile: there is none named '") + wanted + "'");
    }
    return tvsdk::give_profile(*found, out);
  });
}

extern "C" int32_t tvb_profile_list(tvb_brain* brain, uint32_t* ids, uint32_t capacity,
                                    uint32_t* count) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    if (count == nullptr) return tvcore::Status(tvcore::Code::kInvalid, "count: NULL");
    const auto profiles = engine.profiles();
    *count = static_cast<uint32_t>(profiles->all.size());
    if (capacity < *count || ids == nullptr) {
      return tvcore::Status(tvcore::Code::kBuffer, "ids: room for " + std::to_string(capacity) +
                                                       " of " + std::to_string(*count));
    }
    for (const tvcore::Profile& profile : profiles->all) *ids++ = profile.id;
    return tvcore::Status();
  });
}
