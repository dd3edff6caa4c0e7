#include "tvcore/terms.hpp"

#include <algorithm>

namespace tvcore {
namespace {

constexpr int64_t kDayMs = 86400000, kMinuteMs = 60000, kMaxDays = 10000000;
constexpr uint32_t kFatigueHalfLifeMin = 3 * 24 * 60;
constexpr int32_t kFreshDays = 60;
constexpr int32_t kOldestDay = -1000000;  // codes below it are years
constexpr size_t kDecays = 1024;
constexpr uint64_t kShortShareQ30 = 912680550;        // 0.85
constexpr uint64_t kFifthHalfQ30 = 934746550;         // 2^(-1/5)
constexpr uint64_t kHundredthHalfQ30 = 1066324947;    // 2^(-1/100)
constexpr uint64_t kFourthOfEraQ30 = 836230973;       // e^(-1/4)
constexpr uint64_t kThirdOfFreshnessQ30 = 769369636;  // e^(-1/3)
constexpr size_t kYears = 64;

constexpr std::array<int16_t, kDecays> make_decays() {
  std::array<int16_t, kDecays> table{};
  Falling fast(kFifthHalfQ30, kShortShareQ30);
  Falling slow(kHundredthHalfQ30, (uint64_t{1} << 30) - kShortShareQ30);
  for (int16_t& one : table) {
    one = static_cast<int16_t>((fast.next_q30() + slow.next_q30() + (1u << 17)) >> 18);
  }
  return table;
}
constexpr std::array<int32_t, kYears> make_years(uint64_t factor_q30) {
  std::array<int32_t, kYears> table{};
  Falling value(factor_q30);
  for (int32_t& one : table) one = value.next_q20();
  return table;
}
constexpr std::array<int16_t, kDecays> kDecayQ12 = make_decays();
constexpr std::array<int32_t, kYears> kEraQ20 = make_years(kFourthOfEraQ30);
constexpr std::array<int32_t, kYears> kFreshQ20 = make_years(kThirdOfFreshnessQ30);
static_assert(kDecayQ12[0] == 4096 && kDecayQ12[5] == 2334 && kDecayQ12[100] == 307, "decay");

int64_t floor_div(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }
int64_t cut_time(int64_t at_ms) { return std::clamp(at_ms, -kMaxDays * kDayMs, kMaxDays * kDayMs); }

}  // namespace

Weights cut_weights(const Weights& weights) {
  Weights out{};
  for (size_t t = 0; t < kTerms; ++t) out[t] = cut(weights[t], kWeightLimitQ12);
  return out;
}

std::array<int16_t, kTerms> values_q12(const Terms& values_q20) {
  std::array<int16_t, kTerms> out{};
  for (size_t t = 0; t < kTerms; ++t) {
    out[t] = static_cast<int16_t>(std::clamp(values_q20[t] >> 8, INT16_MIN, INT16_MAX));
  }
  return out;
}

int32_t same_era_q20(uint32_t years) { return years < kYears ? kEraQ20[years] : 0; }

int32_t decay_q12(uint32_t titles) { return titles < kDecays ? kDecayQ12[titles] : 0; }

int32_t day_of(int64_t at_ms) { return static_cast<int32_t>(floor_div(cut_time(at_ms), kDayMs)); }

// Days to years by eras of 400 years that begin on 1 March.
int32_t year_of(int32_t day) {
  const int64_t shifted = static_cast<int64_t>(day) + 719468;
  const int64_t era = floor_div(shifted, 146097);
  const int64_t in_era = shifted - era * 146097;
  const int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  const int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  return static_cast<int32_t>(year + era * 400 + (in_year >= 306 ? 1 : 0));
}

Freshness::Freshness(int64_t at_ms) : today_(day_of(at_ms)), year_(year_of(today_)) {}

int32_t Freshness::encode(int32_t added_day, uint16_t year) {
  if (added_day != INT32_MIN) return std::max(added_day, kOldestDay);
  return year != 0 ? INT32_MIN + static_cast<int32_t>(year) : none;
}

Freshness::Codes Freshness::fresh_days() const {
  return {std::max(today_ - kFreshDays + 1, kOldestDay), INT32_MAX};
}

Freshness::Codes Freshness::fresh_years() const {
  return {INT32_MIN + std::clamp(year_ - 1, 1, UINT16_MAX), INT32_MIN + UINT16_MAX};
}

int32_t Freshness::by_year_q20(uint16_t year) const {
  const int32_t age = year_ - year;
  return year == 0 || age < 0 || age >= static_cast<int32_t>(kYears)
             ? 0
             : kFreshQ20[static_cast<size_t>(age)];
}

int32_t Freshness::value_q20(int32_t code, uint16_t year) const {
  const int32_t added = code >= kOldestDay ? newness_q20(code) : 0;
  return std::max(added, by_year_q20(year));
}

int32_t Freshness::newness_q20(int32_t code) const {
  if (code == none) return 0;
  if (code >= kOldestDay) {
    const int64_t age = std::max<int64_t>(0, static_cast<int64_t>(today_) - code);
    return age >= kFreshDays ? 0 : static_cast<int32_t>(((kFreshDays - age) << 20) / kFreshDays);
  }
  const int32_t years = year_ - (code - INT32_MIN);
  return years <= 0 ? 1 << 19 : years == 1 ? 1 << 18 : 0;
}

int32_t fatigue_q20(uint32_t impressions, uint32_t impression_min, int64_t at_ms) {
  const int64_t now_min = floor_div(cut_time(at_ms), kMinuteMs);
  const int64_t since = std::max<int64_t>(0, now_min - static_cast<int64_t>(impression_min));
  const int64_t halvings = since / kFatigueHalfLifeMin;
  if (halvings > 20) return 0;
  const int64_t before = static_cast<int64_t>(std::min(impressions, 8u) << 17) >> halvings;
  const int64_t into = since % kFatigueHalfLifeMin;
  return static_cast<int32_t>(-(before - (before >> 1) * into / kFatigueHalfLifeMin));
}

uint32_t weekday_of(int64_t at_ms, int32_t utc_offset_min) {
  const int64_t day = floor_div(cut_time(at_ms) + utc_offset_min * kMinuteMs, kDayMs);
  return static_cast<uint32_t>(((day + 3) % 7 + 7) % 7);  // day 0 was a Thursday
}

uint32_t daypart_of(int64_t at_ms, int32_t utc_offset_min) {
  const int64_t local = cut_time(at_ms) + utc_offset_min * kMinuteMs;
  const int64_t hour = (local - floor_div(local, kDayMs) * kDayMs) / (60 * kMinuteMs);
  return (weekday_of(at_ms, utc_offset_min) >= 5 ? 4 : 0) + static_cast<uint32_t>(hour / 6);
}

uint64_t tie_of(uint64_t screen_token, Key key) {
  uint64_t z = (screen_token ^ key) + 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace tvcore
