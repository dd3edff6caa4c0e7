// The fused scan against scoring each row on its own and sorting.
#include "tvcore/scan.hpp"
#include "tvcore/centred_scan.hpp"

#include <algorithm>
#include <vector>

#include "check.hpp"
#include "tvcore/bitmap.hpp"

namespace {

using namespace tvcore;

class RandomTable {
 public:
  RandomTable(std::size_t count, std::size_t dimension, check::Random& random)
      : stride_((dimension + kRowAlign - 1) / kRowAlign * kRowAlign),
        bytes_(count * stride_ + kRowAlign),
        scale_(count),
        bias_(count) {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data());
    std::int8_t* const rows = bytes_.data() + (kRowAlign - address % kRowAlign) % kRowAlign;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t d = 0; d < dimension; ++d) {
        rows[i * stride_ + d] = static_cast<std::int8_t>(random.between(-127, 127));
      }
      scale_[i] = static_cast<std::uint32_t>(random.between(1000000, 3000000));
      bias_[i] = static_cast<std::int32_t>(random.between(-300000, 300000));
    }
    if (count > 10) {  // equal rows, so that ties occur
      for (std::size_t i = 1; i < count; i += 3) {
        std::copy_n(rows + (i - 1) * stride_, stride_, rows + i * stride_);
        scale_[i] = scale_[i - 1];
        bias_[i] = bias_[i - 1];
      }
    }
    view = {rows, scale_.data(), bias_.data(), stride_, dimension, count};
  }
  RandomTable(const RandomTable&) = delete;
  RandomTable& operator=(const RandomTable&) = delete;

  QueryVector query(std::size_t row) const {
    return {view.rows + row * view.stride, view.scale_q30[row], view.bias_q20[row]};
  }

  VectorTable view;

 private:
  std::size_t stride_;
  std::vector<std::int8_t> bytes_;
  std::vector<std::uint32_t> scale_;
  std::vector<std::int32_t> bias_;
};

Scored plain_score(const VectorTable& table, const std::vector<QueryVector>& queries,
                   std::size_t row) {
  Scored best{INT32_MIN, static_cast<std::uint32_t>(row), 0};
  for (std::size_t q = 0; q < queries.size(); ++q) {
    std::int32_t dot = 0;
    for (std::size_t d = 0; d < table.dimension; ++d) {
      dot += queries[q].row[d] * table.rows[row * table.stride + d];
    }
    const std::int32_t score = similarity(dot, table.scale_q30[row], queries[q].scale_q30) +
                               queries[q].bias_q20 + table.bias_q20[row];
    if (score > best.score) {
      best.score = score;
      best.tag = static_cast<std::uint32_t>(q);
    }
  }
  return best;
}

}  // namespace

TEST("scans under any bitmap equal scoring row by row and sorting") {
  check::Random random(1);
  TopK top;
  for (int round = 0; round < check::scaled(1000); ++round) {
    const std::size_t count = 1 + random.below(400);
    const RandomTable table(count, 32 * (1 + random.below(13)), random);
    std::vector<QueryVector> queries;
    for (std::size_t q = 1 + random.below(kMaxQueries); q > 0; --q) {
      queries.push_back(table.query(random.below(count)));
    }
    const double density = round % 3 == 0 ? 0.01 : random.unit() * 1.2;
    std::vector<std::uint64_t> bits(bitmap_words(count));
    for (std::size_t i = 0; i < count; ++i) {
      if (random.chance(density)) bitmap_set(bits.data(), i);
    }
    const std::uint64_t* const eligible = round % 5 == 0 ? nullptr : bits.data();

    std::vector<Scored> expected;
    std::vector<std::int32_t> scores(count, 12345);
    scan_all(table.view, queries.data(), queries.size(), eligible, scores.data());
    for (std::size_t row = 0; row < count; ++row) {
      const Scored one = plain_score(table.view, queries, row);
      const Scored alone = score_row(table.view, queries.data(), queries.size(), row);
      CHECK_EQ(alone.score, one.score);
      CHECK_EQ(alone.tag, one.tag);
      if (eligible == nullptr || bitmap_test(eligible, row)) {
        CHECK_EQ(scores[row], one.score);
        expected.push_back(one);
      } else {
        CHECK(scores[row] == 0 || scores[row] == one.score);
      }
    }
    std::sort(expected.begin(), expected.end(), [](const Scored& a, const Scored& b) {
      return a.score != b.score ? a.score > b.score : a.row < b.row;
    });
    const std::size_t k = 1 + random.below(100);
    expected.resize(std::min(k, expected.size()));
    top.reset(k);
    scan_top_k(table.view, queries.data(), queries.size(), eligible, top);
    std::vector<Scored> got(k);
    got.resize(top.finish(got.data()));
    CHECK_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
      CHECK_EQ(got[i].score, expected[i].score);
      CHECK_EQ(got[i].row, expected[i].row);
      CHECK_EQ(got[i].tag, expected[i].tag);
    }
  }
}

