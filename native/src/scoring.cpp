#include "scoring.hpp"

#include <algorithm>
#include <utility>

#include "exploration.hpp"
#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr size_t kFewInWord = 52;  // with more, scoring all 64 costs less than finding them

// The value of CF, or of a cold title that of NEAREST, which takes the place that CF leaves empty. `cold`: -1, else 0.
int32_t cf_value(int32_t value, int32_t cold) {
  const int32_t from = ~cold & -kValueLimitQ20;
  const int32_t to = cold != 0 ? kOneQ20 : kValueLimitQ20;
  return std::clamp(value, from, to);
}

// What a value adds to the score.
int32_t weighed_q20(int32_t weight_q20, int32_t value_q20) {
  return static_cast<int32_t>((static_cast<int64_t>(weight_q20) * value_q20) >> 20);
}

}  // namespace

Scoring::Scoring(const Ranker::State& state, const HistoryView& view, const Request& request,
                 Scratch& scratch)
    : state_(state),
      view_(view),
      request_(request),
      scratch_(scratch),
      freshness_(request.rules.at_ms),
      daypart_(daypart_of(request.rules.at_ms, request.utc_offset_min)),
      audience_(state, request.rules.region, daypart_),
      affinities_(view.affinities(daypart_)) {
  if (request.exploration != nullptr) {
    moves_ = deviations_q20(*request.exploration, view.profile(), request.screen_token, 0);
  }
  weigh();
  scratch.fit(*state.stack, state.eligibility.region_lists(),
              {state.genre_sets.size(), state.years.size(), state.kinds.size()},
              view.titles().size());
}

void Scoring::filter(bool with_history) {
  state_.eligibility.fill(request_.rules, scratch_.region_ok.data(), scratch_.eligible.data());
  if (with_history) {
    bitmap_andnot(scratch_.eligible.data(), view_.blocked(), state_.stack->slots());
  }
}

// The weights of the request, moved by its draw if it explores.
void Scoring::weigh() {
  weights_ = cut_weights(historic_ ? request_.weights_q12 : kSimilarWeights);
  if (request_.plain) {
    weights_ = Weights{};
    weights_[kTermPopularity] = kDefaultWeights[kTermPopularity];
  }
  for (size_t t = 0; t < kTerms; ++t) {
    sampled_q20_[t] = weights_[t] * 256 + (historic_ ? moves_[t] : 0);
  }
}

void Scoring::count_history() {
  historic_ = true;
  weigh();
  unknown_q8_ = unknown_q8(request_.plain ? 0 : view_.recent().size());
}

void Scoring::read_history() {
  count_history();
  taste_ = Taste(state_, view_);
  gather_liked();
  gather_queries();
  gather_patterns();
}

void Scoring::score_history() {
  if (history_scored_) {
    count_history();
    return;
  }
  history_scored_ = true;
  read_history();
  std::vector<int32_t>& cf = scores().cf;
  std::fill(cf.begin(), cf.end(), 0);
  if (counts(kTermCf)) {
    for (const Title& title : view_.titles()) {
      if (title.h_q12 != 0) state_.cowatch.add(title.slot, title.h_q12, cf.data());
    }
  }
  scan_text();
  mix();
}

void Scoring::score_title(uint32_t slot) {
  historic_ = false;
  weigh();
  unknown_q8_ = unknown_q8(0);
  std::vector<int32_t>& cf = scores().cf;
  std::fill(cf.begin(), cf.end(), 0);
  state_.cowatch.add(slot, kWholeQ12, cf.data());
  scan_title(slot);
  mix();
}

void Scoring::sum_kinds() {
  for (size_t s = 0; s < state_.genre_sets.size(); ++s) {
    const uint64_t genres = state_.genre_sets[s];
    scratch_.by_genres[s] = part_q20(kTermDaypart, daypart_value(genres)) +
                            part_q20(kTermGenre, taste_.genre_q20(genres));
  }
  for (size_t y = 0; y < state_.years.size(); ++y) {
    const uint16_t year = state_.years[y];
    scratch_.by_year[y] = part_q20(kTermEra, taste_.era_q20(year)) +
                          part_q20(kTermFresh, freshness_.by_year_q20(year));
  }
  for (size_t k = 0; k < state_.kinds.size(); ++k) {
    const Ranker::State::Kind& kind = state_.kinds[k];
    scratch_.by_kind[k] = scratch_.by_genres[kind.genre_set] + scratch_.by_year[kind.year];
  }
}

