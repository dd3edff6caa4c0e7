// Which of a slate's rivals a draw of the weights would choose (docs/ranking.md, "Exploration"): as choose() does, without
// the loss for alike ones.
#pragma once

#include "excess.hpp"
#include "tvcore/scratch.hpp"

namespace tvcore {

// The largest of numbers that change one at a time: each pair's larger one stands above both, the largest of all at 1.
class Tournament {
 public:
  static constexpr int64_t kOut = INT64_MIN;

  // Of `places` numbers, all of them out; `memory` is its own until it ends.
  Tournament(std::vector<int64_t>* memory, size_t places);
  int64_t& number(size_t place) { return all_[leaves_ + place]; }
  void play();  // after numbers were set
  void change(size_t place, int64_t number);
  int64_t largest() const { return all_[1]; }

 private:
  size_t leaves_ = 1;
  int64_t* all_;
};

// Counts in `within`, for each of the first `count` of Scratch::rivals, whether a draw that makes them worth
// Scratch::worth would choose it as one of as many. `excess` is that of a slate of no title.
void count_drawn(Scratch& scratch, Excess excess, size_t count, uint32_t* within);

}  // namespace tvcore
