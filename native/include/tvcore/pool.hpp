// The best of many scored titles, in the ranker's order: score, then tie, then key. No slot number decides.
#pragma once

#include <cstdint>
#include <vector>

#include "tvcore/stack.hpp"

namespace tvcore {

struct Candidate {
  int32_t score_q20;
  uint32_t slot;
  uint64_t tie;  // tie_of(screen token, key)
};

// The best min(count, usable) of the slots with a bit in `usable`, best first, into `pool`, whose capacity for twice
// the count or all slots, whichever is less, is the only memory used.
void best_of(const Stack& stack, const int32_t* scores, const uint64_t* usable,
             uint64_t screen_token, size_t count, std::vector<Candidate>* pool);

}  // namespace tvcore
