#include "tvcore/prior.hpp"

namespace tvcore {

const char* prior_fault(const PackPrior& row) {
  if (row.term >= kTerms) return nullptr;
  if (row.term == kTermExplore) return "PRIO: exploration is sampled, no prior is about it";
  const int32_t least = row.term == kTermCf ? kLeastCfPriorQ12 : -kWeightLimitQ12;
  if (row.mean_q12 < least || row.mean_q12 > kWeightLimitQ12) return "PRIO: a mean is out of range";
  // So written that what is no number is out of range.
  if (!(row.precision >= kLeastPrecision && row.precision <= kLargestPrecision)) {
    return "PRIO: a precision is out of range";
  }
  return nullptr;
}

}  // namespace tvcore
