#include "taste.hpp"

#include <algorithm>
#include <cstdlib>

#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr uint64_t kRareShareQ20 = 10486;  // 0.01
constexpr int kShareBits = 43;

template <class Each>
void for_each_genre(uint64_t genres, const Each& each) {
  for (; genres != 0; genres &= genres - 1) each(lowest_bit(genres));
}

// (part << 20) / whole for part <= whole, without overflow: both are halved until the whole has 43 bits.
uint64_t part_q20(uint64_t part, uint64_t whole) {
  while (whole >> kShareBits != 0) {
    whole >>= 1;
    part >>= 1;
  }
  return whole == 0 ? 0 : (part << 20) / whole;
}

}  // namespace

std::array<int32_t, kMaxGenres> genre_shares_q20(const Stack& stack) {
  std::array<uint64_t, kMaxGenres> popular{}, even{};
  uint64_t all_popular = 0, all_even = 0;
  bitmap_for_each(stack.live_bits(), stack.slots(), [&](size_t at) {
    const auto slot = static_cast<uint32_t>(at);
    const uint64_t genres = stack.genres()[slot];
    if (genres == 0) return;
    const uint64_t people = std::min<uint64_t>(stack.item(slot).popularity, INT32_MAX);
    const uint64_t parts = count_bits(genres);
    for_each_genre(genres, [&](size_t g) {
      popular[g] += (people << 8) / parts;
      even[g] += (1u << 8) / parts;
    });
    all_popular += people << 8;
    all_even += 1u << 8;
  });
  std::array<int32_t, kMaxGenres> shares{};
  for (size_t g = 0; g < kMaxGenres; ++g) {
    shares[g] = static_cast<int32_t>(all_popular != 0 ? part_q20(popular[g], all_popular)
                                                      : part_q20(even[g], all_even));
  }
  return shares;
}

Taste::Taste(const Ranker::State& state, const HistoryView& view) {
  read_genres(state, view);
  read_years(state, view);
}

void Taste::read_genres(const Ranker::State& state, const HistoryView& view) {
  std::array<uint64_t, kMaxGenres> watched{};
  uint64_t all = 0;
  Falling weight(kThirtiethHalfQ30);
  for (uint32_t place : view.recent()) {
    const uint64_t genres = state.stack->genres()[view.titles()[place].slot];
    if (genres == 0) continue;
    const uint64_t now = weight.next_q30();
    const uint64_t part = now / count_bits(genres);
    for_each_genre(genres, [&](size_t g) { watched[g] += part; });
    all += now;
  }
  knows_genres_ = all != 0;
  if (!knows_genres_) return;
  for (size_t g = 0; g < kMaxGenres; ++g) {
    if (watched[g] == 0) continue;
    const auto others = static_cast<uint64_t>(state.genre_shares_q20[g]);
    const uint64_t own = part_q20(watched[g], all);
    const uint64_t lift = (own << 18) / (others + kRareShareQ20);
    share_q20_[g] = static_cast<int32_t>(own);
    lift_q20_[g] = static_cast<int32_t>(std::min<uint64_t>(lift, 1u << 20));
  }
}

void Taste::read_years(const Ranker::State& state, const HistoryView& view) {
  Falling weight(kTenthHalfQ30);
  for (uint32_t place : view.recent()) {
    if (year_count_ == kErasOf) break;
    const uint16_t year = state.year_of(view.titles()[place].slot);
    if (year == 0) continue;
    years_[year_count_] = {year, weight.next_q12()};
    years_q12_ += years_[year_count_++].weight_q12;
  }
}

int32_t Taste::genre_q20(uint64_t genres) const {
  if (genres == 0) return 0;
  int32_t sum = 0, count = 0;
  for_each_genre(genres, [&](size_t g) {
    sum += lift_q20_[g];
    ++count;
  });
  return sum / count;
}

int32_t Taste::genre_of(const Ranker::State& state, uint64_t genres) const {
  int32_t best = -1;
  for_each_genre(genres, [&](size_t g) {
    if (lift_q20_[g] == 0) return;
    const auto at = static_cast<size_t>(best);
    if (best < 0 || lift_q20_[g] > lift_q20_[at] ||
        (lift_q20_[g] == lift_q20_[at] && state.genre_hashes[g] < state.genre_hashes[at])) {
      best = static_cast<int32_t>(g);
    }
  });
  return best;
}

int32_t Taste::era_q20(uint16_t year) const {
  if (year == 0 || year_count_ == 0) return 0;
  int64_t sum = 0;
  for (size_t i = 0; i < year_count_; ++i) {
    const int32_t apart = static_cast<int32_t>(year) - years_[i].year;
    sum += int64_t{years_[i].weight_q12} * same_era_q20(static_cast<uint32_t>(std::abs(apart)));
  }
  return static_cast<int32_t>(sum / years_q12_);
}

}  // namespace tvcore
