// How far the genres of a slate go beyond what is watched of them (docs/ranking.md, "Order and slate").
#pragma once

#include <algorithm>
#include <array>

#include "taste.hpp"
#include "tvcore/bitmap.hpp"

namespace tvcore {

class Excess {
 public:
  // Of a slate of `k` titles for whom `taste` is of; null: there is no excess.
  Excess(const Taste* taste, uint32_t k)
      : taste_(taste != nullptr && taste->knows_genres() ? taste : nullptr),
        k_(static_cast<int32_t>(k)) {}

  void add(uint64_t genres) {
    if (genres == 0 || taste_ == nullptr) return;
    const int32_t part = kOneQ20 / static_cast<int32_t>(count_bits(genres));
    for (; genres != 0; genres &= genres - 1) {
      const size_t g = lowest_bit(genres);
      chosen_q20_[g] += part;
      beyond_q20_[g] = std::max(0, chosen_q20_[g] / k_ - taste_->share_q20(g));
    }
  }
  // The mean over a title's genres, 0 to 1. Only grows while titles are added.
  int32_t of_q20(uint64_t genres) const {
    if (genres == 0) return 0;
    int32_t sum = 0, count = 0;
    for (; genres != 0; genres &= genres - 1) {
      sum += beyond_q20_[lowest_bit(genres)];
      ++count;
    }
    return sum / count;
  }

 private:
  const Taste* taste_;
  int32_t k_;
  std::array<int32_t, kMaxGenres> chosen_q20_{}, beyond_q20_{};
};

}  // namespace tvcore
