// The last slates that were handed out: what an impression of "row 2, slots 3 to 7 of slate s" showed, and with which
// propensity. Bounded; older slates are forgotten, and then a propensity is unknown.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "tvcore/event.hpp"

namespace tvcore {

constexpr size_t kSlatesKept = 64;

class SlateMemory {
 public:
  // `seed` makes the ids of a run reproducible.
  explicit SlateMemory(uint64_t seed);
  // A new id, never 0.
  uint64_t next_id();
  // Remember that row `row` of slate `id` shows `places`, from slot 0 on. May be called again for another row. `kind`:
  // TVB_ROW_* of a screen's row, else 0.
  void remember(uint64_t id, uint32_t row, std::vector<Shown> places, uint32_t kind = 0);
  // The places [slot, slot + count) of that row; fewer if the row is shorter, none if it is not remembered.
  std::vector<Shown> places(uint64_t id, uint32_t row, uint32_t slot, uint32_t count) const;
  // The kind of that row; 0 if it is not remembered.
  uint32_t row_kind(uint64_t id, uint32_t row) const;
  void clear();

 private:
  struct Row {
    uint32_t row, kind;
    std::vector<Shown> places;
  };
  struct Slate {
    uint64_t id = 0;
    std::vector<Row> rows;
  };
  mutable std::mutex mutex_;
  uint64_t state_;
  size_t next_ = 0;
  std::array<Slate, kSlatesKept> ring_;
};

}  // namespace tvcore
