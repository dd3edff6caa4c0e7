// From scores to a slate's slots: the pool of the best, and the greedy choice among them (docs/ranking.md, "Slate").
#pragma once

#include "taste.hpp"

namespace tvcore {

// What a title loses for genres that fill the slate beyond their share of what is watched, by that excess.
constexpr int32_t kCalibrationQ12 = 1600;
constexpr size_t kSmallestPool = 256;

// Writes up to `k` slots of Scratch::usable to Scratch::chosen, the best by `scores` first, none with a group of Scratch::groups, one a
// group, and adds their groups there. `taste`: whose the slate is, to be diverse by the request's measure and of the
// genres that are watched; null: in the order of the scores alone. `k` may be less than the request's.
void choose(const Ranker::State& state, const Request& request, const int32_t* scores, uint32_t k,
            const Taste* taste, Scratch& scratch);

}  // namespace tvcore
