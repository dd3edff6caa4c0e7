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

void SlateMemory::describe(uint64_t id, uint32_t row, uint32_t slot, uint32_t count,
                           Event* impression) const {
  const std::lock_guard<std::mutex> hold(mutex_);
  for (const Slate& slate : ring_) {
    if (id == 0 || slate.id != id) continue;
    for (const Row& one : slate.rows) {
      const std::vector<Shown>& places = one.shown.places;
      if (one.row != row || slot >= places.size()) continue;
      const size_t some = std::min<size_t>(count, places.size() - slot);
      impression->added = encode_shown(places.data() + slot, some);
      if (one.shown.values_q12.empty()) return;
      impression->values =
          encode_values(one.shown.values_q12.data() + size_t{slot} * kTerms, some * kTerms, kTerms);
      return;
    }
  }
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
