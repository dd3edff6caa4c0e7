#include "tvcore/normal.hpp"

#include <cstddef>
#include <cstdint>

namespace tvcore {

namespace {

constexpr size_t kMaxBytes = 255;

// What U+00C0 to U+017F become; "" stays as it is (the signs for times and divided by).
constexpr uint32_t kFirstFolded = 0xC0, kLastFolded = 0x17F;
constexpr const char* kFolded[] = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c",  "e",  "e", "e", "e", "i",  "i",  "i", "i", "d", "n",
    "o", "o", "o",  "o",  "o", "",  "o",  "u",  "u",  "u", "u", "y", "th", "ss", "a", "a", "a", "a",
    "a", "a", "ae", "c",  "e", "e", "e",  "e",  "i",  "i", "i", "i", "d",  "n",  "o", "o", "o", "o",
    "o", "",  "o",  "u",  "u", "u", "u",  "y",  "th", "y", "a", "a", "a",  "a",  "a", "a", "c", "c",
    "c", "c", "c",  "c",  "c", "c", "d",  "d",  "d",  "d", "e", "e", "e",  "e",  "e", "e", "e", "e",
    "e", "e", "g",  "g",  "g", "g", "g",  "g",  "g",  "g", "h", "h", "h",  "h",  "i", "i", "i", "i",
    "i", "i", "i",  "i",  "i", "i", "ij", "ij", "j",  "j", "k", "k", "k",  "l",  "l", "l", "l", "l",
    "l", "l", "l",  "l",  "l", "n", "n",  "n",  "n",  "n", "n", "n", "n",  "n",  "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r",  "r",  "r",  "r", "s", "s", "s",  "s",  "s", "s", "s", "s",
    "t", "t", "t",  "t",  "t", "t", "u",  "u",  "u",  "u", "u", "u", "u",  "u",  "u", "u", "u", "u",
    "w", "w", "y",  "y",  "y", "z", "z",  "z",  "z",  "z", "z", "s",
};
static_assert(sizeof kFolded / sizeof kFolded[0] == kLastFolded - kFirstFolded + 1, "one a letter");

// The character at `at`, and its length in *length; length 0 where the bytes are no UTF-8.
uint32_t decode(std::string_view text, size_t at, size_t* length) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  const uint8_t lead = byte(0);
  *length = 0;
  if (lead < 0x80) {
    *length = 1;
    return lead;
  }
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + size > text.size()) return 0;
  uint32_t point = lead & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    point = (point << 6) | (byte(i) & 0x3Fu);
  }
  const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (overlong || surrogate || point > 0x10FFFF) return 0;
  *length = size;
  return point;
}

// Words with one space between them.
class Words {
 public:
  void add(std::string_view piece) {
    if (gap_ && !text_.empty()) text_ += ' ';
    gap_ = false;
    text_ += piece;
  }
  void gap() { gap_ = true; }
  std::string take() {
    if (text_.size() > kMaxBytes) {
      size_t size = kMaxBytes;
      while ((static_cast<uint8_t>(text_[size]) & 0xC0) == 0x80) --size;
      while (size > 0 && text_[size - 1] == ' ') --size;
      text_.resize(size);
    }
    return std::move(text_);
  }

 private:
  std::string text_;
  bool gap_ = false;
};

}  // namespace

std::string normal_form(std::string_view text) {
  Words words;
  for (size_t at = 0, length = 0; at < text.size(); at += length) {
    const uint32_t point = decode(text, at, &length);
    if (length == 0) {
      words.gap();
      length = 1;
    } else if (point == '\'' || point == 0x2019 || (point >= 0x300 && point <= 0x36F)) {
      // vanishes
    } else if (point == '&') {
      words.gap();
      words.add("and");
      words.gap();
    } else if (point < 0x80) {
      char letter = static_cast<char>(point);
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
      if ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9')) {
        words.add({&letter, 1});
      } else {
        words.gap();
      }
    } else if (point >= kFirstFolded && point <= kLastFolded &&
               *kFolded[point - kFirstFolded] != 0) {
      words.add(kFolded[point - kFirstFolded]);
    } else {
      words.add(text.substr(at, length));
    }
  }
  return words.take();
}

bool is_utf8(std::string_view text) {
  for (size_t at = 0, length = 0; at < text.size(); at += length) {
    decode(text, at, &length);
    if (length == 0) return false;
  }
  return true;
}

}  // namespace tvcore
