#include "scoring.hpp"

#include <algorithm>

#include "exploration.hpp"
#include "tvcore/bitmap.hpp"

namespace tvcore {

Scoring::Scoring(const Ranker::State& state, const HistoryView& view, const Request& request,
                 Scratch& scratch)
    : state_(state),
      view_(view),
      request_(request),
      scratch_(scratch),
      freshness_(request.rules.at_ms),
      affinities_(view.affinities(daypart_of(request.rules.at_ms, request.utc_offset_min))) {
  weigh();
  scratch.fit(*state.stack, state.eligibility.region_lists(), state.genre_sets.size(),
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
  Terms moves{};
  if (historic_ && request_.exploration != nullptr) {
    moves = deviations_q20(*request_.exploration, view_.profile(), request_.screen_token, 0);
  }
  for (size_t t = 0; t < kTerms; ++t) sampled_q20_[t] = weights_[t] * 256 + moves[t];
}

void Scoring::score_history() {
  historic_ = true;
  weigh();
  std::fill(scratch_.cf.begin(), scratch_.cf.end(), 0);
  if (counts(kTermCf)) {
    for (const Title& title : view_.titles()) {
      if (title.h_q12 != 0) state_.cowatch.add(title.slot, title.h_q12, scratch_.cf.data());
    }
  }
  gather_queries();
  scan_text();
  mix();
}

void Scoring::score_title(uint32_t slot) {
  historic_ = false;
  weigh();
  std::fill(scratch_.cf.begin(), scratch_.cf.end(), 0);
  state_.cowatch.add(slot, kWholeQ12, scratch_.cf.data());
  query_count_ = 0;
  if (state_.nearness.has_vector(slot)) {
    queries_[0] = state_.nearness.vector(slot);
    query_slots_[0] = slot;
    query_count_ = 1;
  }
  scan_text();
  mix();
}

void Scoring::gather_queries() {
  query_count_ = 0;
  if (!counts(kTermText)) return;
  for (const QueryVector& interest : view_.interests()) {
    queries_[query_count_] = interest;
    query_slots_[query_count_++] = kNone;
  }
  for (uint32_t place : view_.recent()) {
    if (query_count_ == kMaxQueries) break;
    const uint32_t slot = view_.titles()[place].slot;
    if (!state_.nearness.has_vector(slot)) continue;
    queries_[query_count_] = state_.nearness.vector(slot);
    query_slots_[query_count_++] = slot;
  }
}

void Scoring::scan_text() {
  state_.nearness.scan(queries_.data(), query_count_, scratch_.eligible.data(),
                       scratch_.text.data());
  // A title is not near to itself.
  for (size_t q = 0; q < query_count_; ++q) {
    if (query_slots_[q] != kNone) scratch_.text[query_slots_[q]] = text_alone(query_slots_[q]);
  }
}

int32_t Scoring::text_alone(uint32_t slot) const {
  if (!state_.nearness.has_vector(slot) || query_count_ == 0) return 0;
  int32_t best = 0;
  for (size_t q = 0; q < query_count_; ++q) {
    if (query_slots_[q] == slot) continue;
    best = std::max(best, Nearness::Probe(state_.nearness, queries_[q]).as_query_q20(slot));
  }
  return std::min(best, kOneQ20);
}

// The sum of the terms that most titles have in one pass over the slots; then those that few have.
void Scoring::mix() {
  const Stack& stack = *state_.stack;
  const uint32_t slots = stack.slots();
  const int32_t* popularity = stack.popularity_q20();
  const bool by_daypart = historic_ && affinities_.genres != 0 && counts(kTermDaypart);
  for (size_t s = 0; s < state_.genre_sets.size(); ++s) {
    scratch_.daypart[s] =
        by_daypart ? part_q20(kTermDaypart, daypart_value(state_.genre_sets[s])) : 0;
  }
  for (uint32_t first = 0; first < slots; first += 64) {
    const uint32_t end = std::min(first + 64, slots);
    if (scratch_.eligible[first / 64] == 0) {
      std::fill(scratch_.score.data() + first, scratch_.score.data() + end, 0);
      continue;
    }
    for (uint32_t slot = first; slot < end; ++slot) {
      scratch_.score[slot] = part_q20(kTermCf, cut(scratch_.cf[slot], kValueLimitQ20)) +
                             part_q20(kTermText, scratch_.text[slot]) +
                             part_q20(kTermPopularity, popularity[slot]) +
                             scratch_.daypart[state_.genre_set_of[slot]];
    }
  }
  if (counts(kTermFresh)) {
    const auto add = [&](Freshness::Codes codes) {
      auto at = std::lower_bound(state_.fresh.begin(), state_.fresh.end(),
                                 std::make_pair(codes.from, uint32_t{0}));
      for (; at != state_.fresh.end() && at->first <= codes.to; ++at) {
        scratch_.score[at->second] += part_q20(kTermFresh, freshness_.value_q20(at->first));
      }
    };
    add(freshness_.fresh_days());
    add(freshness_.fresh_years());
  }
  if (historic_) {
    for (const Title& title : view_.titles()) {
      if (title.impressions == 0) continue;
      scratch_.score[title.slot] += part_q20(
          kTermFatigue, fatigue_q20(title.impressions, title.impression_min, request_.rules.at_ms));
    }
  }
}

Terms Scoring::values(uint32_t slot, int32_t cf, int32_t text) const {
  Terms values{};
  values[kTermCf] = cut(cf, kValueLimitQ20);
  values[kTermText] = text;
  values[kTermPopularity] = state_.stack->popularity_q20()[slot];
  values[kTermFresh] = freshness_.value_q20(state_.fresh_codes[slot]);
  if (historic_) {
    values[kTermDaypart] = daypart_value(state_.stack->genres()[slot]);
    values[kTermFatigue] = fatigue(slot);
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
  Scoring copy(*this);
  copy.historic_ = true;
  copy.weigh();
  copy.gather_queries();
  uint32_t cf = 0;
  for (const Title& title : view_.titles()) {
    if (title.h_q12 == 0) continue;
    cf += static_cast<uint32_t>(state_.cowatch.addend(title.slot, title.h_q12, slot));
  }
  return copy.terms_of(copy.values(slot, static_cast<int32_t>(cf), copy.text_alone(slot)));
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
