#include "tvcore/schedule.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace tvcore {
namespace {

auto place(const Stack& stack, const Airing& one) {
  return std::make_tuple(one.start_ms, one.channel_hash, stack.keys()[one.slot]);
}

}  // namespace

Schedule::Schedule(const Stack& stack) : stack_(stack) {
  for (uint32_t p = 0; p < stack.packs().size(); ++p) {
    const Pack& pack = *stack.packs()[p];
    uint32_t count = 0;
    const PackAiring* all = pack.airings(&count);
    for (uint32_t i = 0; i < count; ++i) {
      const PackAiring& one = all[i];
      const std::string_view name = pack.string(one.channel);
      // Compared before it is subtracted: a damaged time must not overflow.
      if (one.row >= pack.rows() || name.empty() || one.start_ms >= one.end_ms ||
          one.start_ms < -kFarthestAiringMs || one.end_ms > kFarthestAiringMs ||
          one.end_ms - one.start_ms > kLongestAiringMs) {
        continue;
      }
      const uint32_t slot = stack.first_slot(p) + one.row;
      if (stack.current(slot) != slot) continue;  // the newer row has the newer schedule
      airings_.push_back(
          {one.start_ms, one.end_ms, xxh64(name.data(), name.size()), slot, one.channel, p});
    }
  }
  std::sort(airings_.begin(), airings_.end(),
            [&](const Airing& a, const Airing& b) { return place(stack, a) < place(stack, b); });
  airings_.shrink_to_fit();
}

Schedule::Range Schedule::starting(int64_t after_ms, int64_t until_ms) const {
  const auto later = [](int64_t at, const Airing& one) { return at < one.start_ms; };
  const auto begin = std::upper_bound(airings_.begin(), airings_.end(), after_ms, later);
  const auto end = std::upper_bound(begin, airings_.end(), until_ms, later);
  const Airing* first = airings_.data() + (begin - airings_.begin());
  return {first, first + (end - begin)};
}

std::string_view Schedule::channel(const Airing& airing) const {
  return stack_.packs()[airing.pack]->string(airing.name);
}

}  // namespace tvcore
