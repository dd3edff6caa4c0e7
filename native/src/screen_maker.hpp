// Fills a screen row by row (docs/ranking.md, "Rows"): what one row takes, no later row has.
#pragma once

#include <vector>

#include "picks.hpp"
#include "scoring.hpp"
#include "tvcore/rows.hpp"

namespace tvcore {

class ScreenMaker {
 public:
  ScreenMaker(Scoring& scoring, size_t capacity, Screen* out);
  bool full() const { return out_.rows.size() >= capacity_; }

  // Each adds its row at the end, if the row has titles; true if it had.
  // Rows of the history's own titles (screen_own.cpp):
  bool continue_watching();
  bool next_episode();
  bool my_list();
  // Rows of the best titles (screen_best.cpp):
  bool top_picks();
  bool new_for_you();
  bool kids();
  bool because(uint32_t slot);
  bool more_like(uint32_t slot);
  bool popular();
  bool trending();
  // Rows of the channels (screen_live.cpp):
  bool live_now();
  bool starting_soon();

 private:
  size_t count() const { return out_.picks.size() - first_; }
  void begin() { first_ = out_.picks.size(); }
  bool end(RowKind kind, uint32_t reason_slot = kNone);

  const Ranker::State& state() const { return scoring_.state(); }
  const Stack& stack() const { return *scoring_.state().stack; }
  bool free(uint32_t slot) const;  // neither the title nor its group is on the screen
  bool is_begun(const Title& title) const;
  // Makes a row that may have these titles too, which are blocked in all others, as far as they are admitted.
  template <class Row>
  bool with_blocked(const std::vector<uint32_t>& slots, const Row& row);
  // The free ones of the view's titles at these places that `says` gives a reason, in this order.
  template <class Says>
  bool own_row(RowKind kind, const std::vector<uint32_t>& places, const Says& says);
  template <class May>
  void choose_like(uint32_t slot, const May& may);
  void choose_best(const std::vector<int32_t>& scores, bool diverse, uint32_t k);
  template <class May>
  void keep_only(const May& may);
  void give_back_unchosen();
  bool in_use_by_children() const;
  void take_by_value(const int32_t* values, Reason reason);
  bool on_air(RowKind kind, Reason reason, int64_t after_ms, int64_t until_ms);

  Scoring& scoring_;
  Scratch& scratch_;
  size_t capacity_;
  Screen& out_;
  uint32_t k_;
  size_t first_ = 0;
};

}  // namespace tvcore
