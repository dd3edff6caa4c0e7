// Every kernel that this machine can run gives the scalar kernel's integers.
#include "tvcore/dot.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "check.hpp"

namespace {

using namespace tvcore;

// `rows` int8 rows of a dimension, aligned and padded as in a pack.
struct Rows {
  Rows(std::size_t count, std::size_t dimension)
      : dimension(dimension),
        stride((dimension + kRowAlign - 1) / kRowAlign * kRowAlign),
        bytes(count * stride + kRowAlign) {}

  std::int8_t* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
    return bytes.data() + (kRowAlign - address % kRowAlign) % kRowAlign;
  }
  std::int8_t* row(std::size_t i) { return data() + i * stride; }

  std::size_t dimension;
  std::size_t stride;
  std::vector<std::int8_t> bytes;
};

enum class Fill { kRandom, kLowest, kHighest, kAlternating };

void fill(std::int8_t* values, std::size_t count, Fill how, check::Random& random) {
  for (std::size_t i = 0; i < count; ++i) {
    switch (how) {
      case Fill::kRandom:
        values[i] = static_cast<std::int8_t>(random.between(-128, 127));
        break;
      case Fill::kLowest:
        values[i] = -128;
        break;
      case Fill::kHighest:
        values[i] = 127;
        break;
      case Fill::kAlternating:
        values[i] = i % 2 == 0 ? -128 : 127;
        break;
    }
  }
}

constexpr Fill kFills[] = {Fill::kRandom, Fill::kLowest, Fill::kHighest, Fill::kAlternating};

// One block through one kernel: dots and scores of `count` rows.
struct Outcome {
  std::vector<std::int32_t> dots;
  std::vector<std::int32_t> scores;
};

Outcome run(const Kernel& kernel, const PreparedQueries& queries, Rows& rows,
            const std::uint8_t* pick, std::size_t count, const std::vector<std::uint32_t>& scale,
            const std::vector<std::int32_t>& bias) {
  Outcome outcome;
  alignas(64) std::int32_t dots[kMaxQueries * kBlockRows];
  kernel.dot(queries, rows.data(), rows.stride, pick, count, dots);
  for (std::size_t q = 0; q < queries.count; ++q) {
    outcome.dots.insert(outcome.dots.end(), dots + q * kBlockRows, dots + q * kBlockRows + count);
  }
  outcome.scores.assign(count + 1, 77);
  kernel.combine(queries, dots, scale.data(), bias.data(), count, outcome.scores.data());
  CHECK_EQ(outcome.scores.back(), 77);  // wrote no further than it was asked to
  return outcome;
}

void compare_kernels(Rows& rows, std::size_t count, Rows& query_rows, std::size_t query_count,
                     check::Random& random) {
  std::vector<std::uint32_t> scale(count);
  std::vector<std::int32_t> bias(count);
  for (std::size_t i = 0; i < count; ++i) {
    scale[i] = static_cast<std::uint32_t>(random.below(kScaleLimitQ30));
    bias[i] = static_cast<std::int32_t>(random.between(-2000000, 2000000));
  }
  QueryVector query[kMaxQueries];
  for (std::size_t q = 0; q < query_count; ++q) {
    query[q] = {query_rows.row(q), static_cast<std::uint32_t>(random.below(kScaleLimitQ30)),
                static_cast<std::int32_t>(random.between(-2000000, 2000000))};
  }
  PreparedQueries prepared;
  prepare_queries(query, query_count, rows.dimension, prepared);
  std::vector<std::uint8_t> pick(count);
  for (std::uint8_t& row : pick) row = static_cast<std::uint8_t>(random.below(count));

  const KernelList& kernels = available_kernels();
  for (const std::uint8_t* picked :
       {static_cast<const std::uint8_t*>(nullptr), static_cast<const std::uint8_t*>(pick.data())}) {
    const Outcome expected = run(*kernels.items[0], prepared, rows, picked, count, scale, bias);
    for (std::size_t i = 1; i < kernels.count; ++i) {
      const Outcome got = run(*kernels.items[i], prepared, rows, picked, count, scale, bias);
      CHECK(got.dots == expected.dots);
      CHECK(got.scores == expected.scores);
    }
  }
}

