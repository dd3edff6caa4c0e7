// One request's scores: the values of every term for every slot, and their sum (docs/ranking.md, "Terms").
#pragma once

#include <algorithm>
#include <array>

#include "audience.hpp"
#include "ranker_state.hpp"
#include "taste.hpp"

namespace tvcore {

// Weights of similar(): with the same values, of a history that holds the one title asked about.
constexpr Weights kSimilarWeights = {16384, 4096, 0, 100};
constexpr int32_t kWholeQ12 = 4096;
constexpr size_t kNearestOf = kMaxQueries - 1;    // queries of NEAREST: that of TEXT goes with them
constexpr size_t kPatternsOf = kMaxQueries;       // of those that hold, the first
constexpr size_t kTitlesAhead = kMaxQueries - 1;  // queries: that of TEXT goes with them
constexpr size_t kMeanOf = 10;  // recent titles with a vector, of which TEXT takes the mean

class Scoring {
 public:
  Scoring(const Ranker::State& state, const HistoryView& view, const Request& request,
          Scratch& scratch);

  // Scratch::eligible: what the rules admit and the history does not block.
  void filter(bool with_history);
  // Scores of every eligible slot, by the whole history or by one title alone. Those of the history stay: asked for
  // again, they are only turned back to.
  void score_history();
  void score_title(uint32_t slot);
  // Says, before score_history(), that score_title() of this slot is likely to follow, so that memory is passed over once
  // for both. More than kTitlesAhead are not heeded.
  void expect_title(uint32_t slot);
  // What score_history() does before it scores, for terms_alone() and what follows from that.
  void read_history();

  // Whether the scores are those by the whole history.
  bool by_history() const { return historic_; }
  Scratch::Scores& scores() const { return historic_ ? scratch_.history : scratch_.other; }
  // The terms of an eligible slot scored by one of the above, and what they are made of.
  Terms terms(uint32_t slot) const { return terms_of(values(slot)); }
  Terms values(uint32_t slot) const {
    return values(slot, scores().cf[slot], scores().text[slot], pattern(slot));
  }
  // The terms of a slot by what read_history() read.
  Terms terms_alone(uint32_t slot) const;
  // The same of a slot that is not eligible, once score_history() has gone through the weights of the whole history.
  Terms terms_beside(uint32_t slot) const;
  // The genre whose affinity the daypart's term of a slot is; -1 if none.
  int32_t daypart_genre(uint32_t slot) const { return daypart_genre(state_.stack->genres()[slot]); }

  int32_t watched_genre(uint32_t slot) const {
    return taste_.genre_of(state_, state_.stack->genres()[slot]);
  }
  bool is_new(uint32_t slot) const { return freshness_.newness_q20(state_.fresh_codes[slot]) > 0; }

  const Ranker::State& state() const { return state_; }
  const HistoryView& view() const { return view_; }
  const Request& request() const { return request_; }
  const Taste& taste() const { return taste_; }
  Scratch& scratch() const { return scratch_; }
  int32_t cf_weight() const { return weights_[kTermCf]; }

 private:
  // `cf`: of a cold title the value of NEAREST, which has the place that it leaves empty.
  Terms values(uint32_t slot, int32_t cf, int32_t text, int32_t pattern) const;
  int32_t pattern(uint32_t slot) const {
    return pattern_count_ == 0 ? 0 : std::clamp(scratch_.pattern[slot], 0, kOneQ20);
  }
  Terms terms_of(const Terms& values) const;
  void weigh();
  bool counts(Term term) const {
    return weights_[term] != 0 || (historic_ && request_.exploration != nullptr);
  }
  // What a value adds to the score.
  int32_t part_q20(Term term, int32_t value_q20) const {
    return static_cast<int32_t>((static_cast<int64_t>(sampled_q20_[term]) * value_q20) >> 20);
  }
  void count_history();  // the weights, and what else scores are made with beside values
  void gather_liked();
  void gather_queries();
  void gather_patterns();
  bool mean_without(uint32_t slot, MeanVector* out) const;  // kNone: of all
  bool title_alone(uint32_t slot, MeanVector* out) const;
  bool has_text();
  bool has_patterns();
  void scan_text();
  void scan_title(uint32_t slot);
  int32_t text_alone(uint32_t slot) const;
  int32_t nearest_alone(uint32_t slot) const;
  int32_t pattern_alone(uint32_t slot) const;
  // As far as it counts: by one title the popularity itself.
  int32_t popularity(uint32_t slot) const {
    const int32_t value =
        historic_ ? audience_.value_q20(slot) : state_.stack->popularity_q20()[slot];
    return (value * unknown_q8_) >> 8;
  }
  const int32_t* popularities();
  void sum_kinds();
  void mix();
  template <class Rest>
  void mix_with(const Rest& rest);
  void add_added();
  int32_t daypart_genre(uint64_t genres) const;
  int32_t daypart_value(uint64_t genres) const;
  int32_t fatigue(uint32_t slot) const;

  const Ranker::State& state_;
  const HistoryView& view_;
  const Request& request_;
  Scratch& scratch_;
  Weights weights_;
  Terms sampled_q20_{};  // the weights that scores are made with
  Terms moves_{};        // the draw that a history's are moved by
  Freshness freshness_;
  uint32_t daypart_;
  Audience audience_;
  const HistoryView::Affinities& affinities_;
  std::array<QueryVector, kNearestOf> queries_;
  std::array<uint32_t, kNearestOf> query_slots_;  // kNone for an interest
  size_t query_count_ = 0;                        // of NEAREST
  std::array<QueryVector, kPatternsOf> patterns_;
  size_t pattern_count_ = 0;
  std::array<uint32_t, kMeanOf> liked_;      // slots that TEXT is the mean of
  std::array<uint32_t, kMeanOf> liked_q12_;  // their weights
  size_t liked_count_ = 0;
  MeanVector mean_;           // of all of them
  bool liked_known_ = false;  // whether there is one
  std::array<uint32_t, kTitlesAhead>
      ahead_slots_{};  // whose TEXT is in Scratch::ahead; kNone once used
  size_t ahead_count_ = 0;
  Taste taste_;
  int32_t unknown_q8_ = 256;
  bool historic_ = true;
  bool history_scored_ = false;
};

}  // namespace tvcore
