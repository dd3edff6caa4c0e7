// The float side of a query: the rotation is a rotation, and the bits are those of
// tvbrain/embed/quantise.py.
#include "tvcore/quantise.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "check.hpp"

namespace {

using namespace tvcore;

std::uint64_t fnv1a(const std::int8_t* bytes, std::size_t count) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t i = 0; i < count; ++i) {
    hash = (hash ^ static_cast<std::uint8_t>(bytes[i])) * 0x100000001b3u;
  }
  return hash;
}

std::vector<float> random_unit_vector(std::size_t dimension, check::Random& random) {
  std::vector<float> vector(dimension);
  double norm = 0;
  for (float& value : vector) {
    value = static_cast<float>(random.unit() - 0.5);
    norm += static_cast<double>(value) * value;
  }
  for (float& value : vector) value = static_cast<float>(value / std::sqrt(norm));
  return vector;
}

double inner(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

}  // namespace

TEST("the bits are those of the Python quantiser") {
  struct Golden {
    std::size_t dimension;
    std::uint64_t seed;
    std::uint64_t row_hash;
    std::uint32_t scale_q30;
    std::int32_t bias_q20;
  };
  // tests/unit/test_quantise.py has the same table.
  const Golden table[] = {
      {32, 0x0u, 0x7e3482b5c6d91609u, 774934u, -327},
      {96, 0x7u, 0xba21771a3b423794u, 700086u, -406},
      {384, 0x5eedu, 0xea62bff70b8391e7u, 776958u, 638},
      {640, 0xffffffffffffffffu, 0x7e12d55d489f2a8bu, 762676u, -45},
      {1024, 0x1u, 0x622f155822327e45u, 709637u, -604},
  };
  for (const Golden& golden : table) {
    std::vector<float> mean(golden.dimension);
    std::vector<float> vector(golden.dimension);
    for (std::size_t i = 0; i < golden.dimension; ++i) {
      mean[i] = static_cast<float>(static_cast<int>(i * 13 % 29) - 14) / 2048.0f;
      vector[i] = static_cast<float>(static_cast<int>(i * 37 % 101) - 50) / 1024.0f;
    }
    Quantised got;
    const Rotation rotation(golden.seed, golden.dimension);
    REQUIRE(quantise(rotation, mean.data(), vector.data(), got));
    CHECK_EQ(fnv1a(got.row, golden.dimension), golden.row_hash);
    CHECK_EQ(got.scale_q30, golden.scale_q30);
    CHECK_EQ(got.bias_q20, golden.bias_q20);
  }
}

TEST("the rotation keeps inner products for every dimension") {
  check::Random random(1);
  for (std::size_t dimension = 32; dimension <= kMaxDimension; dimension += 32) {
    const Rotation rotation(random.next(), dimension);
    std::vector<float> a = random_unit_vector(dimension, random);
    std::vector<float> b = random_unit_vector(dimension, random);
    const double before = inner(a, b);
    rotation.apply(a.data());
    rotation.apply(b.data());
    CHECK(std::fabs(inner(a, b) - before) < 1e-5);
    CHECK(std::fabs(inner(a, a) - 1) < 1e-5);
  }
}

TEST("a vector is its mean's bias plus its centred part: similarities come out as cosines") {
  check::Random random(2);
  const std::size_t dimension = 384;
  const Rotation rotation(9, dimension);
  std::vector<float> mean = random_unit_vector(dimension, random);
  for (float& value : mean) value *= 0.5f;
  for (int round = 0; round < 100; ++round) {
    const std::vector<float> v = random_unit_vector(dimension, random);
    const std::vector<float> x = random_unit_vector(dimension, random);
    Quantised query;
    Quantised item;
    REQUIRE(quantise(rotation, mean.data(), v.data(), query));
    REQUIRE(quantise(rotation, mean.data(), x.data(), item));
    std::int32_t dot = 0;
    for (std::size_t i = 0; i < dimension; ++i) dot += query.row[i] * item.row[i];
    const double score =
        (similarity(dot, item.scale_q30, query.scale_q30) + query.bias_q20 + item.bias_q20) /
        0x1p20;
    CHECK(std::fabs(score - inner(mean, mean) - inner(v, x)) < 0.005);
  }
}

TEST("the mean itself has no row and no scale") {
  const std::vector<float> mean(64, 0.125f);
  Quantised got;
  REQUIRE(quantise(Rotation(1, 64), mean.data(), mean.data(), got));
  CHECK_EQ(got.scale_q30, 0u);
  CHECK_EQ(got.bias_q20, 1 << 20);
  for (std::size_t i = 0; i < 64; ++i) CHECK_EQ(got.row[i], 0);
}

TEST("a vector that is not finite or far too long is refused") {
  const std::vector<float> mean(64, 0.0f);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN(),
        std::numeric_limits<float>::infinity(), 1e30f, 100.0f}) {
    std::vector<float> vector(64, 0.0f);
    vector[5] = bad;
    Quantised got;
    CHECK(!quantise(Rotation(1, 64), mean.data(), vector.data(), got));
  }
}
