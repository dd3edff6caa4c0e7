// Rows that will not enter a beam, told by half of their bytes: what a search waits for is memory, and most of the rows
// that it meets are not near enough.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tvcore/scan.hpp"

namespace tvcore {

// Vectors are rotated at random, so twice the product of the first halves is the whole one with an error of
// 1 / sqrt(dimension) for unit vectors (one standard deviation). A row whose estimate is more than kSieveMargin below what
// it must reach is taken for not reaching it.
constexpr std::int32_t kSieveMarginQ20 = 104858;  // 0.1: two deviations of 384 dimensions
constexpr std::size_t kSievedDimension =
    384;  // shorter rows are few lines, and their estimates poorer

class HnswSieve {
 public:
  // Whether rows of a table can be halved.
  static bool fits(const VectorTable& table) {
    return table.dimension >= kSievedDimension && table.dimension % (2 * kRowAlign) == 0;
  }

  // Precondition: fits() of the table that the query is asked of.
  HnswSieve(const QueryVector& query, std::size_t dimension);

  // Bytes of a row that sift() reads of every row.
  std::size_t half() const { return half_; }

  // Leaves in `rows`, in their order, those that may have `threshold`, with the scores of score_rows(); how many.
  // count <= kBlockRows.
  std::size_t sift(const VectorTable& table, std::int32_t threshold, std::uint32_t* rows,
                   std::size_t count, std::int32_t* scores) const;

 private:
  std::size_t half_;
  PreparedQueries first_, second_;
};

}  // namespace tvcore
