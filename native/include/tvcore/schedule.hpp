// What is on the channels and when: the airings of a stack's packs (docs/formats.md, `AIRG`), by start.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tvcore/stack.hpp"

namespace tvcore {

struct Airing {
  int64_t start_ms, end_ms;
  uint64_t channel_hash;  // XXH64 of its name
  uint32_t slot;          // live
  uint32_t name;          // reference in the pack that has it
  uint32_t pack;
};

// Immutable; the stack must outlive it.
class Schedule {
 public:
  explicit Schedule(const Stack& stack);

  struct Range {
    const Airing* begin;
    const Airing* end;
  };
  // Those that start in (after_ms, until_ms], by start: two binary searches.
  Range starting(int64_t after_ms, int64_t until_ms) const;
  size_t size() const { return airings_.size(); }
  std::string_view channel(const Airing& airing) const;

 private:
  const Stack& stack_;
  std::vector<Airing> airings_;
};

}  // namespace tvcore
