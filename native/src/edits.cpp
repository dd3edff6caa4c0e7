#include "tvcore/edits.hpp"

#include <algorithm>
#include <cstring>

namespace tvcore {
namespace {

constexpr size_t kLongest = 256;  // bytes of a normal form, and one

// Row i of the table holds the distances of a's first i bytes to each beginning of b; only the band of 2 x limit + 1
// places around the diagonal can stay within the limit.
uint32_t align(std::string_view a, std::string_view b, uint32_t limit, bool any_beginning) {
  const size_t n = a.size(), m = b.size();
  const uint32_t far = limit + 1;
  if (n >= kLongest || m >= kLongest || n > m + limit) return far;
  if (!any_beginning && m > n + limit) return far;
  const size_t width = std::min(m, n + limit);
  uint8_t rows[3][kLongest + 2];
  for (uint8_t* row : rows) std::memset(row, static_cast<int>(far), width + 2);
  uint8_t *before = rows[0], *last = rows[1], *now = rows[2];
  for (size_t j = 0; j <= width && j <= limit; ++j) last[j] = static_cast<uint8_t>(j);
  uint32_t least_before = 0;
  for (size_t i = 1; i <= n; ++i) {
    const size_t from = i > limit ? i - limit : 0, to = std::min(width, i + limit);
    uint32_t least = far;
    if (from > 0) now[from - 1] = static_cast<uint8_t>(far);
    for (size_t j = from; j <= to; ++j) {
      uint32_t best = j == 0 ? static_cast<uint32_t>(i) : last[j - 1] + (a[i - 1] != b[j - 1]);
      if (j > 0) {
        best = std::min<uint32_t>(best, now[j - 1] + 1u);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
          best = std::min<uint32_t>(best, before[j - 2] + 1u);
        }
      }
      best = std::min<uint32_t>(best, last[j] + 1u);
      now[j] = static_cast<uint8_t>(std::min(best, far));
      least = std::min<uint32_t>(least, now[j]);
    }
    if (to < width) now[to + 1] = static_cast<uint8_t>(far);
    if (least == far && least_before == far) return far;  // an exchange skips one row, not two
    least_before = least;
    uint8_t* const free = before;
    before = last;
    last = now;
    now = free;
  }
  if (!any_beginning) return last[m];
  const size_t from = n > limit ? n - limit : 0;
  return *std::min_element(last + std::min(from, width), last + std::min(width, n + limit) + 1);
}

}  // namespace

uint32_t edits_between(std::string_view a, std::string_view b, uint32_t limit) {
  return align(a, b, std::min(limit, kMaxEdits), false);
}

uint32_t edits_to_beginning(std::string_view typed, std::string_view word, uint32_t limit) {
  return align(typed, word, std::min(limit, kMaxEdits), true);
}

}  // namespace tvcore