void compare_anywhere(Rows& rows, std::size_t count, const std::int8_t* query_row,
                      check::Random& random) {
  const QueryVector query{query_row, 0, 0};
  PreparedQueries prepared;
  prepare_queries(&query, 1, rows.dimension, prepared);
  std::vector<std::uint32_t> at(random.below(kBlockRows) + 1);
  std::vector<std::int32_t> expected;
  for (std::uint32_t& row : at) {
    row = static_cast<std::uint32_t>(random.below(count));
    std::int32_t sum = 0;
    for (std::size_t d = 0; d < rows.dimension; ++d) sum += query_row[d] * rows.row(row)[d];
    expected.push_back(sum);
  }
  const KernelList& kernels = available_kernels();
  for (std::size_t i = 0; i < kernels.count; ++i) {
    alignas(64) std::int32_t dots[kBlockRows];
    kernels.items[i]->dot_at(prepared, rows.data(), rows.stride, at.data(), at.size(), dots);
    CHECK(std::equal(expected.begin(), expected.end(), dots));
  }
}

std::string name_under(const char* wanted) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    setenv("TVBRAIN_KERNEL", wanted, 1);
    const KernelChoice& choice = kernel_choice();
    const std::string text = std::string(choice.kernel->name) + (choice.honoured ? "" : " instead");
    const ssize_t written = write(ends[1], text.data(), text.size());
    _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(ends[1]);
  char text[64] = {};
  const ssize_t length = read(ends[0], text, sizeof text - 1);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return length > 0 && status == 0 ? std::string(text) : "child failed";
}

}  // namespace

TEST("the scalar kernel is the sum of products") {
  check::Random random(1);
  Rows rows(5, 96);
  Rows query_row(1, 96);
  for (std::size_t i = 0; i < 5; ++i) fill(rows.row(i), 96, Fill::kRandom, random);
  fill(query_row.row(0), 96, Fill::kRandom, random);
  const QueryVector query{query_row.row(0), 0, 0};
  PreparedQueries prepared;
  prepare_queries(&query, 1, 96, prepared);
  std::int32_t dots[kMaxQueries * kBlockRows];
  available_kernels().items[0]->dot(prepared, rows.data(), rows.stride, nullptr, 5, dots);
  for (std::size_t i = 0; i < 5; ++i) {
    std::int32_t sum = 0;
    for (std::size_t d = 0; d < 96; ++d) sum += query_row.row(0)[d] * rows.row(i)[d];
    CHECK_EQ(dots[i], sum);
  }
}

TEST("every kernel equals the scalar one on random rows, any count of rows and queries") {
  check::Random random(2);
  for (int round = 0; round < check::scaled(2000); ++round) {
    const std::size_t dimension = 32 * (1 + random.below(kMaxDimension / 32));
    const std::size_t count = 1 + random.below(kBlockRows);
    Rows rows(count, dimension);
    Rows queries(kMaxQueries, dimension);
    for (std::size_t i = 0; i < count; ++i) fill(rows.row(i), dimension, Fill::kRandom, random);
    for (std::size_t q = 0; q < kMaxQueries; ++q) {
      fill(queries.row(q), dimension, Fill::kRandom, random);
      if (random.chance(0.5)) {  // what the quantiser makes has no -128, and kernels may tell
        for (std::size_t d = 0; d < dimension; ++d) {
          queries.row(q)[d] = std::max<std::int8_t>(queries.row(q)[d], -127);
        }
      }
    }
    compare_kernels(rows, count, queries, 1 + random.below(kMaxQueries), random);
  }
}

TEST("every kernel equals the scalar one at the extremes") {
  check::Random random(3);
  for (const std::size_t dimension : {std::size_t{32}, std::size_t{384}, kMaxDimension}) {
    for (const Fill of_rows : kFills) {
      for (const Fill of_queries : kFills) {
        for (const std::size_t count : {1, 3, 17, 63, 64}) {
          Rows rows(count, dimension);
          Rows queries(kMaxQueries, dimension);
          for (std::size_t i = 0; i < count; ++i) fill(rows.row(i), dimension, of_rows, random);
          for (std::size_t q = 0; q < kMaxQueries; ++q) {
            fill(queries.row(q), dimension, of_queries, random);
          }
          for (std::size_t q = 1; q <= kMaxQueries; ++q) {
            compare_kernels(rows, count, queries, q, random);
          }
        }
      }
    }
  }
}

TEST("every kernel multiplies rows anywhere in a table, at the extremes too") {
  check::Random random(7);
  for (int round = 0; round < check::scaled(1000); ++round) {
    const std::size_t dimension = 32 * (1 + random.below(kMaxDimension / 32));
    const std::size_t count = 1 + random.below(500);
    Rows rows(count, dimension);
    Rows query(1, dimension);
    const Fill of_rows = kFills[round % 2 == 0 ? 0 : random.below(4)];
    for (std::size_t i = 0; i < count; ++i) fill(rows.row(i), dimension, of_rows, random);
    fill(query.row(0), dimension, kFills[round % 3 == 0 ? 0 : random.below(4)], random);
    compare_anywhere(rows, count, query.row(0), random);
  }
}

