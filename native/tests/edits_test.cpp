#include "tvcore/edits.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "check.hpp"

using tvcore::edits_between;
using tvcore::one_edit_from_beginning;

namespace {

// The whole table, without a band.
uint32_t by_table(const std::string& a, const std::string& b) {
  std::vector<std::vector<uint32_t>> d(a.size() + 1, std::vector<uint32_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<uint32_t>(i + j);
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1] ? 1u : 0u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

TEST("left out, inserted, replaced and exchanged letters are one error each") {
  CHECK_EQ(edits_between("frozen", "frzen", 2), 1u);
  CHECK_EQ(edits_between("frozen", "froozen", 2), 1u);
  CHECK_EQ(edits_between("frozen", "frozem", 2), 1u);
  CHECK_EQ(edits_between("frozen", "forzen", 2), 1u);
  CHECK_EQ(edits_between("frozen", "forzem", 2), 2u);
  CHECK_EQ(edits_between("frozen", "forzem", 1), 2u);
  CHECK_EQ(edits_between("", "", 2), 0u);
  CHECK_EQ(edits_between("abcdef", "", 2), 3u);
}

TEST("a beginning with an error is found in a longer word") {
  CHECK(one_edit_from_beginning("incpet", "inception"));
  CHECK(one_edit_from_beginning("incep", "inception"));
  CHECK(!one_edit_from_beginning("xyzzy", "inception"));
  CHECK(!one_edit_from_beginning("nicep", "inception"));  // the first byte is another
}

TEST("the band finds what the whole table finds, up to the limit") {
  check::Random random(7);
  const auto text = [&](size_t longest) {
    std::string out;
    for (size_t i = random.below(longest + 1); i > 0; --i) {
      out.push_back(static_cast<char>('a' + random.below(3)));
    }
    return out;
  };
  for (int i = 0; i < check::scaled(200000); ++i) {
    const std::string a = text(9), b = text(9);
    const uint32_t all = by_table(a, b);
    for (uint32_t limit = 0; limit <= 2; ++limit) {
      CHECK_EQ(edits_between(a, b, limit), std::min(all, limit + 1));
    }
    bool begins = false;
    for (size_t size = 0; size <= b.size() && a.substr(0, 1) == b.substr(0, 1); ++size) {
      begins |= !a.empty() && by_table(a, b.substr(0, size)) <= 1;
    }
    CHECK_EQ(one_edit_from_beginning(a, b), begins);
  }
}
