// Answering: take the world and the profile's view as they are now, rank without a lock, remember what was shown.
#include <algorithm>
#include <string>
#include <utility>

#include "engine_state.hpp"
#include "tvcore/normal.hpp"
#include "tvcore/prior.hpp"

namespace tvcore {

namespace {

// Working memory for one call, given back at its end.
class Borrowed {
 public:
  explicit Borrowed(ScratchPool* pool) : pool_(pool), scratch_(pool->take()) {}
  ~Borrowed() { pool_->give(std::move(scratch_)); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  Scratch& operator*() { return *scratch_; }

 private:
  ScratchPool* pool_;
  std::unique_ptr<Scratch> scratch_;
};

// Everything that one call reads, taken once so that it does not change under the call.
struct Call {
  std::shared_ptr<const World> world;
  std::shared_ptr<const HistoryView> view;
  Request request;
};

// Where the history cannot be used, what was last shown by it comes first; it passes every filter anew.
void fall_back(const Engine::State& state, uint32_t profile, LiveProfile* live, Call* call) {
  bool unusable = state.history_lost || state.pack_damaged;
  if (!unusable && (state.faults & kFaultPack) != 0) {
    const LiveProfile::Known known = live->known(call->world);
    unusable = known.liked && !known.resolved;
  }
  if (!unusable) return;
  call->request.first = call->world->last_good(profile);
  call->request.plain = state.pack_damaged;
  call->request.exploration = nullptr;
}

Status take_call(Engine::State* state, const Ask& ask, Call* out) {
  if (ask.k < 1 || ask.k > kMaxK) {
    return Status(Code::kInvalid,
                  "k: " + std::to_string(ask.k) + " is not 1 to " + std::to_string(kMaxK));
  }
  const std::shared_ptr<const Profiles> profiles = state->profiles.load();
  const Profile* profile = profiles->find(ask.profile);
  if (profile == nullptr && !state->profiles_lost) {
    return Status(Code::kNoProfile,
                  "profile: there is none with id " + std::to_string(ask.profile));
  }
  Profile lost;  // of whom nothing is known: nothing above age 0
  lost.id = ask.profile;
  lost.max_age = 0;
  if (state->profiles_lost) profile = &lost;

  out->world = state->world.load();
  std::shared_ptr<LiveProfile> live = state->live.find(ask.profile);
  // Any number may be asked for while the profiles are lost: those without a history share an empty one.
  if (live == nullptr) live = state->live.get(profile == &lost ? 0 : ask.profile);
  out->view = live->view(out->world);
  const int64_t at_ms =
      clamp_at_ms(ask.at_ms != 0 ? ask.at_ms : state->now_or_later_ms(*out->world));
  out->request.rules = make_rules(*profile, *out->world->stack, ask.region, ask.genre, at_ms);
  out->request.utc_offset_min = ask.has_offset ? ask.utc_offset_min : 0;
  out->request.k = ask.k;
  out->request.screen_token = ask.screen_token;
  out->request.weights_q12 = out->world->stack->prior().mean_q12;
  const Snapshot* snapshot = out->world->snapshot.get();
  if (snapshot != nullptr && snapshot->diversity_q12 != 0) {
    out->request.diversity_q12 = static_cast<int32_t>(snapshot->diversity_q12);
  }
  for (const uint32_t of : {ask.profile, uint32_t{0}}) {
    const Learned* learned = out->world->learned(of);
    if (learned != nullptr && learned->has_weights) {
      out->request.weights_q12 = learned->weights_q12;
      if (learned->explores) out->request.exploration = &learned->exploration;
      break;
    }
  }
  fall_back(*state, ask.profile, live.get(), out);
  return Status();
}

}  // namespace

// A set without a clock battery boots in 1970, when no window was open. Until the clock is trusted it is at least as
// late as the newest pack was built.
int64_t Engine::State::now_or_later_ms(const World& of) const {
  int64_t now = now_ms();
  if (clock_trusted) return now;
  for (const std::shared_ptr<const Pack>& pack : of.stack->packs()) {
    const int64_t built_s = std::clamp<int64_t>(pack->built_at(), 0, kLastMs / 1000);
    now = std::max(now, built_s * 1000);
  }
  return now;
}

namespace {

ShownPlaces shown(const Stack& stack, const Pick* picks, size_t count) {
  ShownPlaces out;
  out.places.reserve(count);
  const bool valued = count != 0 && picks[0].by_history;
  if (valued) out.values_q12.reserve(count * kTerms);
  for (size_t i = 0; i < count; ++i) {
    const Pick& pick = picks[i];
    out.places.push_back({stack.keys()[pick.slot], pick.propensity_q16});
    if (valued) {
      out.values_q12.insert(out.values_q12.end(), pick.values_q12.begin(), pick.values_q12.end());
    }
  }
  return out;
}

void finish(Engine::State* state, const Call& call, const Ask& ask, Answer* out) {
  out->stack = call.world->stack;
  out->slate_id = state->slates->next_id();
  state->slates->remember(out->slate_id, ask.row,
                          shown(*out->stack, out->slate.picks.data(), out->slate.picks.size()));
}

}  // namespace

Status Engine::recommend(const Ask& ask, Answer* out) {
  State& state = *state_;
  Call call;
  const Status status = take_call(&state, ask, &call);
  if (!status.ok()) return status;
  Borrowed scratch(&state.scratch);
  call.world->ranker->recommend(*call.view, call.request, *scratch, &out->slate);
  finish(&state, call, ask, out);
  state.recommends.fetch_add(1, std::memory_order_relaxed);
  return status;
}

Status Engine::rows(const Ask& ask, uint32_t row_limit, ScreenAnswer* out) {
  State& state = *state_;
  Call call;
  const Status status = take_call(&state, ask, &call);
  if (!status.ok()) return status;
  if (!ask.item.empty()) {
    call.request.like = call.world->stack->find(key_of(ask.item));
    if (call.request.like == kNone) {
      return Status(Code::kNoItem, "item: no pack knows '" + ask.item + "'");
    }
  }
  Borrowed scratch(&state.scratch);
  tvcore::rows(*call.world->ranker, *call.view, call.request, row_limit, *scratch, &out->screen);
  out->stack = call.world->stack;
  out->slate_id = state.slates->next_id();
  for (size_t i = 0; i < out->screen.rows.size(); ++i) {
    const Row& row = out->screen.rows[i];
    state.slates->remember(out->slate_id, static_cast<uint32_t>(i),
                           shown(*out->stack, out->screen.picks.data() + row.first, row.count),
                           static_cast<uint32_t>(row.kind));
  }
  state.recommends.fetch_add(1, std::memory_order_relaxed);
  return status;
}

Status Engine::similar(const std::string& item, const Ask& ask, Answer* out) {
  State& state = *state_;
  Call call;
  const Status status = take_call(&state, ask, &call);
  if (!status.ok()) return status;
  const uint32_t slot = call.world->stack->find(key_of(item));
  if (slot == kNone) return Status(Code::kNoItem, "item: no pack knows '" + item + "'");
  Borrowed scratch(&state.scratch);
  call.world->ranker->similar(*call.view, slot, call.request, *scratch, &out->slate);
  finish(&state, call, ask, out);
  return status;
}

Status Engine::search(const std::string& text, const MeaningVector* meaning, const Ask& ask,
                      Answer* out) {
  State& state = *state_;
  Call call;
  const Status status = take_call(&state, ask, &call);
  if (!status.ok()) return status;
  Borrowed scratch(&state.scratch);
  const Stack& stack = *call.world->stack;
  const bool fits = meaning != nullptr && stack.space_id() != 0 &&
                    meaning->space_id == stack.space_id() &&
                    meaning->dimension == stack.dimension();
  call.world->ranker->search(*call.view, normal_form(text), fits ? &meaning->query : nullptr,
                             call.request, *scratch, &out->slate);
  finish(&state, call, ask, out);
  return status;
}

Status Engine::explain(const std::string& item, const Ask& ask, std::shared_ptr<const Stack>* stack,
                       Explanation* out) {
  State& state = *state_;
  Call call;
  const Status status = take_call(&state, ask, &call);
  if (!status.ok()) return status;
  const uint32_t slot = call.world->stack->find(key_of(item));
  if (slot == kNone) return Status(Code::kNoItem, "item: no pack knows '" + item + "'");
  Borrowed scratch(&state.scratch);
  call.world->ranker->explain(*call.view, slot, call.request, *scratch, out);
  *stack = call.world->stack;
  return status;
}

Status Engine::find_item(const std::string& item, std::shared_ptr<const Stack>* stack,
                         uint32_t* slot) const {
  const std::shared_ptr<const World> world = state_->world.load();
  *slot = world->stack->find(key_of(item));
  if (*slot == kNone) return Status(Code::kNoItem, "item: no pack knows '" + item + "'");
  *stack = world->stack;
  return Status();
}

}  // namespace tvcore