TEST("every kernel multiplies two rows where they lie, at the extremes too") {
  check::Random random(8);
  for (int round = 0; round < check::scaled(3000); ++round) {
    const std::size_t dimension = 32 * (1 + random.below(kMaxDimension / 32));
    // Just as long as they are: what is read beyond shows under a sanitizer.
    const std::size_t from_a = random.below(64), from_b = random.below(64);
    std::vector<std::int8_t> a(from_a + dimension), b(from_b + dimension);
    fill(a.data() + from_a, dimension, kFills[random.below(4)], random);
    fill(b.data() + from_b, dimension, kFills[random.below(4)], random);
    std::int32_t sum = 0;
    for (std::size_t d = 0; d < dimension; ++d) sum += a[from_a + d] * b[from_b + d];
    const KernelList& kernels = available_kernels();
    for (std::size_t i = 0; i < kernels.count; ++i) {
      CHECK_EQ(kernels.items[i]->pair(a.data() + from_a, b.data() + from_b, dimension), sum);
    }
  }
}

TEST("a query that is no -128 anywhere but extreme elsewhere is exact too") {
  check::Random random(4);
  Rows rows(9, 384);
  Rows queries(kMaxQueries, 384);
  for (std::size_t i = 0; i < 9; ++i) fill(rows.row(i), 384, Fill::kLowest, random);
  for (std::size_t q = 0; q < kMaxQueries; ++q) {
    for (std::size_t d = 0; d < 384; ++d) queries.row(q)[d] = q % 2 == 0 ? -127 : 127;
  }
  for (std::size_t q = 1; q <= kMaxQueries; ++q) compare_kernels(rows, 9, queries, q, random);
}

TEST("the comparison with a threshold is the same on every kernel") {
  check::Random random(5);
  const KernelList& kernels = available_kernels();
  for (int round = 0; round < check::scaled(5000); ++round) {
    const std::size_t count = random.below(kBlockRows + 1);
    std::vector<std::int32_t> scores(count);
    for (std::int32_t& score : scores) {
      score = random.chance(0.1) ? INT32_MIN : static_cast<std::int32_t>(random.between(-3, 3));
    }
    const std::int32_t threshold =
        random.chance(0.1) ? INT32_MIN : static_cast<std::int32_t>(random.between(-3, 3));
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (scores[i] >= threshold) expected |= std::uint64_t{1} << i;
    }
    for (std::size_t i = 0; i < kernels.count; ++i) {
      CHECK_EQ(kernels.items[i]->at_least(scores.data(), count, threshold), expected);
    }
  }
}

TEST("similarity keeps the promised precision over the whole range of scales") {
  check::Random random(6);
  for (int round = 0; round < 100000; ++round) {
    const auto dot = static_cast<std::int32_t>(random.between(-16516096, 16516096));
    const auto item = static_cast<std::uint32_t>(random.below(kScaleLimitQ30));
    // What a query of unit length can have: 2 / 127 in Q30.
    const auto query = static_cast<std::uint32_t>(random.below(16909320));
    const double exact = static_cast<double>(dot) * item * query / 0x1p60;
    if (exact > 2000 || exact < -2000) continue;
    const double got = similarity(dot, item, query) / 0x1p20;
    CHECK(got <= exact && exact - got < 0x1p-17);
  }
}

TEST("each available kernel can be forced by the environment") {
  const KernelList& kernels = available_kernels();
  CHECK_EQ(std::string(kernels.items[0]->name), "scalar");
  for (std::size_t i = 0; i < kernels.count; ++i) {
    CHECK_EQ(name_under(kernels.items[i]->name), kernels.items[i]->name);
  }
}

TEST("a kernel that is unknown or of another processor falls back to the best and says so") {
  const KernelList& kernels = available_kernels();
  const std::string best = kernels.items[kernels.count - 1]->name;
  CHECK_EQ(name_under(""), best);
  CHECK_EQ(name_under("quantum"), best + " instead");
#if defined(__x86_64__)
  CHECK_EQ(name_under("neondot"), best + " instead");
#else
  CHECK_EQ(name_under("avx2"), best + " instead");
#endif
}
