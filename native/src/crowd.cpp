#include "tvcore/crowd.hpp"

#include <algorithm>
#include <tuple>

namespace tvcore {
namespace {

uint32_t group_key(uint16_t region, uint8_t daypart, uint8_t window) {
  return static_cast<uint32_t>(window) << 24 | static_cast<uint32_t>(region) << 8 | daypart;
}

struct Entry {
  uint32_t group, slot, people;
};

int32_t value_q20(uint32_t people, uint32_t most) {
  const uint64_t part = log2_q16(uint64_t{1} + people);
  return static_cast<int32_t>((part << 20) / log2_q16(uint64_t{1} + most));
}

}  // namespace

Crowd::Crowd(const Stack& stack) {
  std::vector<Entry> entries;
  for (uint32_t p = 0; p < stack.packs().size(); ++p) {
    const Pack& pack = *stack.packs()[p];
    uint32_t count = 0;
    const PackCount* all = pack.counts(&count);
    for (uint32_t i = 0; i < count; ++i) {
      const PackCount& one = all[i];
      if (one.row >= pack.rows() || one.people == 0) continue;
      const uint32_t slot = stack.first_slot(p) + one.row;
      if (stack.current(slot) != slot) continue;  // the newer row has newer counts, or none
      const uint32_t people = std::min<uint32_t>(one.people, INT32_MAX);
      entries.push_back({group_key(one.region, one.daypart, one.window), slot, people});
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.group, a.slot) < std::tie(b.group, b.slot);
  });
  counts_.reserve(entries.size());
  for (size_t i = 0; i < entries.size();) {
    const auto begin = static_cast<uint32_t>(i);
    uint32_t most = 0;
    uint64_t people = 0;
    for (; i < entries.size() && entries[i].group == entries[begin].group; ++i) {
      most = std::max(most, entries[i].people);
      people += entries[i].people;
    }
    const auto end = static_cast<uint32_t>(i);
    groups_.push_back({entries[begin].group, begin, end, people});
    for (uint32_t at = begin; at < end; ++at) {
      counts_.push_back({entries[at].slot, value_q20(entries[at].people, most)});
    }
  }
}

Crowd::Counts Crowd::counts(uint16_t region, uint8_t daypart, uint8_t window) const {
  const uint32_t wanted = group_key(region, daypart, window);
  const auto at = std::lower_bound(groups_.begin(), groups_.end(), wanted,
                                   [](const Group& one, uint32_t key) { return one.key < key; });
  if (at == groups_.end() || at->key != wanted) return {};
  return {counts_.data() + at->begin, counts_.data() + at->end, at->people};
}

}  // namespace tvcore
