// What a history says of genres and years: the values of GENRE and ERA (docs/ranking.md).
#pragma once

#include <array>

#include "ranker_state.hpp"

namespace tvcore {

constexpr size_t kErasOf = 30;  // recent titles with a year

class Taste {
 public:
  Taste() = default;  // of nobody: every value is 0
  Taste(const Ranker::State& state, const HistoryView& view);

  // The mean over the genres, 0 to 1; 0 for none.
  int32_t genre_q20(uint64_t genres) const;
  // The one of these genres that is watched most beyond what others watch, among equals the one whose name has the
  // smaller hash; -1 if none is watched.
  int32_t genre_of(const Ranker::State& state, uint64_t genres) const;
  int32_t era_q20(uint16_t year) const;
  // A genre's share of what is watched, 0 to 1, and whether there is any.
  int32_t share_q20(size_t genre) const { return share_q20_[genre]; }
  bool knows_genres() const { return knows_genres_; }

 private:
  struct Year {
    uint16_t year;
    int32_t weight_q12;
  };
  void read_genres(const Ranker::State& state, const HistoryView& view);
  void read_years(const Ranker::State& state, const HistoryView& view);

  std::array<int32_t, kMaxGenres> lift_q20_{}, share_q20_{};
  bool knows_genres_ = false;
  std::array<Year, kErasOf> years_{};
  size_t year_count_ = 0;
  int64_t years_q12_ = 0;  // the sum of their weights
};

// The share of each genre in what people watch, Q20: live titles with genres, by popularity, each split over its
// genres; every title counts the same where none has a popularity.
std::array<int32_t, kMaxGenres> genre_shares_q20(const Stack& stack);

}  // namespace tvcore
