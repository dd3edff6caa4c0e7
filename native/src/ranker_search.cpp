// Search: titles that the text names, then titles that it describes (docs/ranking.md, "Search").
#include <algorithm>

#include "picks.hpp"
#include "scoring.hpp"
#include "tvcore/bitmap.hpp"
#include "tvcore/dot.hpp"

namespace tvcore {
namespace {

constexpr int32_t kMatchStepQ20 = 1 << 21;

// Eligible titles with a match, counted up to kFewMatches.
uint32_t found(const Scratch& scratch) {
  uint32_t count = 0;
  for (const uint32_t slot : scratch.matches) {
    if (count == kFewMatches) break;
    count += bitmap_test(scratch.eligible.data(), slot) ? 1u : 0u;
  }
  return count;
}

// A bit of Scratch::saved for each eligible title with a match; how many.
uint32_t gather_named(uint32_t slots, Scratch& scratch) {
  uint32_t count = 0;
  bitmap_clear(scratch.saved.data(), slots);
  for (const uint32_t slot : scratch.matches) {
    if (!bitmap_test(scratch.eligible.data(), slot)) continue;
    bitmap_set(scratch.saved.data(), slot);
    ++count;
  }
  return count;
}

// Scores of the titles that have a match, of which the eligible become usable.
void take_named(const Stack& stack, Scratch& scratch) {
  for (const uint32_t slot : scratch.matches) {
    scratch.other.score[slot] =
        scratch.matches.best(slot) * kMatchStepQ20 + stack.popularity_q20()[slot];
  }
  bitmap_or(scratch.usable.data(), scratch.saved.data(), stack.slots());
}

// Every title that the query describes becomes usable.
void describe_by_scan(const Nearness& space, const QueryVector& query, uint32_t slots,
                      Scratch& scratch) {
  space.scan(&query, 1, scratch.eligible.data(), scratch.other.score.data());
  for (uint32_t first = 0; first < slots; first += kBlockRows) {
    const size_t count = std::min<size_t>(kBlockRows, slots - first);
    scratch.usable[first / kBlockRows] =
        scratch.eligible[first / kBlockRows] &
        active_kernel().at_least(scratch.other.score.data() + first, count, 1);
  }
}

// The best `wanted` of them that have no match, and those of the side packs.
void describe_by_graph(const Nearness& space, const QueryVector& query, uint32_t slots,
                       uint32_t wanted, Scratch& scratch) {
  bitmap_clear(scratch.usable.data(), slots);
  if (wanted == 0) return;
  bitmap_andnot(scratch.eligible.data(), scratch.saved.data(), slots);
  space.find(query, scratch.eligible.data(), wanted, scratch.cold.data(),
             scratch.other.score.data(), scratch.graph, &scratch.near);
  bitmap_or(scratch.eligible.data(), scratch.saved.data(), slots);
  for (const Scored& one : scratch.near) {
    bitmap_set(scratch.usable.data(), one.row);
    scratch.other.score[one.row] = one.score;
  }
}

// What the picks are made of lies anywhere in a pack: all of it is on its way while the first are made.
void ask_for_items(const Stack& stack, const std::vector<Candidate>& pool) {
  for (const Candidate& one : pool) __builtin_prefetch(&stack.item(one.slot));
  for (const Candidate& one : pool) {
    const Pack& pack = *stack.packs()[stack.pack_of(one.slot)];
    const OfferRange offers = pack.offers_of(stack.row_of(one.slot));
    if (offers.begin != offers.end) __builtin_prefetch(&pack.offer(offers.begin));
  }
}

}  // namespace

void Ranker::search(const HistoryView& view, std::string_view normal, const QueryVector* meaning,
                    const Request& request, Scratch& scratch, Slate* out) const {
  Scoring scoring(*state_, view, request, scratch);
  out->picks.clear();
  out->eligible = 0;
  out->meaning = Meaning::kNone;
  if (normal.empty()) return;
  scoring.filter(false);
  const Stack& stack = *state_->stack;
  const uint32_t slots = stack.slots();
  const TitleIndex& titles = state_->titles;
  if (scratch.seen.size() < titles.entries()) scratch.seen.resize(titles.entries());
  scratch.matches.clear();
  titles.find(normal, scratch.seen.data(), &scratch.matches);
  if (found(scratch) < kFewMatches) {
    titles.find_typed(normal, scratch.seen.data(), &scratch.matches);
  }

  Quantised made;
  QueryVector query{};
  if (meaning != nullptr) {
    query = *meaning;
    out->meaning = Meaning::kModel;
  } else if (state_->encoder.encode(normal, &made)) {
    query = made.query();
    out->meaning = Meaning::kEncoder;
  }
  const uint32_t k = std::min(request.k, kMaxK);
  const uint32_t named = gather_named(slots, scratch);
  if (out->meaning == Meaning::kNone) {
    bitmap_clear(scratch.usable.data(), slots);
  } else if (state_->nearness.graph_helps(scratch.eligible.data(), k)) {
    describe_by_graph(state_->nearness, query, slots, k - std::min(named, k), scratch);
  } else {
    describe_by_scan(state_->nearness, query, slots, scratch);
  }
  take_named(stack, scratch);
  out->eligible = static_cast<uint32_t>(bitmap_count(scratch.usable.data(), slots));
  best_of(stack, scratch.other.score.data(), scratch.usable.data(), request.screen_token, k,
          &scratch.pool);
  ask_for_items(stack, scratch.pool);
  for (const Candidate& one : scratch.pool) {
    Pick pick = pick_of(scoring, one.slot);
    pick.score_q20 = one.score_q20;
    const bool by_name = one.score_q20 >= kMatchStepQ20;
    if (by_name) pick.terms_q20[kTermPopularity] = stack.popularity_q20()[one.slot];
    pick.terms_q20[kTermText] = one.score_q20 - pick.terms_q20[kTermPopularity];
    pick.reason = Reason::kQuery;
    out->picks.push_back(pick);
  }
}

}  // namespace tvcore
