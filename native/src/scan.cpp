#include "tvcore/scan.hpp"

#include <algorithm>

#include "tvcore/bitmap.hpp"

namespace tvcore {
namespace {

// With at most this many eligible rows in a word, only those rows are read; above it the reads in
// between cost less than picking.
constexpr unsigned kPickLimit = 40;

// The scores of one block, and what is needed to say which query won a row of it.
class BlockScorer {
 public:
  BlockScorer(const VectorTable& table, const QueryVector* queries, std::size_t query_count)
      : table_(table), kernel_(active_kernel()) {
    prepare_queries(queries, query_count, table.dimension, queries_);
  }

  // Scores the block's rows into `scores`, one after the other.
  void every_row(std::size_t first, std::size_t count, std::int32_t* scores) {
    kernel_.dot(queries_, table_.rows + first * table_.stride, table_.stride, nullptr, count,
                dots_);
    kernel_.combine(queries_, dots_, table_.scale_q30 + first, table_.bias_q20 + first, count,
                    scores);
  }

  // Scores the rows of `word` alone, closed up; `rows[i]` says which row of the block has
  // scores[i].
  std::size_t picked_rows(std::size_t first, std::uint64_t word, std::uint8_t* rows,
                          std::int32_t* scores) {
    std::uint32_t scale[kBlockRows];
    std::int32_t bias[kBlockRows];
    std::size_t count = 0;
    for (; word != 0; word &= word - 1, ++count) {
      const unsigned row = lowest_bit(word);
      rows[count] = static_cast<std::uint8_t>(row);
      scale[count] = table_.scale_q30[first + row];
      bias[count] = table_.bias_q20[first + row];
    }
    kernel_.dot(queries_, table_.rows + first * table_.stride, table_.stride, rows, count, dots_);
    kernel_.combine(queries_, dots_, scale, bias, count, scores);
    return count;
  }

  // Which query won in place `i` of the block scored last, where `row` stood.
  std::uint32_t winner(std::size_t i, std::size_t row) const {
    std::uint32_t best = 0;
    for (std::uint32_t q = 1; q < queries_.count; ++q) {
      if (term(q, i, row) > term(best, i, row)) best = q;
    }
    return best;
  }

  const Kernel& kernel() const { return kernel_; }

 private:
  std::int32_t term(std::size_t q, std::size_t i, std::size_t row) const {
    const std::int32_t sim =
        similarity(dots_[q * kBlockRows + i], table_.scale_q30[row], queries_.scale_q30[q]);
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(sim) +
                                     static_cast<std::uint32_t>(queries_.bias_q20[q]));
  }

  const VectorTable& table_;
  const Kernel& kernel_;
  PreparedQueries queries_;
  alignas(64) std::int32_t dots_[kMaxQueries * kBlockRows];
};

std::uint64_t eligible_word(const std::uint64_t* eligible, std::size_t first) {
  return eligible != nullptr ? eligible[first / kBlockRows] : ~std::uint64_t{0};
}

}  // namespace

void scan_top_k(const VectorTable& table, const QueryVector* queries, std::size_t query_count,
                const std::uint64_t* eligible, TopK& top) {
  BlockScorer scorer(table, queries, query_count);
  alignas(64) std::int32_t scores[kBlockRows];
  std::uint8_t rows[kBlockRows];
  for (std::size_t first = 0; first < table.count; first += kBlockRows) {
    const std::uint64_t word = eligible_word(eligible, first);
    if (word == 0) continue;
    std::size_t count = std::min(kBlockRows, table.count - first);
    const bool pick = count_bits(word) <= kPickLimit;
    if (pick) {
      count = scorer.picked_rows(first, word, rows, scores);
    } else {
      scorer.every_row(first, count, scores);
    }
    std::uint64_t left = scorer.kernel().at_least(scores, count, top.threshold());
    if (!pick) left &= word;
    for (; left != 0; left &= left - 1) {
      const unsigned i = lowest_bit(left);
      const std::size_t row = first + (pick ? rows[i] : i);
      top.push(scores[i], static_cast<std::uint32_t>(row), scorer.winner(i, row));
    }
  }
}

void scan_all(const VectorTable& table, const QueryVector* queries, std::size_t query_count,
              const std::uint64_t* eligible, std::int32_t* scores) {
  BlockScorer scorer(table, queries, query_count);
  std::int32_t picked[kBlockRows];
  std::uint8_t rows[kBlockRows];
  for (std::size_t first = 0; first < table.count; first += kBlockRows) {
    const std::uint64_t word = eligible_word(eligible, first);
    const std::size_t count = std::min(kBlockRows, table.count - first);
    if (count_bits(word) > kPickLimit) {
      scorer.every_row(first, count, scores + first);
      continue;
    }
    std::fill(scores + first, scores + first + count, 0);
    if (word == 0) continue;
    const std::size_t found = scorer.picked_rows(first, word, rows, picked);
    for (std::size_t i = 0; i < found; ++i) scores[first + rows[i]] = picked[i];
  }
}

void score_rows(const VectorTable& table, const PreparedQueries& query, const std::uint32_t* rows,
                std::size_t count, std::int32_t* scores) {
  alignas(64) std::int32_t dots[kBlockRows];
  std::uint32_t scale[kBlockRows];
  std::int32_t bias[kBlockRows];
  for (std::size_t i = 0; i < count; ++i) {
    scale[i] = table.scale_q30[rows[i]];
    bias[i] = table.bias_q20[rows[i]];
  }
  const Kernel& kernel = active_kernel();
  kernel.dot_at(query, table.rows, table.stride, rows, count, dots);
  kernel.combine(query, dots, scale, bias, count, scores);
}

Scored score_row(const VectorTable& table, const QueryVector* queries, std::size_t query_count,
                 std::size_t row) {
  BlockScorer scorer(table, queries, query_count);
  std::int32_t score = 0;
  scorer.every_row(row, 1, &score);
  return {score, static_cast<std::uint32_t>(row), scorer.winner(0, row)};
}

}  // namespace tvcore
