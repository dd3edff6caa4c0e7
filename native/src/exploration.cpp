#include "exploration.hpp"

#include <algorithm>

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

// Scratch::rivals: the chosen titles, then those that came nearest to being chosen, each with what it was worth last.
void find_rivals(const Scoring& scoring) {
  Scratch& scratch = scoring.scratch();
  const uint64_t* groups = scoring.state().stack->groups();
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
  const auto better = [](const Scratch::Bound& a, const Scratch::Bound& b) {
    return a.mmr != b.mmr ? a.mmr > b.mmr : a.place < b.place;
  };
  const size_t count = std::min(others.size(), scratch.chosen.size() + kRivals);
  std::partial_sort(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count),
                    others.end(), better);
  for (size_t i = 0; i < count; ++i) {
    out.push_back({others[i].mmr, scratch.pool[others[i].place].slot, {}});
  }
  for (Scratch::Rival& one : out) one.values_q12 = values_q12(scoring.values(one.slot));
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

void give_propensities(const Scoring& scoring, Pick* picks, size_t count) {
  const Request& request = scoring.request();
  if (request.exploration == nullptr || count == 0) return;
  const uint32_t profile = scoring.view().profile();
  find_rivals(scoring);
  const std::vector<Scratch::Rival>& all = scoring.scratch().rivals;
  const auto drawn = [&](uint32_t draw) {
    return deviations_q20(*request.exploration, profile, request.screen_token, draw);
  };
  const Terms own = drawn(0);
  std::array<uint32_t, kMaxK> within;
  within.fill(1);
  std::vector<int32_t>& worth = scoring.scratch().worth;
  std::vector<int32_t>& sorted = scoring.scratch().sorted_worth;
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
    sorted = worth;
    const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(count) - 1;
    std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>());
    for (size_t i = 0; i < count; ++i) within[i] += worth[i] >= *last ? 1 : 0;
  }
  for (size_t i = 0; i < count; ++i) picks[i].propensity_q16 = within[i] * (kCertain / kDraws);
}

}  // namespace tvcore
