#include "tvcore/centred_scan.hpp"

#include <algorithm>

#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

constexpr std::size_t kLine = 64;  // bytes that are read from memory at once
constexpr std::size_t kBatch =
    32;  // rows that are multiplied at once: twice as many fit the nearest cache
alignas(64) constexpr std::int32_t kNoBias[kBlockRows] = {};

// Rows come one by one; each is asked for from memory at once, and multiplied when a batch more has come: until then it
// is there. So eligible rows far apart cost no more each than many side by side.
class Gatherer {
 public:
  Gatherer(const VectorTable& table, const QuerySet& set)
      : table_(table), set_(set), kernel_(active_kernel()) {
    if (set.count == 0) return;
    prepare_queries(set.queries, set.count, table.dimension, queries_);
    std::fill(queries_.bias_q20, queries_.bias_q20 + set.count, 0);
  }

  void add(std::uint64_t word, std::size_t first) {
    const std::size_t stride = table_.stride, dimension = table_.dimension;
    for (; word != 0; word &= word - 1) {
      const std::size_t row = first + lowest_bit(word);
      const std::int8_t* const bytes = table_.rows + row * stride;
      for (const std::int8_t* at = bytes; at < bytes + dimension; at += kLine) {
        __builtin_prefetch(
            at, 0, 2);  // to be read, by the second cache: the first is left to what is at work
      }
      rows_[count_++] = static_cast<std::uint32_t>(row);
      if (count_ == 2 * kBatch) score(kBatch);
    }
  }

  void finish() {
    while (count_ != 0) score(std::min(count_, kBatch));
  }

 private:
  // The `count` that have waited longest.
  void score(std::size_t count) {
    alignas(64) std::int32_t dots[kMaxQueries * kBlockRows];
    std::uint32_t scale[kBlockRows];
    std::int32_t scores[kBlockRows];
    for (std::size_t i = 0; i < count; ++i) scale[i] = table_.scale_q30[rows_[i]];
    kernel_.dot_at(queries_, table_.rows, table_.stride, rows_, count, dots);
    kernel_.combine(queries_, dots, scale, kNoBias, count, scores);
    for (std::size_t i = 0; i < count; ++i) set_.scores[rows_[i]] = scores[i];
    std::copy(rows_ + count, rows_ + count_, rows_);
    count_ -= count;
  }

  const VectorTable& table_;
  const QuerySet& set_;
  const Kernel& kernel_;
  PreparedQueries queries_;
  std::uint32_t rows_[2 * kBatch];
  std::size_t count_ = 0;
};

// The bits of a table's rows from `row` on, at most 64 of them.
std::uint64_t wanted_from(const QuerySet& set, std::size_t row, std::size_t rows) {
  if (set.count == 0) return 0;
  const std::size_t bit = set.first_bit + row, shift = bit % 64;
  std::uint64_t word = set.wanted[bit / 64] >> shift;
  const std::size_t left = rows - row;
  if (shift != 0 && left > 64 - shift) word |= set.wanted[bit / 64 + 1] << (64 - shift);
  return left < 64 ? word & ((std::uint64_t{1} << left) - 1) : word;
}

}  // namespace

void scan_centred(const VectorTable& table, const QuerySet (&sets)[kQuerySets]) {
  Gatherer gatherers[kQuerySets] = {{table, sets[0]}, {table, sets[1]}, {table, sets[2]}};
  for (std::size_t row = 0; row < table.count; row += 64) {
    for (std::size_t s = 0; s < kQuerySets; ++s) {
      gatherers[s].add(wanted_from(sets[s], row, table.count), row);
    }
  }
  for (Gatherer& one : gatherers) one.finish();
}

}  // namespace tvcore
