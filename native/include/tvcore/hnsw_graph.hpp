// A graph that is built and changed in memory. The vectors stay the caller's: every call that reads them takes their
// table, which may have grown or moved since. No two calls at once, but for view().
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tvcore/hnsw.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

class HnswGraph {
 public:
  explicit HnswGraph(const HnswOptions& options);
  // A graph as another was: of its view and options.
  HnswGraph(const HnswOptions& options, const HnswView& view);

  // Adds rows of the table that are not in the graph, each once. The same calls with the same rows, in this order, give
  // the same graph on any number of threads.
  void add(const VectorTable& table, const std::vector<std::uint32_t>& rows, unsigned threads);
  // Takes rows out: what led to them leads to where they led. One pass over all links a call.
  void remove(const VectorTable& table, const std::vector<std::uint32_t>& rows, unsigned threads);

  bool has(std::uint32_t row) const {
    return row < upper_at_.size() && upper_at_[row] != kNotInGraph;
  }
  std::uint32_t size() const { return size_; }
  const HnswOptions& options() const { return options_; }
  HnswView view() const;  // until the next change

 private:
  struct Layer {  // a place has room for `capacity` links
    std::uint32_t capacity = 0;
    std::vector<std::uint32_t> begins, ends, links;
    void grow(std::size_t places);
    void set(std::size_t place, const std::vector<std::uint32_t>& rows);
    RowRange get(std::size_t place) const;
    HnswLinks view() const;
  };
  struct Link {
    std::uint32_t level, from, to;
  };
  struct Worker;  // what a thread that adds needs

  void make_room(std::size_t rows);
  void take_in(std::uint32_t row);
  void take_out(std::uint32_t row);
  Layer& layer(std::uint32_t level) { return level == 0 ? ground_ : upper_; }
  std::size_t place(std::uint32_t level, std::uint32_t row) const;
  std::uint32_t levels_of(std::uint32_t row) const { return hnsw_level(row, options_) + 1; }
  void choose_entry();

  void add_all(const VectorTable& table, const std::vector<std::uint32_t>& rows,
               std::vector<Worker>& workers);
  void add_batch(const VectorTable& table, const std::uint32_t* rows, std::size_t count,
                 std::vector<Worker>& workers);
  std::vector<Link> link_new(const VectorTable& table, const std::uint32_t* rows, std::size_t count,
                             std::size_t i, Worker& worker);
  void link_all_back(const VectorTable& table, const std::vector<std::vector<Link>>& made,
                     std::vector<Worker>& workers);
  void link_back(const VectorTable& table, const Link* first, const Link* last, Worker& worker);
  std::vector<Link> mend(const VectorTable& table, const Link& torn, const std::uint64_t* gone,
                         Worker& worker);
  void bring_back_the_lost(const VectorTable& table, std::vector<Worker>& workers);

  HnswOptions options_;
  Layer ground_, upper_;
  std::vector<std::uint32_t> upper_at_;    // a row, as in HnswView
  std::vector<std::uint32_t> upper_room_;  // the same, kept when the row goes
  std::uint32_t size_ = 0, levels_ = 0, entry_ = kNoRow;
};

}  // namespace tvcore
