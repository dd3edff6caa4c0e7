#include "tvcore/quantise.hpp"

#include <cstring>
#include <utility>

namespace tvcore {
namespace {

class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

// block^(-3/2) for a power of two: exact, or sqrt(2) in float32 times a power of two.
float rotation_norm(std::size_t block) {
  int power = 0;
  while ((std::size_t{1} << power) < block) ++power;
  float norm = power % 2 == 0 ? 1.0f : 1.41421356f;
  const int halvings = power % 2 == 0 ? 3 * power / 2 : (3 * power + 1) / 2;
  for (int i = 0; i < halvings; ++i) norm *= 0.5f;
  return norm;
}

float with_sign_flipped(float value, std::uint32_t flip) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bits ^= flip;
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

// Half away from zero. |value| < 2^31.
std::int32_t round_to_integer(double value) {
  return static_cast<std::int32_t>(value + __builtin_copysign(0.5, value));
}

// The unnormalised Walsh-Hadamard transform of every block. The distance is a constant of each step, so that compilers
// turn the inner loop into vector additions without being asked to optimise harder.
template <std::size_t half>
void transform(float* values, std::size_t dimension, std::size_t block) {
  if constexpr (half < kMaxDimension) {
    if (half == block) return;
    for (std::size_t start = 0; start < dimension; start += 2 * half) {
      float* const low = values + start;
      for (std::size_t i = 0; i < half; ++i) {
        const float a = low[i];
        const float b = low[i + half];
        low[i] = a + b;
        low[i + half] = a - b;
      }
    }
    transform<2 * half>(values, dimension, block);
  }
}

// What `made` leaves out of `rotated`. A byte times a scale is exact in float64.
void quantise_rest(const float* rotated, std::size_t dimension, const Quantised& made,
                   Residual& out) {
  double rest[kMaxDimension];
  double largest = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    rest[i] = static_cast<double>(rotated[i]) -
              static_cast<double>(made.row[i]) * made.scale_q30 / 1073741824.0;
    const double magnitude = __builtin_fabs(rest[i]);
    largest = magnitude > largest ? magnitude : largest;
  }
  const double scale = largest / 127.0;
  for (std::size_t i = 0; i < dimension; ++i) {
    out.row[i] = largest > 0 ? static_cast<std::int8_t>(round_to_integer(rest[i] / scale)) : 0;
  }
  out.scale_q40 = static_cast<std::uint32_t>(round_to_integer(scale * 1099511627776.0));
}

}  // namespace

Rotation::Rotation(std::uint64_t seed, std::size_t dimension)
    : dimension_(dimension),
      block_(dimension & (~dimension + 1)),
      norm_(rotation_norm(block_)),
      source_{},
      flip_{} {
  SplitMix64 random(seed);
  for (int round = 0; round < kRotationRounds; ++round) {
    auto& source = source_[static_cast<std::size_t>(round)];
    for (std::size_t i = 0; i < dimension; ++i) source[i] = static_cast<std::uint16_t>(i);
    for (std::size_t i = dimension - 1; i > 0; --i) {
      std::swap(source[i], source[static_cast<std::size_t>(random.next() % (i + 1))]);
    }
    auto& flip = flip_[static_cast<std::size_t>(round)];
    std::uint64_t signs = 0;
    for (std::size_t i = 0; i < dimension; ++i) {
      if (i % 64 == 0) signs = random.next();
      flip[i] = static_cast<std::uint32_t>(signs >> (i % 64) & 1u) << 31;
    }
  }
}

void Rotation::apply(float* vector) const {
  float mixed[kMaxDimension];
  for (std::size_t round = 0; round < kRotationRounds; ++round) {
    for (std::size_t i = 0; i < dimension_; ++i) {
      mixed[i] = with_sign_flipped(vector[source_[round][i]], flip_[round][i]);
    }
    transform<1>(mixed, dimension_, block_);
    std::memcpy(vector, mixed, dimension_ * sizeof(float));
  }
  for (std::size_t i = 0; i < dimension_; ++i) vector[i] *= norm_;
}

bool quantise(const Rotation& rotation, const float* mean, const float* vector, Quantised& out,
              Residual* residual) {
  const std::size_t dimension = rotation.dimension();
  float rotated[kMaxDimension];
  double bias =
      0;  // a product of two float32 is exact in float64: only the order of the sum matters
  for (std::size_t i = 0; i < dimension; ++i) {
    bias += static_cast<double>(mean[i]) * static_cast<double>(vector[i]);
    rotated[i] = vector[i] - mean[i];
  }
  rotation.apply(rotated);
  float largest = 0;
  bool finite = bias > -2.0 && bias < 2.0;
  for (std::size_t i = 0; i < dimension; ++i) {
    const float magnitude = __builtin_fabsf(rotated[i]);
    finite &= magnitude < 3.875f;
    largest = magnitude > largest ? magnitude : largest;
  }
  if (!finite) return false;
  const double scale = largest / 127.0;
  for (std::size_t i = 0; i < dimension; ++i) {
    out.row[i] = largest > 0 ? static_cast<std::int8_t>(round_to_integer(rotated[i] / scale)) : 0;
  }
  out.scale_q30 = static_cast<std::uint32_t>(round_to_integer(scale * 1073741824.0));
  out.bias_q20 = round_to_integer(bias * 1048576.0);
  if (residual != nullptr) quantise_rest(rotated, dimension, out, *residual);
  return true;
}

}  // namespace tvcore
