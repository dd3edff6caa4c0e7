#include "tvcore/centred_scan.hpp"

#include <algorithm>
#include <array>
#include <optional>

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
  // `sets` want the same rows; `prepared` has room for each.
  Gatherer(const VectorTable& table, const QuerySet* sets, std::size_t count,
           PreparedQueries* prepared)
      : table_(table), sets_(sets), set_count_(count), prepared_(prepared) {
    for (std::size_t s = 0; s < count; ++s) {
      const QuerySet& set = sets[s];
      if (set.count == 0) continue;
      asked_ = true;
      prepare_queries(set.queries, set.count, table.dimension, prepared[s]);
      std::fill(prepared[s].bias_q20, prepared[s].bias_q20 + set.count, 0);
    }
  }

  // Those of the 64 rows from `first` on that are wanted.
  void add(std::size_t first) {
    if (!asked_) return;
    const std::size_t stride = table_.stride, dimension = table_.dimension;
    for (std::uint64_t word = wanted_from(first); word != 0; word &= word - 1) {
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
  // The bits of the table's rows from `row` on, at most 64 of them.
  std::uint64_t wanted_from(std::size_t row) const {
    const std::size_t bit = sets_->first_bit + row, shift = bit % 64;
    std::uint64_t word = sets_->wanted[bit / 64] >> shift;
    const std::size_t left = table_.count - row;
    if (shift != 0 && left > 64 - shift) word |= sets_->wanted[bit / 64 + 1] << (64 - shift);
    return left < 64 ? word & ((std::uint64_t{1} << left) - 1) : word;
  }

  // The `count` that have waited longest.
  void score(std::size_t count) {
    alignas(64) std::int32_t dots[kMaxQueries * kBlockRows];
    std::uint32_t scale[kBlockRows];
    for (std::size_t i = 0; i < count; ++i) scale[i] = table_.scale_q30[rows_[i]];
    for (std::size_t s = 0; s < set_count_; ++s) {
      const QuerySet& set = sets_[s];
      if (set.count == 0) continue;
      const PreparedQueries& queries = prepared_[s];
      active_kernel().dot_at(queries, table_.rows, table_.stride, rows_, count, dots);
      if (set.each) {
        for (std::size_t q = 0; q < set.count; ++q) {
          QueryScales one{};
          one.scale_q30[0] = queries.scale_q30[q];
          one.count = 1;
          give(one, dots + q * kBlockRows, scale, count, set.scores[q]);
        }
      } else {
        give(queries, dots, scale, count, set.scores[0]);
      }
    }
    std::copy(rows_ + count, rows_ + count_, rows_);
    count_ -= count;
  }

  void give(const QueryScales& queries, const std::int32_t* dots, const std::uint32_t* scale,
            std::size_t count, std::int32_t* to) const {
    std::int32_t scores[kBlockRows];
    active_kernel().combine(queries, dots, scale, kNoBias, count, scores);
    for (std::size_t i = 0; i < count; ++i) to[rows_[i]] = scores[i];
  }

  const VectorTable& table_;
  const QuerySet* sets_;
  std::size_t set_count_;
  PreparedQueries* prepared_;
  bool asked_ = false;
  std::uint32_t rows_[2 * kBatch];
  std::size_t count_ = 0;
};

// How many of the sets from the first on want the same rows.
std::size_t together(const QuerySet* first, const QuerySet* end) {
  return static_cast<std::size_t>(
      std::find_if(first, end,
                   [first](const QuerySet& one) { return one.wanted != first->wanted; }) -
      first);
}

}  // namespace

void scan_centred(const VectorTable& table, const QuerySet (&sets)[kQuerySets]) {
  PreparedQueries prepared[kQuerySets];
  std::array<std::optional<Gatherer>, kQuerySets> gatherers;
  std::size_t count = 0;
  for (std::size_t s = 0; s < kQuerySets; ++count) {
    const std::size_t same = together(sets + s, sets + kQuerySets);
    gatherers[count].emplace(table, sets + s, same, prepared + s);
    s += same;
  }
  for (std::size_t row = 0; row < table.count; row += 64) {
    for (std::size_t g = 0; g < count; ++g) gatherers[g]->add(row);
  }
  for (std::size_t g = 0; g < count; ++g) gatherers[g]->finish();
}

}  // namespace tvcore
