// A graph in a container (docs/formats.md, "Graph"): of a pack or of an index.
#pragma once

#include <cstdint>
#include <string>

#include "tvcore/container.hpp"
#include "tvcore/hnsw.hpp"

namespace tvcore {

constexpr std::uint32_t kGraphVersion = 1;

// A graph as it lies in a container.
struct StoredGraph {
  HnswOptions options;
  HnswView view;
};

// The graph of a container of `rows` rows: *found is false if there is none, or one of a version that is not known.
// kCorrupt where its arrays do not fit; what they hold is checked at every use, and whole by graph_fault().
Status open_graph(const Container& file, const std::string& name, std::uint32_t rows,
                  StoredGraph* out, bool* found);

// The sections of a graph, closed up.
void write_graph(const HnswOptions& options, const HnswView& view, ContainerWriter* out);

// graph_fault() of one row, and what it counts from row to row.
class GraphCheck {
 public:
  explicit GraphCheck(const StoredGraph& graph) : graph_(graph) {}
  const char* row_fault(std::uint32_t row, bool has);
  const char* whole_fault() const;

 private:
  const char* place_fault(std::uint32_t level, std::uint32_t row, std::size_t place);
  std::uint32_t level_of(std::uint32_t row) const { return hnsw_level(row, graph_.options); }

  const StoredGraph& graph_;
  std::uint32_t levels_ = 0, next_upper_ = 0;
  std::size_t next_link_ = 0;
};

// What is wrong with a graph that open_graph() took; null if nothing is. `has(row)`: whether the row must be in it.
template <class Has>
const char* graph_fault(const StoredGraph& graph, const Has& has) {
  GraphCheck check(graph);
  for (std::uint32_t row = 0; row < graph.view.rows; ++row) {
    if (const char* wrong = check.row_fault(row, has(row)); wrong != nullptr) return wrong;
  }
  return check.whole_fault();
}

}  // namespace tvcore
