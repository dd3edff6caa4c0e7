// A score's values that descriptions decide: TEXT, NEAREST and PATTERN (docs/ranking.md).
#include <algorithm>
#include <cstring>
#include <utility>

#include "scoring.hpp"
#include "tvcore/bitmap.hpp"

namespace tvcore {

void Scoring::expect_title(uint32_t slot) {
  if (history_scored_ || ahead_count_ == kTitlesAhead) return;
  ahead_slots_[ahead_count_++] = slot;
}

void Scoring::gather_liked() {
  liked_count_ = 0;
  liked_known_ = false;
  if (!counts(kTermText)) return;
  Falling weight(kTenthHalfQ30);
  for (uint32_t place : view_.recent()) {
    if (liked_count_ == kMeanOf) break;
    const uint32_t slot = view_.titles()[place].slot;
    if (!state_.nearness.has_vector(slot)) continue;
    liked_[liked_count_] = slot;
    liked_q12_[liked_count_++] = static_cast<uint32_t>(weight.next_q12());
  }
  liked_known_ = mean_without(kNone, &mean_);
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

// Whether an earlier call has left TEXT of what is eligible: it is the same until other titles are liked.
bool Scoring::has_text() {
  std::vector<uint64_t>& question = scratch_.text_of.ask(state_.number);
  for (size_t i = 0; i < liked_count_; ++i) {
    question.push_back(uint64_t{liked_[i]} << 32 | liked_q12_[i]);
  }
  return scratch_.text_of.holds(scratch_.eligible);
}

// The same of PATTERN, as long as the same patterns hold; true where none does.
bool Scoring::has_patterns() {
  if (pattern_count_ == 0) return true;
  std::vector<uint64_t>& question = scratch_.pattern_of.ask(state_.number);
  const size_t bytes = state_.stack->dimension();
  const size_t words = (bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t);
  for (size_t q = 0; q < pattern_count_; ++q) {
    question.push_back(patterns_[q].scale_q30);
    question.resize(question.size() + words);
    std::memcpy(question.data() + question.size() - words, patterns_[q].row, bytes);
  }
  return scratch_.pattern_of.holds(scratch_.eligible);
}

// Scores::text is TEXT; Scores::cf, which is 0 where a title is cold, is NEAREST there. Titles that are expected are
// scanned for in the same pass over memory.
void Scoring::scan_text() {
  int32_t* const cf = scores().cf.data();
  std::vector<int32_t>& text = scores().text;
  const uint64_t* eligible = scratch_.eligible.data();
  scratch_.cold = scratch_.eligible;
  bitmap_and(scratch_.cold.data(), state_.cold_bits.data(), state_.stack->slots());
  Nearness::Asked asked{};
  std::array<MeanVector, kMaxQueries> means;
  std::array<QueryVector, kMaxQueries> each;
  const auto ask = [&](const MeanVector& mean, std::vector<int32_t>* values) {
    each[asked.each_count] = mean.query();
    asked.each_values[asked.each_count++] = values->data();
  };
  const bool text_there = has_text(), patterns_there = has_patterns();
  if (!text_there) {
    scratch_.text_of.forget();
    if (liked_known_) {
      ask(mean_, &text);
    } else {
      std::fill(text.begin(), text.end(), 0);
    }
  }
  if (!patterns_there) {
    scratch_.pattern_of.forget();
    asked.of_eligible.queries = patterns_.data();
    asked.of_eligible.count = pattern_count_;
  }
  asked.of_eligible.values = scratch_.pattern.data();
  for (size_t i = 0; i < ahead_count_; ++i) {
    std::vector<int32_t>& values = scratch_.ahead[i];
    values.resize(text.size());
    if (title_alone(ahead_slots_[i], &means[i])) {
      ask(means[i], &values);
    } else {
      std::fill(values.begin(), values.end(), 0);
    }
  }
  asked.eligible = eligible;
  asked.each = each.data();
  asked.of_some = {queries_.data(), query_count_, cf};
  asked.some = scratch_.cold.data();
  state_.nearness.scan_centred(asked);
  // A title is not near to itself.
  for (size_t i = 0; !text_there && i < liked_count_; ++i) {
    const uint32_t slot = liked_[i];
    if (bitmap_test(eligible, slot)) text[slot] = text_alone(slot);
  }
  if (!text_there) scratch_.text_of.keep(scratch_.eligible);
  if (!patterns_there) scratch_.pattern_of.keep(scratch_.eligible);
  for (size_t q = 0; q < query_count_; ++q) {
    const uint32_t slot = query_slots_[q];
    if (slot != kNone && bitmap_test(scratch_.cold.data(), slot)) cf[slot] = nearest_alone(slot);
  }
}

bool Scoring::title_alone(uint32_t slot, MeanVector* out) const {
  const auto weight = static_cast<uint32_t>(kWholeQ12);
  return state_.nearness.has_vector(slot) && state_.nearness.mean_of(&slot, &weight, 1, out);
}

// Scores::text is TEXT of a history of this title alone.
void Scoring::scan_title(uint32_t slot) {
  std::vector<int32_t>& text = scores().text;
  const auto from = ahead_slots_.begin(), to = from + static_cast<std::ptrdiff_t>(ahead_count_);
  const auto known = history_scored_ ? std::find(from, to, slot) : to;
  if (known != to) {
    *known = kNone;  // what is there now is another's
    text.swap(scratch_.ahead[static_cast<size_t>(known - from)]);
  } else if (MeanVector mean; title_alone(slot, &mean)) {
    const QueryVector query = mean.query();
    Nearness::Asked asked{};
    asked.eligible = asked.some = scratch_.eligible.data();
    asked.each = &query;
    asked.each_count = 1;
    asked.each_values = {text.data()};
    asked.of_eligible.values = asked.of_some.values = text.data();
    state_.nearness.scan_centred(asked);
  } else {
    std::fill(text.begin(), text.end(), 0);
  }
  text[slot] = 0;  // it is not near to itself
}

int32_t Scoring::text_alone(uint32_t slot) const {
  if (!state_.nearness.has_vector(slot)) return 0;
  const auto end = liked_.begin() + static_cast<std::ptrdiff_t>(liked_count_);
  if (std::find(liked_.begin(), end, slot) == end) {
    return liked_known_ ? cut(state_.nearness.centred_q20(mean_.query(), slot), kOneQ20) : 0;
  }
  MeanVector mean;
  if (!mean_without(slot, &mean)) return 0;
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

}  // namespace tvcore
