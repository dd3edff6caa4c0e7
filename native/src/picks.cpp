#include "picks.hpp"

#include <algorithm>

#include "tvcore/bitmap.hpp"

namespace tvcore {

Pick pick_of(const Scoring& scoring, uint32_t slot) {
  Pick pick;
  pick.slot = slot;
  pick.offer = scoring.state().eligibility.first_open_offer(scoring.request().rules, slot);
  return pick;
}

void set_terms(const Terms& terms, Pick* pick) {
  pick->terms_q20 = terms;
  pick->score_q20 = 0;
  for (int32_t term : terms) pick->score_q20 += term;
}

uint32_t eligible_count(const Scoring& scoring) {
  return static_cast<uint32_t>(
      bitmap_count(scoring.scratch().eligible.data(), scoring.state().stack->slots()));
}

namespace {

void take(const Scoring& scoring, uint32_t slot, std::vector<Pick>* picks) {
  picks->push_back(pick_of(scoring, slot));
  Pick& pick = picks->back();
  set_terms(scoring.terms(slot), &pick);
  // Where the history cannot be used, nothing is to be learned from what was shown either.
  pick.by_history =
      scoring.by_history() && scoring.request().first == nullptr && !scoring.request().plain;
  if (pick.by_history) pick.values_q12 = values_q12(scoring.values(slot));
}

}  // namespace

void take_first(const Scoring& scoring, size_t most, std::vector<Pick>* picks) {
  if (scoring.request().first == nullptr) return;
  const Stack& stack = *scoring.state().stack;
  const Scratch& scratch = scoring.scratch();
  size_t taken = 0;
  for (const Key key : *scoring.request().first) {
    if (taken == most) break;
    const uint32_t slot = stack.find(key);
    if (slot == kNone || !bitmap_test(scratch.usable.data(), slot)) continue;
    const uint64_t group = stack.groups()[slot];
    const auto& groups = scratch.groups;
    if (group != 0 && std::find(groups.begin(), groups.end(), group) != groups.end()) continue;
    take(scoring, slot, picks);
    leave_out(scoring, slot);
    ++taken;
  }
}

void take_chosen(const Scoring& scoring, std::vector<Pick>* picks) {
  for (uint32_t slot : scoring.scratch().chosen) take(scoring, slot, picks);
}

void leave_out(const Scoring& scoring, uint32_t slot) {
  Scratch& scratch = scoring.scratch();
  bitmap_reset(scratch.usable.data(), slot);
  const uint64_t group = scoring.state().stack->groups()[slot];
  if (group != 0) scratch.groups.push_back(group);
}

}  // namespace tvcore
