#include "tvcore/topk.hpp"

#include <algorithm>
#include <functional>

#include "tvcore/bitmap.hpp"
#include "tvcore/dot.hpp"

namespace tvcore {
namespace {

constexpr std::size_t kSmallestRoom = 128;

std::int32_t score_of(std::uint64_t key) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(key >> 32) ^ 0x80000000u);
}

}  // namespace

void TopK::reset(std::size_t k) {
  k_ = std::min(k, kMaxTopK);
  size_ = 0;
  capacity_ = std::max(2 * k_, kSmallestRoom);
  threshold_ = INT32_MIN;
}

void TopK::shrink() {
  std::nth_element(keys_, keys_ + k_ - 1, keys_ + size_, std::greater<>());
  size_ = k_;
  threshold_ = score_of(keys_[k_ - 1]);
}

std::size_t TopK::finish(Scored* out) {
  if (size_ > k_) shrink();
  std::sort(keys_, keys_ + size_, std::greater<>());
  for (std::size_t i = 0; i < size_; ++i) {
    const auto low = static_cast<std::uint32_t>(keys_[i]);
    out[i] = {score_of(keys_[i]), ~(low >> 2) & (kMaxTopKRows - 1), low & 3u};
  }
  return size_;
}

void push_scores(const std::int32_t* scores, std::size_t rows, const std::uint64_t* eligible,
                 TopK& top) {
  const Kernel& kernel = active_kernel();
  for (std::size_t first = 0; first < rows; first += kBlockRows) {
    std::uint64_t left = eligible != nullptr ? eligible[first / kBlockRows] : ~std::uint64_t{0};
    if (left == 0) continue;
    left &= kernel.at_least(scores + first, std::min(kBlockRows, rows - first), top.threshold());
    for (; left != 0; left &= left - 1) {
      const std::size_t row = first + lowest_bit(left);
      top.push(scores[row], static_cast<std::uint32_t>(row));
    }
  }
}

}  // namespace tvcore
