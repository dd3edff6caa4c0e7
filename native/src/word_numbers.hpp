// The different words of a catalogue, numbered as they come. Most words of a title have come before: one look each, and
// no memory but that of the tables.
#ifndef TVCORE_WORD_NUMBERS_HPP
#define TVCORE_WORD_NUMBERS_HPP

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "tvcore/hash.hpp"

namespace tvcore {

class WordNumbers {
 public:
  WordNumbers() : places_(kFirstPlaces) {}

  // The word's number, the next one if it has not come yet. What `word` points to must outlive this.
  uint32_t number(std::string_view word) {
    if (2 * words_.size() >= places_.size()) grow();
    const uint64_t start = first_bytes(word);
    const size_t place = find(word, start);
    if (places_[place] == 0) {
      words_.push_back(word);
      starts_.push_back(start);
      places_[place] = static_cast<uint32_t>(words_.size());
    }
    return places_[place] - 1;
  }

  size_t size() const { return words_.size(); }
  std::string_view word(uint32_t number) const { return words_[number]; }

  // All numbers, by their words in the order of bytes.
  std::vector<uint32_t> in_order() const {
    std::vector<std::pair<uint64_t, uint32_t>> order;
    order.reserve(size());
    for (uint32_t i = 0; i < size(); ++i) order.emplace_back(starts_[i], i);
    std::sort(order.begin(), order.end(), [this](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : words_[a.second] < words_[b.second];
    });
    std::vector<uint32_t> numbers;
    numbers.reserve(size());
    for (const auto& one : order) numbers.push_back(one.second);
    return numbers;
  }

 private:
  static constexpr size_t kFirstPlaces = 4096;  // a power of two, as all that follow

  // Eight of them as one number, zeros after the end: words that differ in it are in its order.
  static uint64_t first_bytes(std::string_view word) {
    uint64_t out = 0;
    for (size_t i = 0; i < 8; ++i)
      out = out << 8 | (i < word.size() ? static_cast<uint8_t>(word[i]) : 0u);
    return out;
  }

  // Where the word is, or is to be.
  size_t find(std::string_view word, uint64_t start) const {
    uint64_t hash = start ^ word.size();
    if (word.size() > 8) hash ^= xxh64(word.data() + 8, word.size() - 8);
    hash *= 0x9e3779b97f4a7c15u;
    const size_t mask = places_.size() - 1;
    size_t place = static_cast<size_t>(hash >> 32) & mask;
    while (places_[place] != 0 && words_[places_[place] - 1] != word) place = (place + 1) & mask;
    return place;
  }

  void grow() {
    places_.assign(2 * places_.size(), 0);
    for (uint32_t i = 0; i < size(); ++i) places_[find(words_[i], starts_[i])] = i + 1;
  }

  std::vector<std::string_view> words_;
  std::vector<uint64_t> starts_;
  std::vector<uint32_t> places_;  // a number and 1, or 0; at most half of them are taken
};

}  // namespace tvcore

#endif
