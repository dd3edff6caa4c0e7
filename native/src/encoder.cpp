#include "tvcore/encoder.hpp"

#include <algorithm>
#include <cstring>

#include "tvcore/hash.hpp"

namespace tvcore {
namespace {

constexpr size_t kShortestGram = 3, kLongestGram = 5;
constexpr size_t kLongestText = 255;
constexpr uint32_t kOneQ12 = 4096;
constexpr int64_t kOneQ20 = 1 << 20;
constexpr int32_t kLargestSum = 1 << 24;  // before squaring

uint64_t square_root(uint64_t n) {  // rounded down
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= n) root += bit;
  }
  return root;
}

int64_t half_away(int64_t n, int64_t d) { return n >= 0 ? (n + d / 2) / d : -((-n + d / 2) / d); }

}  // namespace

struct TextEncoder::Sum {
  alignas(64) std::array<uint32_t, kMaxDimension> values;  // modulo 2^32
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
}

uint32_t TextEncoder::find(uint32_t hash) const {
  const uint32_t* const end = table_.hashes + table_.count;
  const uint32_t* const at = std::lower_bound(table_.hashes, end, hash);
  return at != end && *at == hash ? static_cast<uint32_t>(at - table_.hashes) : kNone;
}

bool TextEncoder::add(uint64_t hash, uint32_t weight_q12, Sum* sum) const {
  const uint32_t row = find(static_cast<uint32_t>(hash));
  if (row == kNone) return false;
  const auto factor = static_cast<uint32_t>(uint64_t{table_.scales_q20[row]} * weight_q12 >> 12);
  const int8_t* const values = table_.rows + size_t{row} * stride_;
  for (uint32_t i = 0; i < dimension_; ++i) {
    sum->values[i] += factor * static_cast<uint32_t>(static_cast<int32_t>(values[i]));
  }
  return true;
}

bool TextEncoder::encode(std::string_view normal, Quantised* out) const {
  if (!ready()) return false;
  normal = normal.substr(0, kLongestText);
  Sum sum;
  std::fill(sum.values.begin(), sum.values.begin() + dimension_, 0u);
  add(xxh64("", 0), kOneQ12, &sum);
  bool any = false;
  std::string_view before;
  for (size_t at = 0; at < normal.size();) {
    const size_t end = std::min(normal.find(' ', at), normal.size());
    const std::string_view word = normal.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (add(xxh64(word.data(), word.size()), kOneQ12, &sum)) {
      any = true;
    } else {
      char bracketed[kLongestText + 2];  // < word >
      const size_t size = word.size() + 2;
      bracketed[0] = '<';
      std::memcpy(bracketed + 1, word.data(), word.size());
      bracketed[size - 1] = '>';
      std::array<uint64_t, 3 * kLongestText> known;
      size_t count = 0;
      for (size_t length = kShortestGram; length <= kLongestGram && length <= size; ++length) {
        for (size_t from = 0; from + length <= size; ++from) {
          char gram[kLongestGram + 1] = {'\1'};
          std::memcpy(gram + 1, bracketed + from, length);
          const uint64_t hash = xxh64(gram, length + 1);
          if (find(static_cast<uint32_t>(hash)) != kNone) known[count++] = hash;
        }
      }
      const uint64_t share = count > 0 ? square_root((uint64_t{1} << 24) / count) : 0;
      for (size_t i = 0; i < count; ++i) add(known[i], static_cast<uint32_t>(share), &sum);
      any = any || count > 0;
    }
    if (!before.empty()) {
      // The pair stands in the text as it is hashed: two words and a space.
      const size_t from = static_cast<size_t>(before.data() - normal.data());
      const size_t size = static_cast<size_t>(word.data() - before.data()) + word.size();
      if (add(xxh64(normal.data() + from, size), kOneQ12, &sum)) any = true;
    }
    before = word;
  }
  if (!any) return false;

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
  int64_t bias = 0;
  int32_t most = 0;
  for (uint32_t i = 0; i < dimension_; ++i) {
    const int64_t unit = int64_t{y[i]} * kOneQ20 / norm;  // towards 0
    bias += unit * mean_q20_[i];
    y[i] = static_cast<int32_t>(unit) - mean_q20_[i];
    most = std::max(most, y[i] < 0 ? -y[i] : y[i]);
  }
  if (most == 0) return false;
  for (uint32_t i = 0; i < dimension_; ++i) {
    out->row[i] = static_cast<int8_t>(half_away(int64_t{y[i]} * 127, most));
  }
  const auto scale = static_cast<uint32_t>((int64_t{most} * 1024 + 63) / 127);
  out->scale_q30 = std::min(scale, kScaleLimitQ30 - 1);
  out->bias_q20 = static_cast<int32_t>(bias >> 20);
  return true;
}

}  // namespace tvcore
