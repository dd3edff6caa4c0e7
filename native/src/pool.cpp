#include "tvcore/pool.hpp"

#include <algorithm>

#include "tvcore/bitmap.hpp"
#include "tvcore/dot.hpp"
#include "tvcore/terms.hpp"

namespace tvcore {

void best_of(const Stack& stack, const int32_t* scores, const uint64_t* usable,
             uint64_t screen_token, size_t count, std::vector<Candidate>* pool) {
  const Key* keys = stack.keys();
  const auto better = [keys](const Candidate& a, const Candidate& b) {
    if (a.score_q20 != b.score_q20) return a.score_q20 > b.score_q20;
    if (a.tie != b.tie) return a.tie > b.tie;
    return keys[a.slot] < keys[b.slot];
  };
  const auto keep_best = [&] {
    if (pool->size() <= count) return;
    std::nth_element(pool->begin(), pool->begin() + static_cast<std::ptrdiff_t>(count) - 1,
                     pool->end(), better);
    pool->resize(count);
  };
  pool->clear();
  if (count == 0) return;
  const Kernel& kernel = active_kernel();
  const size_t slots = stack.slots();
  const size_t room = std::min(2 * count, slots);
  int32_t threshold = INT32_MIN;
  for (size_t first = 0; first < slots; first += kBlockRows) {
    uint64_t left = usable[first / kBlockRows];
    if (left == 0) continue;
    left &= kernel.at_least(scores + first, std::min(kBlockRows, slots - first), threshold);
    for (; left != 0; left &= left - 1) {
      const auto slot = static_cast<uint32_t>(first + lowest_bit(left));
      const Candidate one{scores[slot], slot, tie_of(screen_token, keys[slot])};
      // Once a threshold stands, the last kept one is at count - 1: what does not beat it cannot enter.
      if (threshold != INT32_MIN && !better(one, (*pool)[count - 1])) continue;
      pool->push_back(one);
      if (pool->size() == room && room > count) {
        keep_best();
        threshold = pool->back().score_q20;
      }
    }
  }
  keep_best();
  std::sort(pool->begin(), pool->end(), better);
}

}  // namespace tvcore
