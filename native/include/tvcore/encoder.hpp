// The static text encoder: a search text to a vector of the pack's embedding space by adding up rows of a table, in
// integers (docs/formats.md, "Static encoder"). tvbrain/embed/static.py computes the same bits.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tvcore/quantise.hpp"
#include "tvcore/stack.hpp"

namespace tvcore {

class TextEncoder {
 public:
  // The base pack's encoder. Without one, or with one of a kind that is not known, ready() is false.
  explicit TextEncoder(std::shared_ptr<const Stack> stack);

  bool ready() const { return table_.count != 0; }

  // `normal`: a normal form. False where not one word of it says anything to the encoder.
  bool encode(std::string_view normal, Quantised* out) const;

 private:
  struct Parts;
  struct Sum;
  uint32_t find(uint64_t hash) const;
  bool take(uint64_t hash, Parts* parts) const;
  bool take_grams(std::string_view word, Parts* parts) const;
  bool take_text(std::string_view normal, Parts* parts) const;
  void add_up(const Parts& parts, Sum* sum) const;

  std::shared_ptr<const Stack> stack_;
  EncoderTable table_;
  uint32_t dimension_ = 0, stride_ = 0;
  std::vector<int32_t> mean_q20_;  // of the space, rotated
  std::vector<uint32_t> begins_;   // of the hashes with each value of their top bits, and the end
  unsigned shift_ = 0;             // leaves those bits
};

}  // namespace tvcore
