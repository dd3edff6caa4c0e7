#include "tvcore/bitmap.hpp"

#include <algorithm>

namespace tvcore {

void bitmap_fill(std::uint64_t* words, std::size_t rows) {
  std::fill(words, words + rows / 64, ~std::uint64_t{0});
  if (rows % 64 != 0) words[rows / 64] = (std::uint64_t{1} << (rows % 64)) - 1;
}

void bitmap_clear(std::uint64_t* words, std::size_t rows) {
  std::fill(words, words + bitmap_words(rows), std::uint64_t{0});
}

void bitmap_and(std::uint64_t* target, const std::uint64_t* other, std::size_t rows) {
  for (std::size_t w = 0; w < bitmap_words(rows); ++w) target[w] &= other[w];
}

void bitmap_andnot(std::uint64_t* target, const std::uint64_t* other, std::size_t rows) {
  for (std::size_t w = 0; w < bitmap_words(rows); ++w) target[w] &= ~other[w];
}

void bitmap_or(std::uint64_t* target, const std::uint64_t* other, std::size_t rows) {
  for (std::size_t w = 0; w < bitmap_words(rows); ++w) target[w] |= other[w];
}

std::size_t bitmap_count(const std::uint64_t* words, std::size_t rows) {
  std::size_t count = 0;
  for (std::size_t w = 0; w < bitmap_words(rows); ++w) count += count_bits(words[w]);
  return count;
}

bool bitmap_any(const std::uint64_t* words, std::size_t rows) {
  std::uint64_t seen = 0;
  for (std::size_t w = 0; w < bitmap_words(rows); ++w) seen |= words[w];
  return seen != 0;
}

}  // namespace tvcore
