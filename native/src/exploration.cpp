#include "exploration.hpp"

#include <algorithm>
#include <tuple>

#include "choice.hpp"
#include "drawn.hpp"
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
  const int32_t diversity_q12 = scoring.request().diversity_q12;
  Excess excess(diverse ? &scoring.taste() : nullptr, std::min(scoring.request().k, kMaxK));
  for (uint32_t slot : scratch.chosen) excess.add(genres[slot]);
  std::vector<Scratch::Rival>& out = scratch.rivals;
  out.clear();
  const auto add = [&](int32_t worth_q20, uint32_t slot) {
    out.push_back({worth_q20, genres[slot], {}});
    const auto values = values_q12(scoring.values(slot));
    const auto to = out.back().values_q12.begin();
    std::transform(values.begin(), values.end(), to,
                   [](int16_t one) { return static_cast<int16_t>(cut(one, kLargestShown - 1)); });
  };
  for (size_t i = 0; i < scratch.chosen.size(); ++i) {
    add(scratch.chosen_worth[i], scratch.chosen[i]);
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
    one.mmr = candidate.score_q20 - term_q20(diversity_q12, one.nearest_q20) -
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
    add(candidate.score_q20 - term_q20(diversity_q12, others[i].nearest_q20), candidate.slot);
  }
}

static_assert(std::tuple_size_v<Scratch::Shown> >= kTerms &&
                  kTerms * int64_t{kLargestShift} * kLargestShown < INT32_MAX,
              "a draw moves a worth by a sum that 32 bits hold");
int32_t sum_of_products(const Scratch::Shown& a, const Scratch::Shown& b) {
  int32_t sum = 0;
  for (size_t t = 0; t < a.size(); ++t) sum += int32_t{a[t]} * b[t];
  return sum;
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
    Scratch::Shown shift{};
    for (size_t t = 0; t < kTerms; ++t) {
      shift[t] = static_cast<int16_t>(cut((other[t] - own[t]) >> 4, kLargestShift - 1));
    }
    for (size_t i = 0; i < all.size(); ++i) {
      worth[i] = all[i].worth_q20 + (sum_of_products(shift, all[i].values_q12) >> 8);
    }
    count_drawn(scoring.scratch(), at_first, count, within.data());
  }
  for (size_t i = 0; i < count; ++i) picks[i].propensity_q16 = within[i] * (kCertain / kDraws);
}

}  // namespace tvcore
