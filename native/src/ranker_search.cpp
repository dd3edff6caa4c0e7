// Search: titles that the text names, then titles that it describes (docs/ranking.md, "Search").
#include <algorithm>
#include <cstring>

#include "picks.hpp"
#include "scoring.hpp"
#include "tvcore/bitmap.hpp"
#include "tvcore/dot.hpp"

namespace tvcore {
namespace {

constexpr int32_t kMatchStepQ20 = 1 << 21;

// Whether any of `count` marks is set.
bool any_mark(const uint8_t* marks, size_t count) {
  uint64_t all = 0;
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t eight;
    std::memcpy(&eight, marks + i, sizeof eight);
    all |= eight;
  }
  for (; i < count; ++i) all |= marks[i];
  return all != 0;
}

// Eligible titles with a match, counted up to kFewMatches.
uint32_t found(const Scratch& scratch, uint32_t slots) {
  uint32_t count = 0;
  for (uint32_t first = 0; first < slots && count < kFewMatches; first += 64) {
    const uint32_t end = std::min(first + 64, slots);
    if (!any_mark(scratch.mark.data() + first, end - first)) continue;
    for (uint32_t slot = first; slot < end; ++slot) {
      count += scratch.mark[slot] != 0 && bitmap_test(scratch.eligible.data(), slot) ? 1u : 0u;
    }
  }
  return count;
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
  titles.find(normal, scratch.seen.data(), scratch.mark.data());
  if (found(scratch, slots) < kFewMatches) {
    titles.find_typed(normal, scratch.seen.data(), scratch.mark.data());
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
  const bool asked = out->meaning != Meaning::kNone;
  if (asked) {
    state_->nearness.scan(&query, 1, scratch.eligible.data(), scratch.other.score.data());
  }
  bitmap_clear(scratch.usable.data(), slots);
  for (uint32_t first = 0; first < slots; first += 64) {
    const uint64_t eligible = scratch.eligible[first / 64];
    const uint32_t end = std::min(first + 64, slots);
    if (!any_mark(scratch.mark.data() + first, end - first)) {
      if (asked) {
        scratch.usable[first / 64] =
            eligible & active_kernel().at_least(scratch.other.score.data() + first, end - first, 1);
      }
      continue;
    }
    uint64_t usable = 0;
    for (uint32_t slot = first; slot < end; ++slot) {
      const uint8_t match = scratch.mark[slot];
      if (match != 0) {
        scratch.mark[slot] = 0;
        scratch.other.score[slot] = match * kMatchStepQ20 + stack.popularity_q20()[slot];
      } else if (!asked || scratch.other.score[slot] <= 0) {
        continue;
      }
      usable |= uint64_t{1} << (slot - first);
    }
    scratch.usable[first / 64] = usable & eligible;
  }
  out->eligible = static_cast<uint32_t>(bitmap_count(scratch.usable.data(), slots));
  best_of(stack, scratch.other.score.data(), scratch.usable.data(), request.screen_token,
          std::min(request.k, kMaxK), &scratch.pool);
  for (const Candidate& one : scratch.pool) {
    Pick pick = pick_of(scoring, one.slot);
    pick.score_q20 = one.score_q20;
    const bool named = one.score_q20 >= kMatchStepQ20;
    if (named) pick.terms_q20[kTermPopularity] = stack.popularity_q20()[one.slot];
    pick.terms_q20[kTermText] = one.score_q20 - pick.terms_q20[kTermPopularity];
    pick.reason = Reason::kQuery;
    out->picks.push_back(pick);
  }
}

}  // namespace tvcore
