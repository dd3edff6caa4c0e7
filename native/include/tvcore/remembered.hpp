// What an array of values, one a slot, still holds from an earlier call: the answer to which question, for which slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tvcore {

class Remembered {
 public:
  // The question of this call, to be filled with all that decides the values; `world`: of which stack they are.
  std::vector<uint64_t>& ask(uint64_t world) {
    asked_.assign(1, world);
    return asked_;
  }
  // Whether the values answer it for all slots with a bit in `wanted`.
  bool holds(const std::vector<uint64_t>& wanted) const {
    if (answered_ != asked_ || slots_.size() != wanted.size()) return false;
    uint64_t missing = 0;
    for (size_t w = 0; w < wanted.size(); ++w) missing |= wanted[w] & ~slots_[w];
    return missing == 0;
  }
  // Before the values change, and once they answer the question for these slots.
  void forget() { answered_.clear(); }
  void keep(const std::vector<uint64_t>& wanted) {
    slots_ = wanted;
    answered_ = asked_;
  }

 private:
  std::vector<uint64_t> asked_, answered_;  // a question has at least one word, no answer none
  std::vector<uint64_t> slots_;
};

}  // namespace tvcore
