// The beam of a search: one array in order, which for the few hundred places of a search is faster than two heaps.
#include <algorithm>
#include <functional>

#include "tvcore/bitmap.hpp"
#include "tvcore/hnsw.hpp"

namespace tvcore {
namespace {

constexpr std::uint64_t kEligible = 1, kOpen = 2;

std::int32_t score_of(std::uint64_t place) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(place >> 32) ^ 0x80000000u);
}

std::uint32_t row_of(std::uint64_t place) {
  return ~(static_cast<std::uint32_t>(place) >> 2) & (kMaxTopKRows - 1);
}

// Greater is better: the score, then the lower row.
std::uint64_t place_of(std::int32_t score, std::uint32_t row) {
  const std::uint32_t ordered = static_cast<std::uint32_t>(score) ^ 0x80000000u;
  return static_cast<std::uint64_t>(ordered) << 32 | (~row & (kMaxTopKRows - 1)) << 2;
}

}  // namespace

void HnswBeam::begin(std::size_t ef, const std::uint64_t* eligible) {
  places_.clear();
  restart(ef, eligible, nullptr);
}

void HnswBeam::restart(std::size_t ef, const std::uint64_t* eligible, std::uint64_t* seen) {
  eligible_ = eligible;
  ef_ = ef;
  kept_ = 0;
  first_open_ = 0;
  threshold_ = INT32_MIN;
  for (std::uint64_t& place : places_) {
    const std::uint32_t row = row_of(place);
    place = place_of(score_of(place), row) | kOpen | (wants(row) ? kEligible : 0);
    kept_ += place & kEligible;
    bitmap_set(seen, row);
  }
  if (kept_ >= ef_) cut();
}

bool HnswBeam::wants(std::uint32_t row) const {
  return eligible_ == nullptr || bitmap_test(eligible_, row);
}

// Leaves the best ef_ eligible rows, and nothing after them.
void HnswBeam::cut() {
  while (kept_ > ef_ || (places_.back() & kEligible) == 0) {
    kept_ -= places_.back() & kEligible;
    places_.pop_back();
  }
  threshold_ = score_of(places_.back());
}

void HnswBeam::offer(std::int32_t score, std::uint32_t row) {
  if (score < threshold_) return;
  const bool wanted = wants(row);
  const std::uint64_t place = place_of(score, row) | kOpen | (wanted ? kEligible : 0);
  const auto at = std::lower_bound(places_.begin(), places_.end(), place, std::greater<>());
  first_open_ = std::min(first_open_, static_cast<std::size_t>(at - places_.begin()));
  places_.insert(at, place);
  if (wanted) ++kept_;
  if (kept_ >= ef_) cut();
}

bool HnswBeam::next(std::uint32_t* row) {
  while (first_open_ < places_.size() && (places_[first_open_] & kOpen) == 0) ++first_open_;
  if (first_open_ >= places_.size()) return false;
  places_[first_open_] &= ~kOpen;
  *row = row_of(places_[first_open_++]);
  return true;
}

std::size_t HnswBeam::take(std::size_t k, Scored* out) const {
  std::size_t count = 0;
  for (const std::uint64_t place : places_) {
    if (count == k) break;
    if ((place & kEligible) != 0) out[count++] = {score_of(place), row_of(place), 0};
  }
  return count;
}

}  // namespace tvcore
