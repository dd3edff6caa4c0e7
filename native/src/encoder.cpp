#include "tvcore/encoder.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "tvcore/hash.hpp"

namespace tvcore {
namespace {

constexpr size_t kShortestGram = 3, kLongestGram = 5;
constexpr size_t kLongestText = 255;
// The text's own row, one a word and a pair of words, and of each word what its length with < and > makes.
constexpr size_t kMostWords = (kLongestText + 1) / 2;
constexpr size_t kMostParts = 1 + 2 * kMostWords + 3 * (kLongestText + 2 * kMostWords);
constexpr size_t kHashesABegin = 4;
constexpr size_t kLine = 64;
constexpr uint32_t kTogether = 32;  // divides every dimension
constexpr uint32_t kOneQ12 = 4096;
constexpr int32_t kOneQ20 = 1 << 20;
constexpr int32_t kLargestSum = 1 << 24;  // before squaring

uint64_t square_root(uint64_t n) {  // rounded down
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= n) root += bit;
  }
  return root;
}

// n / d, halves away from 0. As doubles, whose divisions vector units do side by side: of numbers below 2^31, so exact.
int32_t half_away(int32_t n, int32_t d) {
  const int32_t half = n >= 0 ? d / 2 : -(d / 2);
  return static_cast<int32_t>(static_cast<double>(n + half) / static_cast<double>(d));
}

}  // namespace

struct TextEncoder::Sum {
  alignas(64) std::array<uint32_t, kMaxDimension> values;  // modulo 2^32
};

// Rows of the table to be added up, and what each counts for.
struct TextEncoder::Parts {
  struct Part {
    uint32_t row, weight_q12;
  };
  std::array<Part, kMostParts> all;
  size_t count = 0;
};

TextEncoder::TextEncoder(std::shared_ptr<const Stack> stack) : stack_(std::move(stack)) {
  const Pack& pack = *stack_->packs()[0];
  const EncoderTable table = pack.encoder();
  if (table.count == 0 || pack.dimension() % 32 != 0) return;
  table_ = table;
  dimension_ = pack.dimension();
  stride_ = pack.stride();
  std::vector<float> mean(pack.mean(), pack.mean() + dimension_);
  Rotation(pack.rotation_seed(), dimension_).apply(mean.data());
  for (const float value : mean) {
    const float scaled = value * 0x1p20f;
    // A damaged mean says nothing; a sound one is below 4.
    const bool sound = scaled > -0x1p22f && scaled < 0x1p22f;
    mean_q20_.push_back(sound ? static_cast<int32_t>(scaled + (scaled < 0 ? -0.5f : 0.5f)) : 0);
  }
  unsigned bits = 1;
  while (bits < 16 && (size_t{kHashesABegin} << bits) < table_.count) ++bits;
  shift_ = 32 - bits;
  begins_.assign((size_t{1} << bits) + 1, 0);
  for (uint32_t i = 0; i < table_.count; ++i) ++begins_[(table_.hashes[i] >> shift_) + 1];
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
}

// The hashes are of 32 bits: the low ones of `hash`.
uint32_t TextEncoder::find(uint64_t hash) const {
  const auto wanted = static_cast<uint32_t>(hash);
  const uint32_t end = begins_[(wanted >> shift_) + 1];
  for (uint32_t row = begins_[wanted >> shift_]; row < end; ++row) {
    if (table_.hashes[row] == wanted) return row;
  }
  return kNone;
}

// A row that the table has, on its way while others are looked up.
bool TextEncoder::take(uint64_t hash, Parts* parts) const {
  const uint32_t row = find(hash);
  if (row == kNone) return false;
  const int8_t* const values = table_.rows + size_t{row} * stride_;
  for (uint32_t at = 0; at < stride_; at += kLine) __builtin_prefetch(values + at);
  __builtin_prefetch(table_.scales_q20 + row);
  parts->all[parts->count++] = {row, kOneQ12};
  return true;
}

// What is known of < word >, its parts together as long as a known word.
bool TextEncoder::take_grams(std::string_view word, Parts* parts) const {
  char bracketed[kLongestText + 2];
  const size_t size = word.size() + 2;
  bracketed[0] = '<';
  std::memcpy(bracketed + 1, word.data(), word.size());
  bracketed[size - 1] = '>';
  const size_t before = parts->count;
  for (size_t length = kShortestGram; length <= kLongestGram && length <= size; ++length) {
    for (size_t from = 0; from + length <= size; ++from) {
      char gram[kLongestGram + 1] = {'\1'};
      std::memcpy(gram + 1, bracketed + from, length);
      take(xxh64(gram, length + 1), parts);
    }
  }
  const size_t count = parts->count - before;
  if (count == 0) return false;
  const auto share = static_cast<uint32_t>(square_root((uint64_t{1} << 24) / count));
  for (size_t i = before; i < parts->count; ++i) parts->all[i].weight_q12 = share;
  return true;
}

