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
  struct Sum;
  bool add(uint64_t hash, uint32_t weight_q12, Sum* sum) const;
  uint32_t find(uint32_t hash) const;

  std::shared_ptr<const Stack> stack_;
  EncoderTable table_;
  uint32_t dimension_ = 0, stride_ = 0;
  std::vector<int32_t> mean_q20_;  // of the space, rotated
};

}  // namespace tvcore