// By slot; null where popularity counts nothing.
const int32_t* Scoring::popularities() {
  if (unknown_q8_ == 0) return nullptr;
  if (!historic_ || !audience_.is_counted()) {
    return state_.stack->popularity_q20();
  }
  audience_.fill(scratch_.popular.data());
  return scratch_.popular.data();
}

// The sum of the terms that most titles have in one pass over the slots; then those that few have.
void Scoring::mix() {
  const int32_t* const popular = popularities();
  const int32_t unknown = unknown_q8_, of_popularity = sampled_q20_[kTermPopularity];
  const auto by_popularity = [=](uint32_t slot) {
    return weighed_q20(of_popularity, (popular[slot] * unknown) >> 8);
  };
  if (!historic_) {
    mix_with(by_popularity);
    return;
  }
  sum_kinds();
  const uint32_t* const kind_of = state_.kind_of.data();
  const int32_t* const of_kind = scratch_.by_kind.data();
  const auto by_kind = [=](uint32_t slot) { return of_kind[kind_of[slot]]; };
  const int32_t* const patterns = scratch_.pattern.data();
  const int32_t of_pattern = sampled_q20_[kTermPattern];
  const auto by_pattern = [=](uint32_t slot) {
    return weighed_q20(of_pattern, std::clamp(patterns[slot], 0, kOneQ20));
  };
  const bool counted = popular != nullptr, expected = pattern_count_ != 0;
  if (counted && expected) {
    mix_with([=](uint32_t slot) { return by_kind(slot) + by_popularity(slot) + by_pattern(slot); });
  } else if (counted) {
    mix_with([=](uint32_t slot) { return by_kind(slot) + by_popularity(slot); });
  } else if (expected) {
    mix_with([=](uint32_t slot) { return by_kind(slot) + by_pattern(slot); });
  } else {
    mix_with(by_kind);
  }
  if (counts(kTermFresh)) add_added();
  std::vector<int32_t>& score = scores().score;
  for (const Title& title : view_.titles()) {
    if (title.impressions == 0) continue;
    score[title.slot] += part_q20(
        kTermFatigue, fatigue_q20(title.impressions, title.impression_min, request_.rules.at_ms));
  }
}

// Scores the eligible slots by CF or NEAREST, TEXT and rest(slot); others may be scored too.
template <class Rest>
void Scoring::mix_with(const Rest& rest) {
  // Locals, because stores to the scores might change any member for all that the compiler knows.
  const int8_t* const is_cold = state_.cold.data();
  const int32_t* const cf_of = scores().cf.data();
  const int32_t* const text_of = scores().text.data();
  int32_t* const score_of = scores().score.data();
  const int32_t of_cf = sampled_q20_[kTermCf], of_text = sampled_q20_[kTermText];
  const int32_t instead = sampled_q20_[kTermNearest] - of_cf;
  const auto score = [=](uint32_t slot) {
    const int32_t cold = is_cold[slot];
    score_of[slot] = weighed_q20(of_cf + (instead & cold), cf_value(cf_of[slot], cold)) +
                     weighed_q20(of_text, cut(text_of[slot], kOneQ20)) + rest(slot);
  };
  const uint32_t slots = state_.stack->slots();
  for (uint32_t first = 0; first < slots; first += 64) {
    uint64_t eligible = scratch_.eligible[first / 64];
    if (count_bits(eligible) > kFewInWord) {
      const uint32_t end = std::min(first + 64, slots);
      for (uint32_t slot = first; slot < end; ++slot) score(slot);
    } else {
      for (; eligible != 0; eligible &= eligible - 1) score(first + lowest_bit(eligible));
    }
  }
}

