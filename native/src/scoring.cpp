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
  Terms moves{};
  if (historic_ && request_.exploration != nullptr) {
    moves = deviations_q20(*request_.exploration, view_.profile(), request_.screen_token, 0);
  }
  for (size_t t = 0; t < kTerms; ++t) sampled_q20_[t] = weights_[t] * 256 + moves[t];
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
  query_count_ = 0;
  liked_count_ = 0;
  const size_t patterns = std::exchange(pattern_count_, 0);  // of the whole history alone
  if (state_.nearness.has_vector(slot)) {
    liked_[0] = slot;
    liked_q12_[0] = kWholeQ12;
    liked_count_ = 1;
  }
  scan_text();
  mix();
  pattern_count_ = patterns;
}

void Scoring::gather_liked() {
  liked_count_ = 0;
  if (!counts(kTermText)) return;
  Falling weight(kTenthHalfQ30);
  for (uint32_t place : view_.recent()) {
    if (liked_count_ == kMeanOf) break;
    const uint32_t slot = view_.titles()[place].slot;
    if (!state_.nearness.has_vector(slot)) continue;
    liked_[liked_count_] = slot;
    liked_q12_[liked_count_++] = static_cast<uint32_t>(weight.next_q12());
  }
}

void Scoring::gather_queries() {
  query_count_ = 0;
  if (!counts(kTermNearest)) return;
  const auto add = [this](const QueryVector& query, uint32_t slot) {
    queries_[query_count_] = {query.row, query.scale_q30, 0};
    query_slots_[query_count_++] = slot;
  };
  for (const QueryVector& interest : view_.interests()) {
    if (query_count_ < kNearestOf) add(interest, kNone);
  }
  for (uint32_t place : view_.recent()) {
    if (query_count_ == kNearestOf) break;
    const uint32_t slot = view_.titles()[place].slot;
    if (state_.nearness.has_vector(slot)) add(state_.nearness.vector(slot), slot);
  }
}

void Scoring::gather_patterns() {
  pattern_count_ = 0;
  if (!counts(kTermPattern)) return;
  const uint32_t weekday = weekday_of(request_.rules.at_ms, request_.utc_offset_min);
  for (const HistoryView::Pattern& one : view_.patterns()) {
    if (pattern_count_ == kPatternsOf) break;
    if (one.holds(daypart_, weekday)) patterns_[pattern_count_++] = one.query;
  }
}

bool Scoring::mean_without(uint32_t slot, MeanVector* out) const {
  std::array<uint32_t, kMeanOf> slots, weights;
  size_t count = 0;
  for (size_t i = 0; i < liked_count_; ++i) {
    if (liked_[i] == slot) continue;
    slots[count] = liked_[i];
    weights[count++] = liked_q12_[i];
  }
  return count != 0 && state_.nearness.mean_of(slots.data(), weights.data(), count, out);
}

// Scores::text is TEXT; Scores::cf, which is 0 where a title is cold, is NEAREST there.
void Scoring::scan_text() {
  int32_t* const cf = scores().cf.data();
  int32_t* const text = scores().text.data();
  MeanVector mean;
  const bool liked = mean_without(kNone, &mean);
  const QueryVector query = mean.query();
  const uint64_t* eligible = scratch_.eligible.data();
  scratch_.cold = scratch_.eligible;
  bitmap_and(scratch_.cold.data(), state_.cold_bits.data(), state_.stack->slots());
  if (pattern_count_ != 0) std::fill(scratch_.pattern.begin(), scratch_.pattern.end(), 0);
  state_.nearness.scan_centred(
      liked ? &query : nullptr, eligible, text,
      {{queries_.data(), query_count_, scratch_.cold.data(), cf},
       {patterns_.data(), pattern_count_, eligible, scratch_.pattern.data()}});
  // A title is not near to itself.
  for (size_t i = 0; i < liked_count_; ++i) {
    const uint32_t slot = liked_[i];
    if (bitmap_test(eligible, slot)) text[slot] = text_alone(slot);
  }
  for (size_t q = 0; q < query_count_; ++q) {
    const uint32_t slot = query_slots_[q];
    if (slot != kNone && bitmap_test(scratch_.cold.data(), slot)) cf[slot] = nearest_alone(slot);
  }
}

int32_t Scoring::text_alone(uint32_t slot) const {
  MeanVector mean;
  if (!state_.nearness.has_vector(slot) || !mean_without(slot, &mean)) return 0;
  return cut(state_.nearness.centred_q20(mean.query(), slot), kOneQ20);
}

