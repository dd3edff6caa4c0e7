// Search by title: an index of the words of every live title, and signatures that tell which titles a mistyped text can
// be. docs/ranking.md ("Search") defines what each match is; tests/oracle/search.py finds the same without an index.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tvcore/signature.hpp"
#include "tvcore/stack.hpp"

namespace tvcore {

// How a title matches, better is larger. Up to kMatchNear2 only where few titles match without an error.
constexpr uint8_t kMatchWordsTyped = 1, kMatchNear2 = 2, kMatchNear1 = 3, kMatchWords = 4,
                  kMatchPhrase = 5, kMatchPrefix = 6, kMatchWhole = 7;
constexpr uint32_t kFewMatches = 3;  // errors are looked for where fewer titles match without

// What a text was found to match: of each slot its best match, and which slots have one.
class TitleMatches {
 public:
  void fit(size_t slots) {
    best_.assign(slots, 0);
    slots_.resize(slots + 1);
    count_ = 0;
  }
  // match > 0. Whether a slot has one already is no branch: nothing could foretell it.
  void raise(uint32_t slot, uint8_t match) {
    uint8_t& best = best_[slot];
    slots_[count_] = slot;
    count_ += best == 0 ? 1 : 0;
    best = std::max(best, match);
  }
  uint8_t best(uint32_t slot) const { return best_[slot]; }
  // The slots that have one, in no order, each once.
  const uint32_t* begin() const { return slots_.data(); }
  const uint32_t* end() const { return slots_.data() + count_; }
  void clear() {
    for (const uint32_t slot : *this) best_[slot] = 0;
    count_ = 0;
  }

 private:
  std::vector<uint8_t> best_;    // 0: none
  std::vector<uint32_t> slots_;  // and a place that is written before it is known to be needed
  size_t count_ = 0;
};

class TitleIndex {
 public:
  explicit TitleIndex(const Stack& stack);

  size_t entries() const { return slots_.size(); }  // titles, original and localised

  // Both raise the slots' matches to the best of their titles. `seen` has a place an entry; its contents mean nothing
  // before and after. `normal` is not empty.
  void find(std::string_view normal, uint8_t* seen,
            TitleMatches* matches) const;  // kMatchWords and up
  void find_typed(std::string_view normal, uint8_t* seen,
                  TitleMatches* matches) const;  // below that

 private:
  struct Words;
  struct Range {  // of words_, first to last - 1
    uint32_t first, last;
  };
  std::string_view title(uint32_t entry) const;
  std::string_view word(uint32_t id) const {
    return {text_.data() + word_at_[id], word_at_[id + 1] - word_at_[id]};
  }
  size_t posts_of(Range range) const { return post_at_[range.last] - post_at_[range.first]; }
  uint32_t bound(std::string_view start, uint32_t from, uint32_t to, bool after) const;
  Range exactly(std::string_view word) const;
  Range beginning(std::string_view start) const;
  std::string_view squeezed(size_t length, uint32_t at) const {
    return {squeezed_.data() + squeezed_at_[length] + (at - title_length_at_[length]) * length,
            length};
  }
  bool stands_in(uint32_t id, uint32_t entry) const;  // whether a word is one of a title's
  void one_word(std::string_view word, TitleMatches* matches) const;
  void near_whole(std::string_view normal, TitleMatches* matches) const;
  void typed_words(std::string_view normal, uint8_t* seen, TitleMatches* matches) const;

  const Stack* stack_;
  std::vector<uint32_t> slots_;  // whose an entry is
  uint32_t originals_ = 0;       // entries from here on are localised: their text is in localised_
  std::string localised_;        // normal forms one after the other
  std::vector<uint32_t> local_at_;
  std::string text_;                        // the distinct words, ascending, one after the other
  std::vector<uint32_t> word_at_;           // where each begins, and the end
  std::array<uint32_t, 257> words_from_{};  // the first word of each first byte, and the end
  std::vector<uint32_t>
      posts_;  // of each word: entry << 2 | first word << 1 | only word, ascending
  std::vector<uint32_t> post_at_;
  // Words by length, and titles by their length without spaces:
  std::vector<uint32_t> words_by_length_, titles_by_length_;
  SignatureTable word_signs_, title_signs_;  // in these orders
  std::vector<uint32_t> word_length_at_,
      title_length_at_;  // where each length from 0 to 256 begins
  // Titles without spaces in their order, one after the other, and where those of each length begin:
  std::string squeezed_;
  std::vector<uint32_t> squeezed_at_;
};

}  // namespace tvcore
