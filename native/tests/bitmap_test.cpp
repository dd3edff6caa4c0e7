// Bitmaps against std::vector<bool>.
#include "tvcore/bitmap.hpp"

#include <algorithm>
#include <vector>

#include "check.hpp"

namespace {

using namespace tvcore;
using Words = std::vector<std::uint64_t>;
using Bits = std::vector<bool>;

Bits random_bits(std::size_t rows, check::Random& random) {
  const double density = random.unit();
  Bits bits(rows);
  for (std::size_t i = 0; i < rows; ++i) bits[i] = random.chance(density);
  return bits;
}

Words pack(const Bits& bits) {
  Words words(bitmap_words(bits.size()));
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) bitmap_set(words.data(), i);
  }
  return words;
}

template <class Rule>
Bits merge(const Bits& a, const Bits& b, Rule rule) {
  Bits out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = rule(a[i], b[i]);
  return out;
}

}  // namespace

TEST("operations equal those of a vector of bool") {
  check::Random random(1);
  for (int round = 0; round < check::scaled(5000); ++round) {
    const std::size_t rows = random.below(300);
    const Bits a = random_bits(rows, random);
    const Bits b = random_bits(rows, random);
    const Words other = pack(b);

    Words words = pack(a);
    CHECK_EQ(bitmap_count(words.data(), rows),
             static_cast<std::size_t>(std::count(a.begin(), a.end(), true)));
    CHECK_EQ(bitmap_any(words.data(), rows), std::find(a.begin(), a.end(), true) != a.end());
    for (std::size_t i = 0; i < rows; ++i) CHECK_EQ(bitmap_test(words.data(), i), a[i]);

    bitmap_and(words.data(), other.data(), rows);
    CHECK(words == pack(merge(a, b, [](bool x, bool y) { return x && y; })));
    words = pack(a);
    bitmap_andnot(words.data(), other.data(), rows);
    CHECK(words == pack(merge(a, b, [](bool x, bool y) { return x && !y; })));
    words = pack(a);
    bitmap_or(words.data(), other.data(), rows);
    CHECK(words == pack(merge(a, b, [](bool x, bool y) { return x || y; })));

    std::vector<std::size_t> seen;
    std::vector<std::size_t> expected;
    words = pack(a);
    bitmap_for_each(words.data(), rows, [&seen](std::size_t row) { seen.push_back(row); });
    for (std::size_t i = 0; i < rows; ++i) {
      if (a[i]) expected.push_back(i);
    }
    CHECK(seen == expected);
  }
}

TEST("filling sets every row and no bit past the last") {
  for (std::size_t rows = 0; rows < 200; ++rows) {
    Words words(bitmap_words(rows) + 1, 0xdeadbeefdeadbeefu);
    const std::uint64_t guard = words.back();
    bitmap_fill(words.data(), rows);
    CHECK_EQ(bitmap_count(words.data(), rows), rows);
    CHECK_EQ(words.back(), guard);
    bitmap_clear(words.data(), rows);
    CHECK(!bitmap_any(words.data(), rows));
    CHECK_EQ(words.back(), guard);
  }
}

TEST("a reset row is the only one that changes") {
  Words words(2);
  bitmap_fill(words.data(), 100);
  bitmap_reset(words.data(), 70);
  CHECK(!bitmap_test(words.data(), 70));
  CHECK_EQ(bitmap_count(words.data(), 100), 99u);
}
