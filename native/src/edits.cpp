#include "tvcore/edits.hpp"

#include <algorithm>
#include <cstring>

namespace tvcore {
namespace {

constexpr size_t kLongest = 256;  // bytes of a normal form, and one

// Byte by byte: nearly always the first one decides.
bool begins(std::string_view text, std::string_view with) {
  size_t same = 0;
  while (same < with.size() && same < text.size() && text[same] == with[same]) ++same;
  return same == with.size();
}

}  // namespace

// Row i of the table holds the distances of a's first i bytes to each beginning of b; only the band of 2 x limit + 1
// places around the diagonal can stay within the limit.
uint32_t edits_between(std::string_view a, std::string_view b, uint32_t limit) {
  limit = std::min(limit, kMaxEdits);
  const size_t n = a.size(), m = b.size();
  const uint32_t far = limit + 1;
  if (n >= kLongest || m >= kLongest || n > m + limit || m > n + limit) return far;
  uint8_t rows[3][kLongest + 2];
  for (uint8_t* row : rows) std::memset(row, static_cast<int>(far), m + 2);
  uint8_t *before = rows[0], *last = rows[1], *now = rows[2];
  for (size_t j = 0; j <= m && j <= limit; ++j) last[j] = static_cast<uint8_t>(j);
  uint32_t least_before = 0;
  for (size_t i = 1; i <= n; ++i) {
    const size_t from = i > limit ? i - limit : 0, to = std::min(m, i + limit);
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
    if (to < m) now[to + 1] = static_cast<uint8_t>(far);
    if (least == far && least_before == far) return far;  // an exchange skips one row, not two
    least_before = least;
    uint8_t* const free = before;
    before = last;
    last = now;
    now = free;
  }
  return last[m];
}

bool one_edit_from_beginning(std::string_view typed, std::string_view word) {
  if (typed.empty() || word.empty() || typed[0] != word[0]) return false;
  const size_t shorter = std::min(typed.size(), word.size());
  size_t same = 1;
  while (same < shorter && typed[same] == word[same]) ++same;
  // The error is where the two part, or can be moved there.
  const std::string_view left = typed.substr(same), ahead = word.substr(same);
  if (left.empty()) return true;
  if (begins(ahead, left.substr(1))) return true;  // a byte too many
  if (ahead.empty()) return false;
  if (begins(ahead.substr(1), left.substr(1))) return true;  // another byte
  if (begins(ahead.substr(1), left)) return true;            // a byte left out
  return left.size() > 1 && ahead.size() > 1 && left[0] == ahead[1] && left[1] == ahead[0] &&
         begins(ahead.substr(2), left.substr(2));
}

}  // namespace tvcore
