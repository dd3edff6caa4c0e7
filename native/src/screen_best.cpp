// Rows of the best titles: by the whole history, by one title, or by what everybody watches.
#include <algorithm>

#include "choice.hpp"
#include "exploration.hpp"
#include "reasons.hpp"
#include "screen_maker.hpp"
#include "tvcore/bitmap.hpp"
#include "tvcore/dot.hpp"

namespace tvcore {
namespace {

constexpr uint8_t kChildsProfile = 12;  // the highest age limit of a child's profile

// The bits of those values that are above 0.
uint64_t positive(const int32_t* values, size_t count) {
  return active_kernel().at_least(values, count, 1);
}

}  // namespace

void ScreenMaker::choose_best(const std::vector<int32_t>& scores, bool diverse, uint32_t k) {
  choose(state(), scoring_.request(), scores.data(), k, diverse ? &scoring_.taste() : nullptr,
         scratch_);
}

// Of what may still be taken only that: the rest is in Scratch::saved until give_back_unchosen(). `may(first, count)` has a
// bit for each of the slots from `first` on, at most a word of them.
template <class May>
void ScreenMaker::keep_only(const May& may) {
  scratch_.saved = scratch_.usable;
  const size_t slots = stack().slots();
  for (size_t first = 0; first < slots; first += kBlockRows) {
    uint64_t& word = scratch_.usable[first / kBlockRows];
    if (word != 0) word &= may(first, std::min(kBlockRows, slots - first));
  }
}

void ScreenMaker::give_back_unchosen() {
  scratch_.usable = scratch_.saved;
  for (uint32_t slot : scratch_.chosen) bitmap_reset(scratch_.usable.data(), slot);
}

bool ScreenMaker::top_picks() {
  begin();
  scoring_.score_history();
  take_first(scoring_, k_, &out_.picks);
  choose_best(scoring_.scores().score, true, k_ - static_cast<uint32_t>(count()));
  take_chosen(scoring_, &out_.picks);
  give_propensities(scoring_, true, out_.picks.data() + first_, count());
  for (uint32_t slot : scratch_.chosen) bitmap_reset(scratch_.usable.data(), slot);
  give_reasons(scoring_, out_.picks.data() + first_, count());
  return end(RowKind::kTopPicks);
}

bool ScreenMaker::new_for_you() {
  begin();
  scoring_.score_history();
  const Freshness freshness(scoring_.request().rules.at_ms);
  scratch_.saved = scratch_.usable;
  bitmap_clear(scratch_.usable.data(), stack().slots());
  for (const Freshness::Codes codes : {freshness.fresh_days(), freshness.fresh_years()}) {
    const auto& fresh = state().fresh;
    auto at = std::lower_bound(fresh.begin(), fresh.end(), std::make_pair(codes.from, uint32_t{0}));
    for (; at != fresh.end() && at->first <= codes.to; ++at) {
      const bool is_new = freshness.newness_q20(at->first) > 0;
      if (is_new && bitmap_test(scratch_.saved.data(), at->second)) {
        bitmap_set(scratch_.usable.data(), at->second);
      }
    }
  }
  choose_best(scoring_.scores().score, false, k_);
  take_chosen(scoring_, &out_.picks);
  give_propensities(scoring_, false, out_.picks.data() + first_, count());
  give_back_unchosen();
  for (size_t i = first_; i < out_.picks.size(); ++i) out_.picks[i].reason = Reason::kNew;
  return end(RowKind::kNew);
}

bool ScreenMaker::in_use_by_children() const {
  if (scoring_.request().rules.max_age <= kChildsProfile) return true;
  const std::vector<Title>& titles = scoring_.view().titles();
  return std::any_of(titles.begin(), titles.end(), [&](const Title& title) {
    return title.strength_q12 > 0 && bitmap_test(state().for_children.data(), title.slot);
  });
}

bool ScreenMaker::kids() {
  begin();
  const size_t slots = stack().slots();
  if (!bitmap_any(state().for_children.data(), slots) || !in_use_by_children()) return false;
  scoring_.score_history();
  scratch_.saved = scratch_.usable;
  bitmap_and(scratch_.usable.data(), state().for_children.data(), slots);
  choose_best(scoring_.scores().score, false, k_);
  take_chosen(scoring_, &out_.picks);
  give_propensities(scoring_, false, out_.picks.data() + first_, count());
  give_back_unchosen();
  give_reasons(scoring_, out_.picks.data() + first_, count());
  return end(RowKind::kKids);
}

// Of the free titles what is like `slot`, of which `may` holds once scores are known; slot and its group are left out,
// and stay free for the rows that follow.
template <class May>
void ScreenMaker::choose_like(uint32_t slot, const May& may) {
  scoring_.score_title(slot);
  const size_t groups = scratch_.groups.size();
  keep_only(may);
  leave_out(scoring_, slot);
  choose_best(scoring_.scores().score, false, k_);
  take_chosen(scoring_, &out_.picks);
  give_back_unchosen();
  if (stack().groups()[slot] != 0) {
    scratch_.groups.erase(scratch_.groups.begin() + static_cast<std::ptrdiff_t>(groups));
  }
}

bool ScreenMaker::because(uint32_t slot) {
  begin();
  const Scratch::Scores& scores = scratch_.other;
  choose_like(slot, [&scores](size_t first, size_t count) {
    return positive(scores.cf.data() + first, count) | positive(scores.text.data() + first, count);
  });
  for (size_t i = first_; i < out_.picks.size(); ++i) {
    Pick& pick = out_.picks[i];
    const bool watched = pick.terms_q20[kTermCf] >= pick.terms_q20[kTermText];
    pick.reason = watched ? Reason::kWatched : Reason::kSimilar;
    pick.reason_slot = slot;
  }
  return end(RowKind::kBecause, slot);
}

bool ScreenMaker::more_like(uint32_t slot) {
  begin();
  choose_like(slot, [](size_t, size_t) { return ~uint64_t{0}; });
  const uint32_t named = may_be_named(scoring_, slot) ? slot : kNone;
  for (size_t i = first_; i < out_.picks.size(); ++i) {
    out_.picks[i].reason = Reason::kQuery;
    out_.picks[i].reason_slot = named;
  }
  return end(RowKind::kMoreLikeThis, named);
}

// By one value alone, of each title that may be taken.
void ScreenMaker::take_by_value(const int32_t* values, Reason reason) {
  choose(state(), scoring_.request(), values, k_, nullptr, scratch_);
  give_back_unchosen();
  for (uint32_t slot : scratch_.chosen) {
    Pick pick = pick_of(scoring_, slot);
    Terms terms{};
    terms[kTermPopularity] = values[slot];
    set_terms(terms, &pick);
    pick.reason = reason;
    out_.picks.push_back(pick);
  }
}

bool ScreenMaker::popular() {
  begin();
  const int32_t* popularity = stack().popularity_q20();
  keep_only([&](size_t first, size_t count) { return positive(popularity + first, count); });
  take_by_value(popularity, Reason::kPopular);
  return end(RowKind::kPopular);
}

bool ScreenMaker::trending() {
  begin();
  const uint16_t region = scoring_.request().rules.region;
  Crowd::Counts counts = state().crowd.counts(region, kAnyDaypart, kRecent);
  if (counts.begin == counts.end) counts = state().crowd.counts(0, kAnyDaypart, kRecent);
  if (counts.begin == counts.end) return false;
  scratch_.saved = scratch_.usable;
  bitmap_clear(scratch_.usable.data(), stack().slots());
  std::vector<int32_t>& values = scratch_.other.score;
  for (const Crowd::Count* one = counts.begin; one != counts.end; ++one) {
    if (!bitmap_test(scratch_.saved.data(), one->slot)) continue;
    bitmap_set(scratch_.usable.data(), one->slot);
    values[one->slot] = one->value_q20;
  }
  take_by_value(values.data(), Reason::kTrending);
  return end(RowKind::kTrending);
}

}  // namespace tvcore
