// What a graph in memory holds, and where.
#include "tvcore/hnsw_graph.hpp"

#include <algorithm>

namespace tvcore {

void HnswGraph::Layer::grow(std::size_t places) {
  for (std::size_t place = begins.size(); place < places; ++place) {
    begins.push_back(static_cast<std::uint32_t>(place * capacity));
    ends.push_back(begins.back());
  }
  links.resize(places * capacity);
}

void HnswGraph::Layer::set(std::size_t place, const std::vector<std::uint32_t>& rows) {
  std::copy(rows.begin(), rows.end(), links.begin() + begins[place]);
  ends[place] = begins[place] + static_cast<std::uint32_t>(rows.size());
}

RowRange HnswGraph::Layer::get(std::size_t place) const {
  return {links.data() + begins[place], links.data() + ends[place]};
}

HnswLinks HnswGraph::Layer::view() const {
  return {begins.data(), ends.data(), links.data(), begins.size(), links.size()};
}

HnswGraph::HnswGraph(const HnswOptions& options) : options_(options) {
  ground_.capacity = 2 * options.m;
  upper_.capacity = options.m;
}

HnswGraph::HnswGraph(const HnswOptions& options, const HnswView& view) : HnswGraph(options) {
  make_room(view.rows);
  std::vector<std::uint32_t> links;
  for (std::uint32_t row = 0; row < view.rows; ++row) {
    if (view.upper_at[row] == kNotInGraph) continue;
    take_in(row);
    for (std::uint32_t level = 0; level < levels_of(row); ++level) {
      const RowRange range = view.at(level, row);
      links.assign(range.begin, range.end);
      Layer& part = layer(level);
      if (links.size() > part.capacity) links.resize(part.capacity);
      part.set(place(level, row), links);
    }
  }
  choose_entry();
}

void HnswGraph::make_room(std::size_t rows) {
  if (rows <= upper_at_.size()) return;
  upper_at_.resize(rows, kNotInGraph);
  upper_room_.resize(rows, kNoRow);
  ground_.grow(rows);
}

// A row that comes back has the places it had.
void HnswGraph::take_in(std::uint32_t row) {
  const std::uint32_t above = levels_of(row) - 1;
  if (above != 0 && upper_room_[row] == kNoRow) {
    upper_room_[row] = static_cast<std::uint32_t>(upper_.begins.size());
    upper_.grow(upper_.begins.size() + above);
  }
  upper_at_[row] = upper_room_[row];
  ++size_;
}

void HnswGraph::take_out(std::uint32_t row) {
  for (std::uint32_t level = 0; level < levels_of(row); ++level) {
    layer(level).set(place(level, row), {});
  }
  upper_at_[row] = kNotInGraph;
  --size_;
}

std::size_t HnswGraph::place(std::uint32_t level, std::uint32_t row) const {
  return level == 0 ? row : std::size_t{upper_room_[row]} + level - 1;
}

void HnswGraph::choose_entry() {
  levels_ = 0;
  entry_ = kNoRow;
  for (std::uint32_t row = 0; row < upper_at_.size(); ++row) {
    if (!has(row) || levels_of(row) <= levels_) continue;
    levels_ = levels_of(row);
    entry_ = row;
  }
}

HnswView HnswGraph::view() const {
  return {ground_.view(),   upper_.view(),
          upper_at_.data(), static_cast<std::uint32_t>(upper_at_.size()),
          levels_,          entry_};
}

}  // namespace tvcore