TEST(
    "sets of queries in one pass score just the rows that each wants, together or apart, without "
    "biases") {
  check::Random random(2);
  for (int round = 0; round < check::scaled(500); ++round) {
    const std::size_t count = 1 + random.below(600), first_bit = random.below(130);
    const RandomTable table(count, 32 * (1 + random.below(13)), random);
    const std::vector<std::int32_t> none(count, 0);
    VectorTable view = table.view;
    view.bias_q20 = none.data();
    struct Asked {
      std::vector<QueryVector> queries;
      std::vector<std::uint64_t> own;
      const std::uint64_t* wanted;
      bool each;
      std::vector<std::int32_t> scores[kMaxQueries];
    };
    Asked sets[kQuerySets];
    for (Asked& set : sets) {
      for (std::size_t q = random.below(kMaxQueries + 1); q > 0; --q) {
        set.queries.push_back(table.query(random.below(count)));
      }
      set.each = random.chance(0.5);
      for (auto& scores : set.scores) scores.assign(count, 7);
      set.own.assign(bitmap_words(first_bit + count), 0);
      const double density = random.unit() * 1.2;
      for (std::size_t bit = 0; bit < 64 * set.own.size(); ++bit) {
        if (random.chance(density)) bitmap_set(set.own.data(), bit);  // of other rows too
      }
      const bool shared = &set != sets && random.chance(0.5);  // with the set before
      set.wanted = shared ? (&set - 1)->wanted : set.own.data();
    }
    const auto asked = [first_bit](Asked& set) {
      QuerySet out{set.queries.data(), set.queries.size(), set.wanted, first_bit, {}, set.each};
      for (std::size_t q = 0; q < kMaxQueries; ++q) out.scores[q] = set.scores[q].data();
      return out;
    };
    scan_centred(table.view, {asked(sets[0]), asked(sets[1]), asked(sets[2])});
    for (Asked& set : sets) {
      for (QueryVector& query : set.queries) query.bias_q20 = 0;
      const std::size_t answers =
          set.each ? set.queries.size() : std::min<std::size_t>(1, set.queries.size());
      for (std::size_t a = 0; a < kMaxQueries; ++a) {
        const std::vector<QueryVector> of =
            set.each && a < answers ? std::vector{set.queries[a]} : set.queries;
        for (std::size_t row = 0; row < count; ++row) {
          const bool scored = a < answers && bitmap_test(set.wanted, first_bit + row);
          CHECK_EQ(set.scores[a][row], scored ? plain_score(view, of, row).score : 7);
        }
      }
    }
  }
}

TEST("an empty table gives nothing") {
  check::Random random(2);
  const RandomTable table(1, 32, random);
  VectorTable empty = table.view;
  empty.count = 0;
  const QueryVector query = table.query(0);
  TopK top(10);
  scan_top_k(empty, &query, 1, nullptr, top);
  Scored out[10];
  CHECK_EQ(top.finish(out), 0u);
}
