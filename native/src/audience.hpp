// How many watch a title where and when a request is made, as far as the packs count it (docs/ranking.md, "POPULARITY").
#pragma once

#include <array>

#include "ranker_state.hpp"

namespace tvcore {

class Audience {
 public:
  // `region`: 0 for none.
  Audience(const Ranker::State& state, uint16_t region, uint32_t daypart);

  // Whether any count is taken in; if not, every value is the title's popularity.
  bool is_counted() const { return parts_[0].share_q12 != 0 || parts_[1].share_q12 != 0; }
  int32_t value_q20(uint32_t slot) const;
  // Of every slot.
  void fill(int32_t* values_q20) const;

 private:
  struct Part {
    Crowd::Counts counts;
    int64_t share_q12 = 0;
  };
  const Stack& stack_;
  std::array<Part, 2> parts_;  // of the region, of the daypart
};

}  // namespace tvcore
