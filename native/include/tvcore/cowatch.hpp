// Item-item weights as a stack sees them: which row of weights speaks for a title, and what it adds to the others.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tvcore/stack.hpp"

namespace tvcore {

// A factor is cut to this, so that 1,024 titles of |weight| <= 128 cannot overflow 32 bits.
constexpr int32_t kFactorLimit = 16383;

class CoWatch {
 public:
  explicit CoWatch(std::shared_ptr<const Stack> stack);

  bool has_weights(uint32_t slot) const { return speaker_[slot] != kNone; }

  // The weights of a live slot that a history strength multiplies: f = (h x scale) >> 16, cut, Q20 a unit of weight.
  // The addend to column i is value[i] x f, to be added to slot(i); kNone where the title was removed.
  struct Row {
    WeightRow weights;
    int32_t factor = 0;
    const uint32_t* now =
        nullptr;  // by row of the pack: the slot that stands for it; null: the same number
    uint32_t rows = 0;

    uint32_t slot(uint32_t i) const {
      const uint32_t row = weights.columns[i];
      return row >= rows ? kNone : now == nullptr ? row : now[row];
    }
    int32_t addend(uint32_t i) const { return weights.values[i] * factor; }

    // The largest addend without sign that any column can have.
    int32_t most() const { return 128 * std::abs(factor); }

    // each(slot(i), addend(i)) for those that have a slot, in order.
    template <class Each>
    void for_each(const Each& each) const {
      if (now == nullptr) {
        walk([](uint32_t row) { return row; }, each);
      } else {
        walk([slots = now](uint32_t row) { return slots[row]; }, each);
      }
    }

   private:
    template <class SlotOf, class Each>
    void walk(const SlotOf& slot_of, const Each& each) const {
      const uint32_t* const columns = weights.columns;
      const int8_t* const values = weights.values;
      const uint32_t count = weights.count, limit = rows;
      const int32_t times = factor;
      for (uint32_t i = 0; i < count; ++i) {
        if (columns[i] >= limit) continue;
        const uint32_t to = slot_of(columns[i]);
        if (to != kNone) each(to, values[i] * times);
      }
    }
  };
  Row row(uint32_t slot, int32_t h_q12) const;

  // cf[slot(i)] += addend(i) for the whole row.
  void add(uint32_t slot, int32_t h_q12, int32_t* cf) const;
  // What `from` adds to `to`.
  int32_t addend(uint32_t from, int32_t h_q12, uint32_t to) const;

 private:
  std::shared_ptr<const Stack> stack_;
  std::vector<uint32_t> speaker_;  // a live slot: the slot of its newest version that has weights
  std::vector<uint32_t> now_;      // Stack::current of every slot; empty where that is the identity
};

}  // namespace tvcore
