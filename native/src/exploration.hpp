// Thompson sampling: the weights of one request, drawn around the learned ones, and what share of all draws would show a
// title (docs/ranking.md, "Exploration").
#pragma once

#include "scoring.hpp"

namespace tvcore {

constexpr uint32_t kDraws = 16;  // of a propensity, with the request's own; it counts in sixteenths

// By how much draw number `draw` moves each weight, Q20; draw 0 is the request's own.
Terms deviations_q20(const Exploration& exploration, uint32_t profile, uint64_t screen_token,
                     uint32_t draw);

// Fills propensity_q16 of picks that choose() has just chosen, in its order, diverse or
// not: certain without exploration.
void give_propensities(const Scoring& scoring, bool diverse, Pick* picks, size_t count);

}  // namespace tvcore
