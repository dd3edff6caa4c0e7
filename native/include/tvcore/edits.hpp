// How many typing errors apart two short texts are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tvcore {

constexpr uint32_t kMaxEdits = 2;

// The errors forgiven in a text of so many bytes: none below 4, one below 8, else two.
constexpr uint32_t edits_forgiven(size_t bytes) {
  return bytes < 4 ? 0 : bytes < 8 ? 1 : kMaxEdits;
}

// The least number of bytes inserted, deleted, replaced or exchanged with their neighbour that makes one of the other
// (optimal string alignment: nothing is edited twice); limit + 1 where it is more than limit <= kMaxEdits.
uint32_t edits_between(std::string_view a, std::string_view b, uint32_t limit);

// Whether `typed` and some beginning of `word` differ by at most one error after the first byte, which both must have.
bool one_edit_from_beginning(std::string_view typed, std::string_view word);

}  // namespace tvcore
