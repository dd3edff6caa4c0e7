// From chosen slots to picks: what every slate and row says of a title.
#pragma once

#include <vector>

#include "scoring.hpp"

namespace tvcore {

// What a step of search's match counts for: above any popularity.

Pick pick_of(const Scoring& scoring, uint32_t slot);  // slot and offer alone
void set_terms(const Terms& terms, Pick* pick);       // and the score, their sum
uint32_t eligible_count(const Scoring& scoring);

// Appends those of Request::first that may still be taken, at most `most`, in their order and one a group, and takes them.
// As of take_chosen() otherwise.
void take_first(const Scoring& scoring, size_t most, std::vector<Pick>* picks);

// Appends Scratch::chosen with their terms and offers; no reason yet.
void take_chosen(const Scoring& scoring, std::vector<Pick>* picks);

// Takes a slot and its group out of what may still be chosen.
void leave_out(const Scoring& scoring, uint32_t slot);

}  // namespace tvcore
