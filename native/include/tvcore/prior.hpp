// What a pack says that terms weigh before anything is learned (docs/formats.md, `PRIO`).
#pragma once

#include <array>
#include <cstdint>

#include "tvcore/terms.hpp"

namespace tvcore {

struct PackPrior {  // PRIO
  uint32_t term;    // TVB_TERM_*
  int32_t mean_q12;
  double precision;  // 1 / variance of the weight
};
static_assert(sizeof(PackPrior) == 16, "docs/formats.md");

struct Prior {
  Weights mean_q12 = kDefaultWeights;
  std::array<double, kTerms> precision{};  // 0: the built-in one, which the learning side has
};

constexpr int32_t kLeastCfPriorQ12 = 256;  // its weight stays above 0, as what is learned does
constexpr double kLeastPrecision = 1.0 / 16, kLargestPrecision = 1e6;

// Null, or what is wrong with a row. Nothing is known of terms from kTerms on.
const char* prior_fault(const PackPrior& row);

}  // namespace tvcore
