// The addends of a score: their order, weights and values (docs/ranking.md). All integers: values and scores are Q20,
// weights Q12, so that every chip and every kernel gives the same slate.
#pragma once

#include <array>
#include <cstdint>

#include "tvcore/hash.hpp"
#include "tvcore/snapshot.hpp"

namespace tvcore {

// Equal to TVB_TERM_* of the header; kTerms is their number.
enum Term : uint32_t {
  kTermCf,
  kTermText,
  kTermPattern,
  kTermPopularity,
  kTermFresh,
  kTermDaypart,
  kTermFatigue,
  kTermExplore,
  kTermEra,
  kTermGenre,
  kTermNearest,
  kTermChannel,
};

using Terms = std::array<int32_t, kTerms>;    // Q20
using Weights = std::array<int32_t, kTerms>;  // Q12

constexpr Weights kDefaultWeights = {4096, 100, 0, 50, 30, 100, 250, 0, 0, 0, 0, 0};

// Every value is cut to +-16 and every weight to +-4, so that no term passes 2^26 and no sum of them 2^29.
constexpr int32_t kValueLimitQ20 = 1 << 24;
constexpr int32_t kWeightLimitQ12 = 1 << 14;

constexpr int32_t cut(int32_t value, int32_t limit) {
  return value > limit ? limit : value < -limit ? -limit : value;
}
// (weight x value) >> 12, rounded down; both already cut.
constexpr int32_t term_q20(int32_t weight_q12, int32_t value_q20) {
  return static_cast<int32_t>((static_cast<int64_t>(weight_q12) * value_q20) >> 12);
}
Weights cut_weights(const Weights& weights);
// Values as they are remembered with a place that was shown: rounded down, and cut to what 16 bits hold.
std::array<int16_t, kTerms> values_q12(const Terms& values_q20);

// What a positive event counts after `titles` further ones, Q12: a half every 20 titles; 0 from 1,024 on.
int32_t decay_q12(uint32_t titles);

// How new a title is at `at_ms`: 1 on the day it was added, falling to 0 after 60 days; where the day is unknown, 1/2 in
// the year of its release and before, 1/4 in the next. Holds what depends on `at_ms` alone.
class Freshness {
 public:
  explicit Freshness(int64_t at_ms);
  // One number a title that decides it; `none` where nothing is known.
  static int32_t encode(int32_t added_day, uint16_t year);
  static constexpr int32_t none = INT32_MIN;
  int32_t value_q20(int32_t code) const;
  // Every code outside these two ranges (both ends included) has value 0.
  struct Codes {
    int32_t from, to;
  };
  Codes fresh_days() const;
  Codes fresh_years() const;

 private:
  int32_t today_, year_;
};

// Minus the share of 8 impressions without a reaction, halved every 3 days since the last; 0 down to -2^20.
int32_t fatigue_q20(uint32_t impressions, uint32_t impression_min, int64_t at_ms);

// 4 x (1 on Saturday and Sunday) + local hour / 6.
uint32_t daypart_of(int64_t at_ms, int32_t utc_offset_min);

// Days since 1970-01-01, rounded down, and the year (Gregorian) of such a day.
int32_t day_of(int64_t at_ms);
int32_t year_of(int32_t day);

// What orders titles of equal score before their keys do: another order every screen, the same within one.
uint64_t tie_of(uint64_t screen_token, Key key);

}  // namespace tvcore
