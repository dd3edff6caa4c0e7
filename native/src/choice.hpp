// From scores to a slate's slots: the pool of the best, and the greedy choice among them (docs/ranking.md, "Slate").
#pragma once

#include "ranker_state.hpp"

namespace tvcore {

// What a title loses for being wholly like one chosen before it.
constexpr int32_t kDiversityQ12 = 100;
constexpr size_t kSmallestPool = 256;

// Writes up to `k` slots of Scratch::usable to Scratch::chosen, best first, none with a group of Scratch::groups, one a
// group, and adds their groups there. `diverse` false: in the order of the scores alone.
void choose(const Ranker::State& state, uint64_t screen_token, uint32_t k, bool diverse,
            Scratch& scratch);

}  // namespace tvcore