// FRESH of what was added lately, where that is more than by its year.
void Scoring::add_added() {
  const Freshness::Codes codes = freshness_.fresh_days();
  auto at = std::lower_bound(state_.fresh.begin(), state_.fresh.end(),
                             std::make_pair(codes.from, uint32_t{0}));
  std::vector<int32_t>& score = scores().score;
  for (; at != state_.fresh.end() && at->first <= codes.to; ++at) {
    const uint16_t year = state_.year_of(at->second);
    score[at->second] += part_q20(kTermFresh, freshness_.value_q20(at->first, year)) -
                         part_q20(kTermFresh, freshness_.by_year_q20(year));
  }
}

Terms Scoring::values(uint32_t slot, int32_t cf, int32_t text, int32_t pattern) const {
  Terms values{};
  const bool cold = state_.cold[slot] != 0;
  const int32_t value = cf_value(cf, state_.cold[slot]);
  values[kTermCf] = cold ? 0 : value;
  values[kTermText] = cut(text, kOneQ20);
  values[kTermPopularity] = popularity(slot);
  if (historic_) {
    const uint64_t genres = state_.stack->genres()[slot];
    const uint16_t year = state_.year_of(slot);
    values[kTermPattern] = pattern;
    values[kTermFresh] = freshness_.value_q20(state_.fresh_codes[slot], year);
    values[kTermDaypart] = daypart_value(genres);
    values[kTermFatigue] = fatigue(slot);
    values[kTermEra] = taste_.era_q20(year);
    values[kTermGenre] = taste_.genre_q20(genres);
    values[kTermNearest] = cold ? value : 0;
  }
  return values;
}

// Each term by the learned weight; what the draw adds to them is EXPLORE.
Terms Scoring::terms_of(const Terms& values) const {
  Terms out{};
  int32_t explored = 0;
  for (uint32_t t = 0; t < kTerms; ++t) {
    out[t] = term_q20(weights_[t], values[t]);
    explored += part_q20(static_cast<Term>(t), values[t]) - out[t];
  }
  out[kTermExplore] += explored;
  return out;
}

Terms Scoring::terms_alone(uint32_t slot) const {
  const int32_t text = text_alone(slot), pattern = pattern_alone(slot);
  if (state_.cold[slot] != 0) return terms_of(values(slot, nearest_alone(slot), text, pattern));
  uint32_t cf = 0;
  for (const Title& title : view_.titles()) {
    if (title.h_q12 == 0) continue;
    cf += static_cast<uint32_t>(state_.cowatch.addend(title.slot, title.h_q12, slot));
  }
  return terms_of(values(slot, static_cast<int32_t>(cf), text, pattern));
}

Terms Scoring::terms_beside(uint32_t slot) const {
  const int32_t cf = state_.cold[slot] != 0 ? nearest_alone(slot) : scratch_.history.cf[slot];
  return terms_of(values(slot, cf, text_alone(slot), pattern_alone(slot)));
}

int32_t Scoring::daypart_genre(uint64_t genres) const {
  const std::vector<uint64_t>& hashes = state_.genre_hashes;
  int32_t best = -1;
  for (uint64_t left = genres & affinities_.genres; left != 0; left &= left - 1) {
    const auto g = static_cast<int32_t>(lowest_bit(left));
    const auto at = static_cast<size_t>(g);
    const auto best_at = static_cast<size_t>(best);
    if (best < 0 || affinities_.q12[at] > affinities_.q12[best_at] ||
        (affinities_.q12[at] == affinities_.q12[best_at] && hashes[at] < hashes[best_at])) {
      best = g;
    }
  }
  return best;
}

int32_t Scoring::daypart_value(uint64_t genres) const {
  uint64_t left = genres & affinities_.genres;
  if (left == 0) return 0;
  int32_t best = INT16_MIN;
  for (; left != 0; left &= left - 1) {
    best = std::max<int32_t>(best, affinities_.q12[lowest_bit(left)]);
  }
  return best * 256;
}

int32_t Scoring::fatigue(uint32_t slot) const {
  const Title* title = view_.find(slot);
  if (title == nullptr || title->impressions == 0) return 0;
  return fatigue_q20(title->impressions, title->impression_min, request_.rules.at_ms);
}

}  // namespace tvcore
