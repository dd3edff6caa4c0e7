// Search by title: the normal forms of every live title in one piece of memory, scanned whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tvcore/stack.hpp"

namespace tvcore {

// How a title matches, better is larger.
constexpr uint8_t kMatchInside = 1, kMatchWord = 2, kMatchPrefix = 3, kMatchWhole = 4;

class TitleIndex {
 public:
  explicit TitleIndex(const Stack& stack);
  // Sets match[slot] to the best match of the slot's titles (original and localised); other places are not touched.
  void find(std::string_view normal, uint8_t* match) const;

 private:
  std::string text_;              // titles, each followed by a NUL
  std::vector<uint32_t> starts_;  // where each begins, and the end
  std::vector<uint32_t> slots_;   // whose it is
};

}  // namespace tvcore
