// Vectors as an embedding has them: of unit length, in heaps of unlike size, with some that are equal.
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "check.hpp"
#include "tvcore/scan.hpp"

class VectorWorld {
 public:
  static constexpr std::size_t kDimension = 64;

  VectorWorld(std::size_t count, std::size_t heaps, double equal, check::Random& random,
              std::size_t dimension = kDimension)
      : dimension_(dimension), bytes_((count + 1) * dimension), scale_(count), bias_(count, 0) {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data());
    rows_ = bytes_.data() + (64 - address % 64) % 64;
    std::vector<double> middles(heaps * dimension);
    for (double& value : middles) value = normal(random);
    for (std::size_t row = 0; row < count; ++row) {
      if (row > 0 && random.chance(equal)) {
        copy(row, random.below(row));
      } else {
        draw(row, &middles[random.below(heaps) * random.below(2) * dimension], random);
      }
    }
    table = {rows_, scale_.data(), bias_.data(), dimension, dimension, count};
  }
  VectorWorld(const VectorWorld&) = delete;
  VectorWorld& operator=(const VectorWorld&) = delete;

  tvcore::QueryVector vector(std::size_t row) const {
    return {rows_ + row * dimension_, scale_[row], bias_[row]};
  }
  std::vector<std::uint32_t> every_row() const {
    std::vector<std::uint32_t> rows(table.count);
    std::iota(rows.begin(), rows.end(), 0u);
    return rows;
  }

  tvcore::VectorTable table;

 private:
  static double normal(check::Random& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.unit();
    return sum;
  }
  void copy(std::size_t row, std::size_t from) {
    std::copy_n(rows_ + from * dimension_, dimension_, rows_ + row * dimension_);
    scale_[row] = scale_[from];
  }
  void draw(std::size_t row, const double* middle, check::Random& random) {
    std::vector<double> values(dimension_);
    double largest = 0, square = 0;
    for (std::size_t d = 0; d < dimension_; ++d) {
      values[d] = middle[d] + 0.7 * normal(random);
      largest = std::max(largest, std::fabs(values[d]));
    }
    for (std::size_t d = 0; d < dimension_; ++d) {
      const double value = std::round(values[d] / largest * 127);
      rows_[row * dimension_ + d] = static_cast<std::int8_t>(value);
      square += value * value;
    }
    scale_[row] = static_cast<std::uint32_t>(0x1p30 / std::sqrt(square));
  }

  std::size_t dimension_;
  std::vector<std::int8_t> bytes_;
  std::vector<std::uint32_t> scale_;
  std::vector<std::int32_t> bias_;
  std::int8_t* rows_;
};
