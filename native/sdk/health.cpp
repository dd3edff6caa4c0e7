#include "brain.hpp"

static_assert(TVB_FAULT_PROFILES_LOST == tvcore::kFaultProfilesLost &&
                  TVB_FAULT_PROFILES_OLD == tvcore::kFaultProfilesOld &&
                  TVB_FAULT_SNAPSHOT == tvcore::kFaultSnapshot &&
                  TVB_FAULT_PACK == tvcore::kFaultPack &&
                  TVB_FAULT_JOURNAL == tvcore::kFaultJournal &&
                  TVB_FAULT_GAP == tvcore::kFaultGap && TVB_FAULT_TORN == tvcore::kFaultTorn,
              "the header's faults are the engine's");

namespace tvsdk {

namespace {

void give_learning(const Learning::State& state, tvb_health_info* info) {
  info->learning = state.learning;
  give_text(info->learning_detail, state.detail);
  if (state.detail.empty()) return;
  info->faults |= TVB_FAULT_LEARNER;
  if (info->detail[0] == '\0') give_text(info->detail, state.detail);
  if (info->mode == TVB_MODE_FULL && state.learning == TVB_LEARNING_FAILED) {
    info->mode = TVB_MODE_NO_LEARNING;
  }
}

}  // namespace

}  // namespace tvsdk

extern "C" int32_t tvb_health(tvb_brain* brain, tvb_health_info* out) {
  return tvsdk::with_engine(brain, [&](tvcore::Engine& engine) {
    const tvcore::EngineHealth health = engine.health();
    tvb_health_info info{};
    info.mode = static_cast<int32_t>(health.mode);
    info.faults = health.faults;
    info.learner = health.learner ? 1 : 0;
    info.journal_id = health.journal_id;
    info.last_seq = health.last_seq;
    info.synced_seq = health.synced_seq;
    info.learned_seq = health.learned_seq;
    info.floor_seq = health.floor_seq;
    info.checkpoint_seq = health.checkpoint_seq;
    info.snapshot_generation = health.snapshot_generation;
    info.journal_bytes = health.journal_bytes;
    info.erasure_epoch = health.erasure_epoch;
    info.erased_epoch = health.erased_epoch;
    info.pack_hash = health.pack_hash;
    info.segments = health.segments;
    info.packs = health.packs;
    info.items = health.items;
    info.profiles = health.profiles;
    info.observes = health.observes;
    info.recommends = health.recommends;
    tvsdk::give_text(info.detail, health.detail);
    if (brain->learning != nullptr) {
      tvsdk::give_learning(brain->learning->state(), &info);
    } else {
      tvsdk::give_text(info.learning_detail, brain->not_learning);
    }
    return tvsdk::give_struct(info, "health", out);
  });
}
