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

constexpr int32_t kDefaultDiversity = 100;
constexpr Weights kDefaultWeights = {4096, 492, 4096, 250, 164, 100, 250, 0, 205, 205, 20, 0};

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

// What a positive event counts after `titles` further ones, Q12: 0.85 of it falls by half every 5 titles, the rest every
// 100; 0 from 1,024 on.
int32_t decay_q12(uint32_t titles);

// 2^30, then each time the one before times `factor_q30`, rounded down.
class Falling {
 public:
  constexpr explicit Falling(uint64_t factor_q30, uint64_t from_q30 = uint64_t{1} << 30)
      : value_(from_q30), factor_(factor_q30) {}
  constexpr uint64_t next_q30() {
    const uint64_t now = value_;
    value_ = (value_ * factor_) >> 30;
    return now;
  }
  constexpr int32_t next_q12() { return static_cast<int32_t>((next_q30() + (1u << 17)) >> 18); }
  constexpr int32_t next_q20() { return static_cast<int32_t>((next_q30() + (1u << 9)) >> 10); }

 private:
  uint64_t value_, factor_;
};
constexpr uint64_t kTenthHalfQ30 = 1001836546;      // 2^(-1/10)
constexpr uint64_t kThirtiethHalfQ30 = 1049217527;  // 2^(-1/30)

// e^(-years / 4): how near two years of release are; 0 from 64 on.
int32_t same_era_q20(uint32_t years);

// What POPULARITY counts where `recent` titles are known: all with none, less with each, nothing from 10 on. Q8.
constexpr uint32_t kKnownFrom = 10;
constexpr int32_t unknown_q8(size_t recent) {
  return recent >= kKnownFrom ? 0 : static_cast<int32_t>(256 * (kKnownFrom - recent) / kKnownFrom);
}

// How new a title is at `at_ms`. Newness: 1 on the day it was added, falling to 0 after 60 days; where the day is
// unknown, 1/2 in the year of its release and before, 1/4 in the next. By year alone: e^(-age / 3), 0 before its release
// and from 64 years on. Holds what depends on `at_ms` alone.
class Freshness {
 public:
  explicit Freshness(int64_t at_ms);
  // One number a title that decides it; `none` where nothing is known.
  static int32_t encode(int32_t added_day, uint16_t year);
  static constexpr int32_t none = INT32_MIN;
  int32_t newness_q20(int32_t code) const;
  int32_t by_year_q20(uint16_t year) const;  // 0 where the year is (unknown)
  // FRESH: by year, or its newness where it was added lately and that is more.
  int32_t value_q20(int32_t code, uint16_t year) const;
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
// 0 is Monday.
uint32_t weekday_of(int64_t at_ms, int32_t utc_offset_min);

// Days since 1970-01-01, rounded down, and the year (Gregorian) of such a day.
int32_t day_of(int64_t at_ms);
int32_t year_of(int32_t day);

// What orders titles of equal score before their keys do: another order every screen, the same within one.
uint64_t tie_of(uint64_t screen_token, Key key);

}  // namespace tvcore
