// Search by title: an index of the words of every live title, and signatures that tell which titles a mistyped text can
// be. docs/ranking.md ("Search") defines what each match is; tests/oracle/search.py finds the same without an index.
#pragma once

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

class TitleIndex {
 public:
  explicit TitleIndex(const Stack& stack);

  size_t entries() const { return slots_.size(); }  // titles, original and localised

  // Both set match[slot] to the best match of the slot's titles; other places are not touched. `seen` has a place an
  // entry; its contents mean nothing before and after.
  void find(std::string_view normal, uint8_t* seen, uint8_t* match) const;  // kMatchWords and up
  void find_typed(std::string_view normal, uint8_t* seen, uint8_t* match) const;  // below that

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
  Range exactly(std::string_view word) const;
  Range beginning(std::string_view start) const;
  void one_word(std::string_view word, uint8_t* match) const;
  void near_whole(std::string_view normal, uint8_t* match) const;
  void typed_words(std::string_view normal, uint8_t* seen, uint8_t* match) const;

  const Stack* stack_;
  std::vector<uint32_t> slots_;  // whose an entry is
  uint32_t originals_ = 0;       // entries from here on are localised: their text is in localised_
  std::string localised_;        // normal forms one after the other
  std::vector<uint32_t> local_at_;
  std::string text_;               // the distinct words, ascending, one after the other
  std::vector<uint32_t> word_at_;  // where each begins, and the end
  std::vector<uint32_t>
      posts_;  // of each word: entry << 2 | first word << 1 | only word, ascending
  std::vector<uint32_t> post_at_;
  // Words by length, and titles by their length without spaces:
  std::vector<uint32_t> words_by_length_, titles_by_length_;
  SignatureTable word_signs_, title_signs_;  // in these orders
  std::vector<uint32_t> word_length_at_,
      title_length_at_;  // where each length from 0 to 256 begins
};

}  // namespace tvcore
