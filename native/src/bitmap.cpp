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

// Without the instruction, which not every chip has, and without a call a word: several words side by side.
std::size_t bitmap_count(const std::uint64_t* words, std::size_t rows) {
  constexpr std::uint64_t kPairs = 0x5555555555555555, kFours = 0x3333333333333333,
                          kBytes = 0x0f0f0f0f0f0f0f0f, kEnds = 0x00ff00ff00ff00ff;
  constexpr std::size_t kTogether = 8;  // 64 ones a word: a byte's counts of 8 words fit 16 bits
  const std::size_t size = bitmap_words(rows);
  std::size_t count = 0;
  for (std::size_t first = 0; first < size; first += kTogether) {
    const std::size_t end = std::min(first + kTogether, size);
    std::uint64_t sum = 0;
    for (std::size_t w = first; w < end; ++w) {
      std::uint64_t word = words[w];
      word -= word >> 1 & kPairs;
      word = (word & kFours) + (word >> 2 & kFours);
      sum += (word + (word >> 4)) & kBytes;
    }
    sum = (sum & kEnds) + (sum >> 8 & kEnds);
    count += sum * 0x0001000100010001 >> 48;
  }
  return count;
}

bool bitmap_any(const std::uint64_t* words, std::size_t rows) {
  std::uint64_t seen = 0;
  for (std::size_t w = 0; w < bitmap_words(rows); ++w) seen |= words[w];
  return seen != 0;
}

}  // namespace tvcore
