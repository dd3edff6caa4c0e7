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

// The places of a row, or some of them.
struct ShownPlaces {
  std::vector<Shown> places;
  std::vector<int16_t> values_q12;  // what the scores were made of, kTerms a place; or empty
};

class SlateMemory {
 public:
  // `seed` makes the ids of a run reproducible.
  explicit SlateMemory(uint64_t seed);
  // A new id, never 0.
  uint64_t next_id();
  // Remember what row `row` of slate `id` shows, from slot 0 on. May be called again for another row. `kind`: TVB_ROW_*
  // of a screen's row, else 0.
  void remember(uint64_t id, uint32_t row, ShownPlaces shown, uint32_t kind = 0);
  // Add to an impression what the places [slot, slot + count) of that row showed, as its record says it; fewer if the
  // row is shorter, nothing if it is not remembered.
  void describe(uint64_t id, uint32_t row, uint32_t slot, uint32_t count, Event* impression) const;
  // The kind of that row; 0 if it is not remembered.
  uint32_t row_kind(uint64_t id, uint32_t row) const;
  void clear();

 private:
  struct Row {
    uint32_t row, kind;
    ShownPlaces shown;
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