// False where not one word says anything.
bool TextEncoder::take_text(std::string_view normal, Parts* parts) const {
  take(xxh64("", 0), parts);
  bool any = false;
  std::string_view before;
  for (size_t at = 0; at < normal.size();) {
    const size_t end = std::min(normal.find(' ', at), normal.size());
    const std::string_view word = normal.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (take(xxh64(word.data(), word.size()), parts) || take_grams(word, parts)) any = true;
    if (!before.empty()) {
      // The pair stands in the text as it is hashed: two words and a space.
      const size_t from = static_cast<size_t>(before.data() - normal.data());
      const size_t size = static_cast<size_t>(word.data() - before.data()) + word.size();
      if (take(xxh64(normal.data() + from, size), parts)) any = true;
    }
    before = word;
  }
  return any;
}

void TextEncoder::add_up(const Parts& parts, Sum* sum) const {
  std::fill(sum->values.begin(), sum->values.begin() + dimension_, 0u);
  for (size_t p = 0; p < parts.count; ++p) {
    const auto [row, weight_q12] = parts.all[p];
    const auto factor = static_cast<uint32_t>(uint64_t{table_.scales_q20[row]} * weight_q12 >> 12);
    const int8_t* const values = table_.rows + size_t{row} * stride_;
    for (uint32_t first = 0; first < dimension_; first += kTogether) {
      // A constant count, here and below: vectorised.
      for (uint32_t i = first; i < first + kTogether; ++i) {
        sum->values[i] += factor * static_cast<uint32_t>(static_cast<int32_t>(values[i]));
      }
    }
  }
}

bool TextEncoder::encode(std::string_view normal, Quantised* out) const {
  if (!ready()) return false;
  Parts parts;
  if (!take_text(normal.substr(0, kLongestText), &parts)) return false;
  Sum sum;
  add_up(parts, &sum);

  // To unit length in Q20.
  std::array<int32_t, kMaxDimension> y;
  int32_t largest = 0;
  for (uint32_t i = 0; i < dimension_; ++i) {
    y[i] = static_cast<int32_t>(sum.values[i]);
    if (y[i] == INT32_MIN) y[i] = -INT32_MAX;
    largest = std::max(largest, y[i] < 0 ? -y[i] : y[i]);
  }
  unsigned shift = 0;
  while (largest >> shift >= kLargestSum) ++shift;
  uint64_t square = 0;
  for (uint32_t i = 0; i < dimension_; ++i) {
    y[i] >>= shift;
    square += static_cast<uint64_t>(int64_t{y[i]} * y[i]);
  }
  const auto norm = static_cast<int64_t>(square_root(square));
  if (norm == 0) return false;
  // |y| <= norm < 2^30, so their quotient in Q20 is as far from a whole number as 2^-30 or is one, and what a division of
  // doubles rounds off is below 2^-32: cut towards 0 it is the quotient of integers.
  const auto divisor = static_cast<double>(norm);
  int64_t bias = 0;
  int32_t most = 0;
  for (uint32_t first = 0; first < dimension_; first += kTogether) {
    int32_t unit[kTogether];
    for (uint32_t i = 0; i < kTogether; ++i) {
      unit[i] = static_cast<int32_t>(static_cast<double>(y[first + i]) * kOneQ20 / divisor);
    }
    for (uint32_t i = 0; i < kTogether; ++i) {
      bias += int64_t{unit[i]} * mean_q20_[first + i];
      y[first + i] = unit[i] - mean_q20_[first + i];
      most = std::max(most, y[first + i] < 0 ? -y[first + i] : y[first + i]);
    }
  }
  if (most == 0) return false;
  for (uint32_t first = 0; first < dimension_; first += kTogether) {
    for (uint32_t i = first; i < first + kTogether; ++i) {
      out->row[i] = static_cast<int8_t>(half_away(y[i] * 127, most));
    }
  }
  const auto scale = static_cast<uint32_t>((int64_t{most} * 1024 + 63) / 127);
  out->scale_q30 = std::min(scale, kScaleLimitQ30 - 1);
  out->bias_q20 = static_cast<int32_t>(bias >> 20);
  return true;
}

}  // namespace tvcore
