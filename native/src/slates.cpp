#include "tvcore/slates.hpp"

#include <algorithm>
#include <utility>

#include "tvcore/splitmix.hpp"

namespace tvcore {

SlateMemory::SlateMemory(uint64_t seed) : state_(seed) {}

uint64_t SlateMemory::next_id() {
  const std::lock_guard<std::mutex> hold(mutex_);
  uint64_t id = 0;
  while (id == 0) id = splitmix64(state_++);
  return id;
}

void SlateMemory::remember(uint64_t id, uint32_t row, std::vector<Shown> places, uint32_t kind) {
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
  slate->rows.push_back({row, kind, std::move(places)});
}

std::vector<Shown> SlateMemory::places(uint64_t id, uint32_t row, uint32_t slot,
                                       uint32_t count) const {
  const std::lock_guard<std::mutex> hold(mutex_);
  std::vector<Shown> found;
  for (const Slate& slate : ring_) {
    if (id == 0 || slate.id != id) continue;
    for (const Row& shown : slate.rows) {
      if (shown.row != row) continue;
      for (uint32_t i = slot; i < shown.places.size() && i - slot < count; ++i) {
        found.push_back(shown.places[i]);
      }
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