int32_t Scoring::nearest_alone(uint32_t slot) const {
  if (state_.cold[slot] == 0 || !state_.nearness.has_vector(slot)) return 0;
  int32_t best = 0;
  for (size_t q = 0; q < query_count_; ++q) {
    if (query_slots_[q] == slot) continue;
    best = std::max(best, state_.nearness.centred_q20(queries_[q], slot));
  }
  return std::min(best, kOneQ20);
}

int32_t Scoring::pattern_alone(uint32_t slot) const {
  int32_t best = 0;
  if (!state_.nearness.has_vector(slot)) return best;
  for (size_t q = 0; q < pattern_count_; ++q) {
    best = std::max(best, state_.nearness.centred_q20(patterns_[q], slot));
  }
  return std::min(best, kOneQ20);
}

void Scoring::sum_kinds() {
  if (!historic_) {
    std::fill(scratch_.by_kind.begin(), scratch_.by_kind.end(), 0);
    return;
  }
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
  sum_kinds();
  const int32_t* const popular = popularities();
  const uint32_t slots = state_.stack->slots();
  for (uint32_t first = 0; first < slots; first += 64) {
    const uint32_t end = std::min(first + 64, slots);
    const uint64_t eligible = scratch_.eligible[first / 64];
    if (popular == nullptr) {
      mix_block<false>(first, end, eligible, popular);
    } else {
      mix_block<true>(first, end, eligible, popular);
    }
  }
  if (!historic_) return;
  if (counts(kTermFresh)) add_added();
  if (pattern_count_ != 0) add_patterns();
  std::vector<int32_t>& score = scores().score;
  for (const Title& title : view_.titles()) {
    if (title.impressions == 0) continue;
    score[title.slot] += part_q20(
        kTermFatigue, fatigue_q20(title.impressions, title.impression_min, request_.rules.at_ms));
  }
}

// Scores the slots of one word of the bitmap that are set in it; others may be scored too.
template <bool by_popularity>
void Scoring::mix_block(uint32_t first, uint32_t end, uint64_t eligible, const int32_t* popular) {
  // Locals, because stores to the scores might change any member for all that the compiler knows.
  const int8_t* const is_cold = state_.cold.data();
  const uint32_t* const kind_of = state_.kind_of.data();
  const int32_t* const by_kind = scratch_.by_kind.data();
  const int32_t* const cf_of = scores().cf.data();
  const int32_t* const text_of = scores().text.data();
  int32_t* const score_of = scores().score.data();
  const int32_t unknown = unknown_q8_;
  const int32_t of_cf = sampled_q20_[kTermCf], of_text = sampled_q20_[kTermText];
  const int32_t of_popularity = sampled_q20_[kTermPopularity];
  const int32_t instead = sampled_q20_[kTermNearest] - of_cf;
  const auto part = [](int32_t weight_q20, int32_t value_q20) {
    return static_cast<int32_t>((static_cast<int64_t>(weight_q20) * value_q20) >> 20);
  };
  const auto score = [=](uint32_t slot) {
    const int32_t cold = is_cold[slot];
    int32_t sum = part(of_cf + (instead & cold), cf_value(cf_of[slot], cold)) +
                  part(of_text, cut(text_of[slot], kOneQ20)) + by_kind[kind_of[slot]];
    if (by_popularity) sum += part(of_popularity, (popular[slot] * unknown) >> 8);
    score_of[slot] = sum;
  };
  if (count_bits(eligible) > kFewInWord) {
    for (uint32_t slot = first; slot < end; ++slot) score(slot);
  } else {
    for (; eligible != 0; eligible &= eligible - 1) score(first + lowest_bit(eligible));
  }
}

void Scoring::add_patterns() {
  std::vector<int32_t>& score = scores().score;
  bitmap_for_each(scratch_.eligible.data(), state_.stack->slots(), [&](size_t at) {
    const auto slot = static_cast<uint32_t>(at);
    score[slot] += part_q20(kTermPattern, pattern(slot));
  });
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
  const int32_t genre = daypart_genre(genres);
  return genre < 0 ? 0 : affinities_.q12[static_cast<size_t>(genre)] * 256;
}

int32_t Scoring::fatigue(uint32_t slot) const {
  const Title* title = view_.find(slot);
  if (title == nullptr || title->impressions == 0) return 0;
  return fatigue_q20(title->impressions, title->impression_min, request_.rules.at_ms);
}

}  // namespace tvcore
