// profiles.tvp and the journal's profile records for Python.
#include <cstring>
#include <string>

#include "last_error.hpp"
#include "text_binding.hpp"
#include "tvcore/fold.hpp"
#include "tvcore/profiles.hpp"
#include "tvn.h"

using tvcore::Profile;
using tvcore::Status;

static_assert(TVB_MAX_PROFILES == tvcore::kMaxProfiles, "the array of tvn_profiles_read");

namespace {

tvb_profile to_tvb(const Profile& from) {
  tvb_profile out{};
  out.struct_size = sizeof out;
  out.id = from.id;
  out.max_age = from.max_age;
  out.consent = from.consent;
  out.entitlement_count = static_cast<uint32_t>(from.entitlements.size());
  tvpy::put_text(from.region, out.region, sizeof out.region);
  tvpy::put_text(from.name, out.name, sizeof out.name);
  for (size_t i = 0; i < from.entitlements.size(); ++i) {
    tvpy::put_text(from.entitlements[i], out.entitlements[i], sizeof out.entitlements[i]);
  }
  return out;
}

}  // namespace

extern "C" int32_t tvn_profiles_read(const char* data_dir, tvn_profiles_info* info,
                                     tvb_profile* out, char* detail, uint32_t detail_capacity) {
  return tvsdk::guarded([&] {
    tvcore::Profiles profiles;
    tvcore::ProfilesState state;
    std::string text;
    const Status status = tvcore::load_profiles(data_dir, &profiles, &state, &text, false);
    if (!status.ok()) return tvsdk::result(status);
    *info = tvn_profiles_info{};
    info->generation = profiles.generation;
    info->erasure_epoch = profiles.erasure_epoch;
    info->journal_id = profiles.journal_id;
    info->next_id = profiles.next_id;
    info->count = static_cast<uint32_t>(profiles.all.size());
    info->state = static_cast<int32_t>(state);
    for (const Profile& profile : profiles.all) *out++ = to_tvb(profile);
    tvpy::put_text(text, detail, detail_capacity);
    return TVB_OK;
  });
}

extern "C" int32_t tvn_profile_change(const uint8_t* added, uint64_t size, uint64_t* generation,
                                      tvb_profile* out) {
  return tvsdk::guarded([&] {
    if (size < sizeof *generation) {
      return tvsdk::fail(TVB_E_CORRUPT, "profile record: no generation");
    }
    Profile profile;
    size_t used;
    const Status status =
        tvcore::decode_profile(added + sizeof *generation,
                               static_cast<size_t>(size - sizeof *generation), &profile, &used);
    if (!status.ok()) return tvsdk::result(status);
    std::memcpy(generation, added, sizeof *generation);
    *out = to_tvb(profile);
    return TVB_OK;
  });
}
