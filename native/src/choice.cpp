#include "choice.hpp"

#include <algorithm>

#include "excess.hpp"
#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

bool contains(const std::vector<uint64_t>& groups, uint64_t group) {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

// How many titles of the pool can stand in one slate.
size_t distinct(const Ranker::State& state, Scratch& scratch) {
  size_t alone = 0;
  scratch.in_pool.clear();
  for (const Candidate& one : scratch.pool) {
    const uint64_t group = state.stack->groups()[one.slot];
    if (group == 0) {
      ++alone;
    } else {
      scratch.in_pool.push_back(group);
    }
  }
  std::sort(scratch.in_pool.begin(), scratch.in_pool.end());
  const auto end = std::unique(scratch.in_pool.begin(), scratch.in_pool.end());
  return alone + static_cast<size_t>(end - scratch.in_pool.begin());
}

// How much the pool's title is like the chosen ones from `bound.compared` on, into the bound.
void compare(const Ranker::State& state, const Scratch& scratch, Scratch::Bound* bound) {
  const Nearness& nearness = state.nearness;
  const uint32_t slot = scratch.pool[bound->place].slot;
  const QueryVector own = nearness.vector(slot);
  for (; bound->compared < scratch.chosen.size(); ++bound->compared) {
    const QueryVector& query = scratch.chosen_vectors[bound->compared];
    const bool both = own.row != nullptr && query.row != nullptr;
    const int32_t alike =
        both ? nearness.sim_q20(query, own)
             : nearness.genres_in_common_q20(slot, scratch.chosen[bound->compared]);
    bound->nearest_q20 = std::max(bound->nearest_q20, std::min(alike, kOneQ20));
  }
}

// What it is worth by what is known of it. Excess is cheap to tell, so it is told first: most that lose the lead by it
// need no comparing.
void bring_up_to_date(const Ranker::State& state, const Scratch& scratch, const Excess& excess,
                      int32_t diversity_q12, Scratch::Bound* bound) {
  const auto chosen = static_cast<uint32_t>(scratch.chosen.size());
  if (bound->counted == chosen) compare(state, scratch, bound);
  bound->counted = chosen;
  const Candidate& one = scratch.pool[bound->place];
  bound->mmr = one.score_q20 - term_q20(diversity_q12, bound->nearest_q20) -
               term_q20(kCalibrationQ12, excess.of_q20(state.stack->genres()[one.slot]));
}

}  // namespace

void choose(const Ranker::State& state, const Request& request, const int32_t* scores, uint32_t k,
            const Taste* taste, Scratch& scratch) {
  const Stack& stack = *state.stack;
  if (!scratch.groups.empty()) {
    bitmap_for_each(scratch.usable.data(), stack.slots(), [&](size_t slot) {
      const uint64_t group = stack.groups()[slot];
      if (group != 0 && contains(scratch.groups, group)) bitmap_reset(scratch.usable.data(), slot);
    });
  }
  const size_t usable = bitmap_count(scratch.usable.data(), stack.slots());
  size_t size = std::max<size_t>(kSmallestPool, size_t{4} * k);
  for (;; size *= 2) {
    best_of(stack, scores, scratch.usable.data(), request.screen_token, size, &scratch.pool);
    if (size >= usable || distinct(state, scratch) >= k) break;
  }
  // What a candidate was worth when last compared is a bound on what it is worth now, because nearness and excess only grow: so
  // only the one that leads by its bound need be compared with what was chosen since.
  const auto worse = [](const Scratch::Bound& a, const Scratch::Bound& b) {
    return a.mmr != b.mmr ? a.mmr < b.mmr : a.place > b.place;
  };
  std::vector<Scratch::Bound>& heap = scratch.heap;
  heap.clear();
  for (uint32_t place = 0; place < scratch.pool.size(); ++place) {
    heap.push_back({scratch.pool[place].score_q20, place, 0, 0, 0});  // descending: a heap already
  }
  scratch.chosen.clear();
  scratch.chosen_worth.clear();
  scratch.chosen_vectors.clear();
  Excess excess(taste, k);
  while (!heap.empty() && scratch.chosen.size() < k) {
    std::pop_heap(heap.begin(), heap.end(), worse);
    Scratch::Bound best = heap.back();
    heap.pop_back();
    const uint32_t slot = scratch.pool[best.place].slot;
    const uint64_t group = stack.groups()[slot];
    if (group != 0 && contains(scratch.groups, group)) continue;
    if (taste != nullptr && best.compared < scratch.chosen.size()) {
      bring_up_to_date(state, scratch, excess, request.diversity_q12, &best);
      heap.push_back(best);
      std::push_heap(heap.begin(), heap.end(), worse);
      continue;
    }
    scratch.chosen.push_back(slot);
    scratch.chosen_vectors.push_back(state.nearness.vector(slot));
    scratch.chosen_worth.push_back(scratch.pool[best.place].score_q20 -
                                   term_q20(request.diversity_q12, best.nearest_q20));
    excess.add(stack.genres()[slot]);
    if (group != 0) scratch.groups.push_back(group);
  }
}

}  // namespace tvcore
