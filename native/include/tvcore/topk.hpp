// The best k of a stream of scored rows, in the one order that every list of the project has: score
// descending, then row ascending.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tvcore {

constexpr std::size_t kMaxTopK = 1000;
constexpr std::uint32_t kMaxTopKRows = 1u << 30;

struct Scored {
  std::int32_t score;
  std::uint32_t row;
  std::uint32_t tag;  // what the caller gave with the row: 0 to 3 (which interest vector won)
};

// Holds its memory inside (16 KB): allocates nothing, is reused by `reset`. Costs O(1) a row on
// average: rows that can enter are collected, and whenever the room is full the best k are kept and
// the threshold rises.
class TopK {
 public:
  explicit TopK(std::size_t k = kMaxTopK) { reset(k); }

  // Forgets everything. k is cut to kMaxTopK; 0 keeps nothing.
  void reset(std::size_t k);

  // A row with a score below this cannot enter. Rises as rows are pushed.
  std::int32_t threshold() const { return threshold_; }

  // Rows may come in any order, each at most once; row < kMaxTopKRows, tag < 4.
  void push(std::int32_t score, std::uint32_t row, std::uint32_t tag = 0) {
    if (score < threshold_ || k_ == 0) return;
    keys_[size_++] = key(score, row, tag);
    if (size_ == capacity_) shrink();
  }

  // Writes the best, in order, to `out` (room for k) and returns how many: min(k, rows pushed).
  // `reset` comes next.
  std::size_t finish(Scored* out);

 private:
  // Greater is better, and unequal rows have unequal keys: score, then the row's complement, then
  // the tag.
  static std::uint64_t key(std::int32_t score, std::uint32_t row, std::uint32_t tag) {
    const std::uint32_t ordered = static_cast<std::uint32_t>(score) ^ 0x80000000u;
    return static_cast<std::uint64_t>(ordered) << 32 | (~row & (kMaxTopKRows - 1)) << 2 | tag;
  }
  void shrink();

  std::uint64_t keys_[2 * kMaxTopK];
  std::size_t k_;
  std::size_t size_;
  std::size_t capacity_;
  std::int32_t threshold_;
};

// Pushes every row of `eligible` (null: every row) with its score. Rows that cannot enter cost a
// vector compare.
void push_scores(const std::int32_t* scores, std::size_t rows, const std::uint64_t* eligible,
                 TopK& top);

}  // namespace tvcore
