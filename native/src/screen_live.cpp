// Rows of what is on the channels: now, and soon.
#include <algorithm>
#include <tuple>

#include "choice.hpp"
#include "exploration.hpp"
#include "screen_maker.hpp"
#include "tvcore/bitmap.hpp"
#include "tvcore/schedule.hpp"

namespace tvcore {
namespace {

constexpr int64_t kSoonMs = 2 * 3600 * 1000;
constexpr int32_t kLeastChannelWeight = 400;  // Q12

// Of several airings of one title the first is shown.
bool shown_before(const Scratch::OnAir& a, const Scratch::OnAir& b) {
  if (a.airing->slot != b.airing->slot) return a.airing->slot < b.airing->slot;
  if (a.channel_q12 != b.channel_q12) return a.channel_q12 > b.channel_q12;
  return std::tie(a.airing->start_ms, a.airing->channel_hash) <
         std::tie(b.airing->start_ms, b.airing->channel_hash);
}

}  // namespace

bool ScreenMaker::live_now() {
  const int64_t now = scoring_.request().rules.at_ms;
  return on_air(RowKind::kLiveNow, Reason::kLive, now - kLongestAiringMs, now);
}

bool ScreenMaker::starting_soon() {
  const int64_t now = scoring_.request().rules.at_ms;
  return on_air(RowKind::kStartingSoon, Reason::kSoon, now, now + kSoonMs);
}

bool ScreenMaker::on_air(RowKind kind, Reason reason, int64_t after_ms, int64_t until_ms) {
  begin();
  const Request& request = scoring_.request();
  const uint32_t daypart = daypart_of(request.rules.at_ms, request.utc_offset_min);
  std::vector<Scratch::OnAir>& on_air = scratch_.on_air;
  on_air.clear();
  const Schedule::Range range = state().schedule.starting(after_ms, until_ms);
  for (const Airing* one = range.begin; one != range.end; ++one) {
    if (one->end_ms <= request.rules.at_ms || !free(one->slot)) continue;
    on_air.push_back({one, scoring_.view().channel_q12(daypart, one->channel_hash)});
  }
  if (on_air.empty()) return false;
  std::sort(on_air.begin(), on_air.end(), shown_before);
  on_air.erase(std::unique(on_air.begin(), on_air.end(),
                           [](const Scratch::OnAir& a, const Scratch::OnAir& b) {
                             return a.airing->slot == b.airing->slot;
                           }),
               on_air.end());
  scoring_.score_history();
  const int32_t weight =
      std::max(kLeastChannelWeight, cut(request.weights_q12[kTermChannel], kWeightLimitQ12));
  const auto term = [weight](const Scratch::OnAir& one) {
    return term_q20(weight, one.channel_q12 * 256);
  };
  std::vector<int32_t>& score = scoring_.scores().score;
  scratch_.saved = scratch_.usable;
  bitmap_clear(scratch_.usable.data(), stack().slots());
  for (const Scratch::OnAir& one : on_air) {
    bitmap_set(scratch_.usable.data(), one.airing->slot);
    score[one.airing->slot] += term(one);
  }
  choose_best(score, false, k_);
  for (const Scratch::OnAir& one : on_air) score[one.airing->slot] -= term(one);
  give_back_unchosen();
  for (uint32_t slot : scratch_.chosen) {
    const auto one = std::lower_bound(
        on_air.begin(), on_air.end(), slot,
        [](const Scratch::OnAir& known, uint32_t wanted) { return known.airing->slot < wanted; });
    Terms terms = scoring_.terms(slot);
    terms[kTermChannel] = term(*one);
    Pick pick = pick_of(scoring_, slot);
    set_terms(terms, &pick);
    pick.reason = reason;
    pick.channel = state().schedule.channel(*one->airing);
    pick.start_ms = one->airing->start_ms;
    pick.end_ms = one->airing->end_ms;
    out_.picks.push_back(pick);
  }
  give_propensities(scoring_, false, out_.picks.data() + first_, count());
  return end(kind);
}

}  // namespace tvcore
