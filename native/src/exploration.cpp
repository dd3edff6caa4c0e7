#include "exploration.hpp"

#include <algorithm>

#include "choice.hpp"
#include "excess.hpp"
#include "tvcore/splitmix.hpp"

namespace tvcore {
namespace {

constexpr int32_t kLargestMove = 1 << 18;   // of a weight, Q20
constexpr int32_t kLargestShift = 1 << 14;  // between two draws, Q16
constexpr int32_t kLargestShown = 1 << 13;  // of a value, Q12
constexpr size_t kRivals = 32;              // beyond as many as are chosen

// Nearly normal: eight bytes, each uniform, minus their mean, over their deviation, Q12.
int32_t normal_q12(uint64_t random) {
  int32_t sum = 0;
  for (int i = 0; i < 8; ++i) sum += static_cast<int32_t>(random >> (8 * i) & 255);
  return ((sum - 1020) * 10033) >> 9;
}

// Scratch::rivals: the chosen titles, then those that came nearest to being chosen, each with its score less
// what it lost for alike ones.
void find_rivals(const Scoring& scoring, bool diverse) {
  Scratch& scratch = scoring.scratch();
  const uint64_t* groups = scoring.state().stack->groups();
  const uint64_t* genres = scoring.state().stack->genres();
  Excess excess(diverse ? &scoring.taste() : nullptr, std::min(scoring.request().k, kMaxK));
  for (uint32_t slot : scratch.chosen) excess.add(genres[slot]);
  std::vector<Scratch::Rival>& out = scratch.rivals;
  out.clear();
  for (size_t i = 0; i < scratch.chosen.size(); ++i) {
    out.push_back({scratch.chosen_worth[i], scratch.chosen[i], {}});
  }
  std::vector<Scratch::Bound>& others = scratch.heap;
  const auto taken = [&](const Scratch::Bound& one) {
    const uint64_t group = groups[scratch.pool[one.place].slot];
    return group != 0 &&
           std::find(scratch.groups.begin(), scratch.groups.end(), group) != scratch.groups.end();
  };
  others.erase(std::remove_if(others.begin(), others.end(), taken), others.end());
  for (Scratch::Bound& one : others) {
    const Candidate& candidate = scratch.pool[one.place];
    one.mmr = candidate.score_q20 - term_q20(kDiversityQ12, one.nearest_q20) -
              term_q20(kCalibrationQ12, excess.of_q20(genres[candidate.slot]));
  }
  const auto better = [](const Scratch::Bound& a, const Scratch::Bound& b) {
    return a.mmr != b.mmr ? a.mmr > b.mmr : a.place < b.place;
  };
  const size_t count = std::min(others.size(), scratch.chosen.size() + kRivals);
  std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count),
                    others.end(), better);
  for (size_t i = 0; i < count; ++i) {
    const Candidate& candidate = scratch.pool[others[i].place];
    out.push_back(
        {candidate.score_q20 - term_q20(kDiversityQ12, others[i].nearest_q20), candidate.slot, {}});
  }
  for (Scratch::Rival& one : out) one.values_q12 = values_q12(scoring.values(one.slot));
}

// Counts for each of the first `count` rivals whether a draw that makes them worth Scratch::worth would choose it: as
// choose() does, without the loss for alike ones.
void count_chosen(const Scoring& scoring, Excess excess, size_t count, uint32_t* within) {
  Scratch& scratch = scoring.scratch();
  const uint64_t* genres = scoring.state().stack->genres();
  const auto worse = [](const Scratch::Bound& a, const Scratch::Bound& b) {
    return a.mmr != b.mmr ? a.mmr < b.mmr : a.place > b.place;
  };
  std::vector<Scratch::Bound>& heap = scratch.heap;
  heap.clear();
  for (uint32_t i = 0; i < scratch.worth.size(); ++i) {
    heap.push_back({scratch.worth[i], i, 0, 0, 0});
  }
  std::make_heap(heap.begin(), heap.end(), worse);
  for (uint32_t chosen = 0; chosen < count;) {
    std::pop_heap(heap.begin(), heap.end(), worse);
    Scratch::Bound& best = heap.back();
    const uint64_t of = genres[scratch.rivals[best.place].slot];
    if (best.compared < chosen) {
      best.mmr = scratch.worth[best.place] - term_q20(kCalibrationQ12, excess.of_q20(of));
      best.compared = chosen;
      std::push_heap(heap.begin(), heap.end(), worse);
      continue;
    }
    if (best.place < count) ++within[best.place];
    heap.pop_back();
    excess.add(of);
    ++chosen;
  }
}

}  // namespace

Terms deviations_q20(const Exploration& exploration, uint32_t profile, uint64_t screen_token,
                     uint32_t draw) {
  const uint64_t who = splitmix64(exploration.version << 32 | profile);
  const uint64_t stream = splitmix64(screen_token ^ who) + draw * uint64_t{kTerms};
  std::array<int32_t, kTerms> z{};
  for (size_t t = 0; t < kTerms; ++t) z[t] = normal_q12(splitmix64(stream + t));
  Terms out{};
  const int32_t* row = exploration.factor_q20.data();
  for (size_t t = 0; t < kTerms; ++t) {
    int64_t sum = 0;
    for (size_t s = 0; s <= t; ++s) sum += int64_t{cut(row[s], kLargestMove)} * z[s];
    out[t] = static_cast<int32_t>(
        std::clamp<int64_t>(sum >> 12, -int64_t{kLargestMove}, int64_t{kLargestMove}));
    row += t + 1;
  }
  return out;
}

void give_propensities(const Scoring& scoring, bool diverse, Pick* picks, size_t count) {
  const Request& request = scoring.request();
  if (request.exploration == nullptr || count == 0) return;
  const uint32_t profile = scoring.view().profile();
  find_rivals(scoring, diverse);
  const std::vector<Scratch::Rival>& all = scoring.scratch().rivals;
  const auto drawn = [&](uint32_t draw) {
    return deviations_q20(*request.exploration, profile, request.screen_token, draw);
  };
  const Terms own = drawn(0);
  std::array<uint32_t, kMaxK> within;
  within.fill(1);
  std::vector<int32_t>& worth = scoring.scratch().worth;
  const Excess at_first(diverse ? &scoring.taste() : nullptr, std::min(request.k, kMaxK));
  worth.resize(all.size());
  for (uint32_t draw = 1; draw < kDraws; ++draw) {
    const Terms other = drawn(draw);
    Terms shift{};
    for (size_t t = 0; t < kTerms; ++t) shift[t] = cut((other[t] - own[t]) >> 4, kLargestShift - 1);
    for (size_t i = 0; i < all.size(); ++i) {
      int32_t moved = 0;
      for (size_t t = 0; t < kTerms; ++t) {
        moved += shift[t] * cut(all[i].values_q12[t], kLargestShown - 1);
      }
      worth[i] = all[i].worth_q20 + (moved >> 8);
    }
    count_chosen(scoring, at_first, count, within.data());
  }
  for (size_t i = 0; i < count; ++i) picks[i].propensity_q16 = within[i] * (kCertain / kDraws);
}

}  // namespace tvcore
