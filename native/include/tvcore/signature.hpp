// Signatures of short texts: 64 bits that typing errors change little, so that most texts that a mistyped one cannot be
// are passed over without comparing a byte.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tvcore/dot.hpp"

namespace tvcore {

// Which bytes a text holds, and which pairs of neighbours: hashed, one bit each.
struct Signature {
  uint32_t bytes, pairs;
};
Signature signature_of(std::string_view text);

// How many bits differ at most between the signatures of two texts that are `errors` or fewer apart (edits.hpp), with
// lengths that differ by `longer` <= errors. What one error changes:
//   inserted or left out   1 byte    3 pairs
//   replaced               2 bytes   4 pairs
//   exchanged              0 bytes   6 pairs
// A difference in length takes as many errors of the first kind.
struct SignatureBounds {
  uint32_t bytes, all;
};
constexpr SignatureBounds signature_bounds(uint32_t errors, uint32_t longer) {
  return {2 * errors - longer, 6 * errors - 2 * longer};
}

// The signatures of many texts, in an order of the caller's. 8 bytes a text.
class SignatureTable {
 public:
  void add(std::string_view text);
  void shrink_to_fit();

  // Calls visit(place), ascending, for every place from `first` to `last` - 1 whose text the bounds do not rule out.
  template <typename Visit>
  void for_each_alike(uint32_t first, uint32_t last, const Signature& wanted,
                      const SignatureBounds& bounds, Visit&& visit) const {
    for (; first < last; first += static_cast<uint32_t>(kBlockRows)) {
      const auto count = std::min(static_cast<uint32_t>(kBlockRows), last - first);
      uint64_t left = alike(first, count, wanted, bounds);
      for (; left != 0; left &= left - 1) {
        visit(first + static_cast<uint32_t>(__builtin_ctzll(left)));
      }
    }
  }

 private:
  // Of `count` <= kBlockRows texts from `first` on; bit i is that of first + i.
  uint64_t alike(uint32_t first, uint32_t count, const Signature& wanted,
                 const SignatureBounds& bounds) const;

  std::vector<uint32_t> bytes_, pairs_;
};

}  // namespace tvcore
