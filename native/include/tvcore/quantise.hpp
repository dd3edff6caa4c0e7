// From float32 vectors to the rotated int8 space (docs/formats.md, "Vectors").
// tvbrain/embed/quantise.py computes the same bits. Nothing here is needed where vectors are int8
// already.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tvcore/dot.hpp"

namespace tvcore {

constexpr int kRotationRounds = 3;

// The seeded orthogonal rotation R of one embedding space. 9 KB; made once when a pack is opened.
class Rotation {
 public:
  // dimension: a multiple of 32, at most kMaxDimension.
  Rotation(std::uint64_t seed, std::size_t dimension);

  // vector = R vector, in float32 additions of a fixed order.
  void apply(float* vector) const;

  std::size_t dimension() const { return dimension_; }
  std::size_t block() const { return block_; }

 private:
  std::size_t dimension_;
  std::size_t block_;  // the largest power of two that divides the dimension
  float norm_;         // block^(-3/2), rounded to float32
  std::array<std::array<std::uint16_t, kMaxDimension>, kRotationRounds> source_;
  std::array<std::array<std::uint32_t, kMaxDimension>, kRotationRounds>
      flip_;  // 0, or the sign bit
};

struct Quantised {
  alignas(64) std::int8_t row[kMaxDimension];  // `dimension` bytes in [-127, 127]
  std::uint32_t scale_q30;
  std::int32_t bias_q20;  // <mean, vector>

  QueryVector query() const { return {row, scale_q30, bias_q20}; }
};

// What a vector's int8 form leaves out: y - scale * row, quantised once more. Both together have about 16 bits a number.
struct Residual {
  alignas(64) std::int8_t row[kMaxDimension];  // `dimension` bytes in [-127, 127]
  std::uint32_t scale_q40;                     // below kResidualLimitQ40
};
constexpr std::uint32_t kResidualLimitQ40 = 1u << 27;

// Quantises `vector` (dimension floats, at most unit length) in the space (mean, rotation). False
// where it holds a value that is not finite or is longer than a unit vector can be after centring;
// `out` is then unspecified. `residual`, where it is not null, gets what `out` leaves out.
bool quantise(const Rotation& rotation, const float* mean, const float* vector, Quantised& out,
              Residual* residual = nullptr);

}  // namespace tvcore
