#include "tvcore/slates.hpp"

#include <algorithm>
#include <utility>

#include "tvcore/snapshot.hpp"
#include "tvcore/splitmix.hpp"

namespace tvcore {

SlateMemory::SlateMemory(uint64_t seed) : state_(seed) {}

uint64_t SlateMemory::next_id() {
  const std::lock_guard<std::mutex> hold(mutex_);
  uint64_t id = 0;
  while (id == 0) id = splitmix64(state_++);
  return id;
}

void SlateMemory::remember(uint64_t id, uint32_t row, ShownPlaces shown, uint32_t kind) {
  const std::lock_guard<std::mutex> hold(mutex_);
  const auto known =
      std::find_if(ring_.begin(), ring_.end(), [id](const Slate& slate) { return slate.id == id; });
  Slate* slate = nullptr;
  if (known != ring_.end()) {
    slate = &*known;
  } else {
    slate = &ring_[next_];
    next_ = (next_ + 1) % kSlatesKept;
    slate->id = id;
    slate->rows.clear();
  }
  slate->rows.push_back({row, kind, std::move(shown)});
}

ShownPlaces SlateMemory::places(uint64_t id, uint32_t row, uint32_t slot, uint32_t count) const {
  const std::lock_guard<std::mutex> hold(mutex_);
  ShownPlaces found;
  for (const Slate& slate : ring_) {
    if (id == 0 || slate.id != id) continue;
    for (const Row& one : slate.rows) {
      if (one.row != row || slot >= one.shown.places.size()) continue;
      const size_t end = std::min<size_t>(size_t{slot} + count, one.shown.places.size());
      const auto slice = [slot, end](const auto& from, size_t each) {
        const auto at = [&from, each](size_t i) {
          return from.begin() + static_cast<std::ptrdiff_t>(i * each);
        };
        return std::vector(at(slot), at(end));
      };
      found.places = slice(one.shown.places, 1);
      if (!one.shown.values_q12.empty()) found.values_q12 = slice(one.shown.values_q12, kTerms);
      return found;
    }
  }
  return found;
}

uint32_t SlateMemory::row_kind(uint64_t id, uint32_t row) const {
  const std::lock_guard<std::mutex> hold(mutex_);
  for (const Slate& slate : ring_) {
    if (id == 0 || slate.id != id) continue;
    for (const Row& shown : slate.rows) {
      if (shown.row == row) return shown.kind;
    }
  }
  return 0;
}

void SlateMemory::clear() {
  const std::lock_guard<std::mutex> hold(mutex_);
  for (Slate& slate : ring_) slate = Slate();
}

}  // namespace tvcore
