#include "picks.hpp"

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

void take_chosen(const Scoring& scoring, std::vector<Pick>* picks) {
  for (uint32_t slot : scoring.scratch().chosen) {
    picks->push_back(pick_of(scoring, slot));
    Pick& pick = picks->back();
    set_terms(scoring.terms(slot), &pick);
    pick.by_history = scoring.by_history();
    if (pick.by_history) pick.values_q12 = values_q12(scoring.values(slot));
  }
}

void leave_out(const Scoring& scoring, uint32_t slot) {
  Scratch& scratch = scoring.scratch();
  bitmap_reset(scratch.usable.data(), slot);
  const uint64_t group = scoring.state().stack->groups()[slot];
  if (group != 0) scratch.groups.push_back(group);
}

}  // namespace tvcore
