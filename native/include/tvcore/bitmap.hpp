// Bitmaps over rows: bit r of word r / 64. Whoever owns the words keeps the bits past the last row
// 0; every operation here keeps them so.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tvcore {

constexpr std::size_t bitmap_words(std::size_t rows) { return (rows + 63) / 64; }

// Sets the first `rows` bits, and no other.
void bitmap_fill(std::uint64_t* words, std::size_t rows);
void bitmap_clear(std::uint64_t* words, std::size_t rows);

// target = target & other, target & ~other, target | other.
void bitmap_and(std::uint64_t* target, const std::uint64_t* other, std::size_t rows);
void bitmap_andnot(std::uint64_t* target, const std::uint64_t* other, std::size_t rows);
void bitmap_or(std::uint64_t* target, const std::uint64_t* other, std::size_t rows);

std::size_t bitmap_count(const std::uint64_t* words, std::size_t rows);
bool bitmap_any(const std::uint64_t* words, std::size_t rows);

inline bool bitmap_test(const std::uint64_t* words, std::size_t row) {
  return (words[row / 64] >> (row % 64) & 1u) != 0;
}
inline void bitmap_set(std::uint64_t* words, std::size_t row) {
  words[row / 64] |= std::uint64_t{1} << (row % 64);
}
inline void bitmap_reset(std::uint64_t* words, std::size_t row) {
  words[row / 64] &= ~(std::uint64_t{1} << (row % 64));
}

// The lowest set bit of a word that is not 0, and how many are set.
inline unsigned lowest_bit(std::uint64_t word) {
  return static_cast<unsigned>(__builtin_ctzll(word));
}
inline unsigned count_bits(std::uint64_t word) {
  return static_cast<unsigned>(__builtin_popcountll(word));
}

// Calls visit(row) for every set bit in ascending order.
template <class Visit>
void bitmap_for_each(const std::uint64_t* words, std::size_t rows, Visit&& visit) {
  for (std::size_t w = 0; w < bitmap_words(rows); ++w) {
    for (std::uint64_t left = words[w]; left != 0; left &= left - 1) {
      visit(w * 64 + lowest_bit(left));
    }
  }
}

}  // namespace tvcore
