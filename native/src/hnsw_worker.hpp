// What one thread that changes a graph needs: reused from row to row.
#pragma once

#include <vector>

#include "tvcore/hnsw_graph.hpp"

namespace tvcore {

struct HnswGraph::Worker {
  HnswScratch scratch;
  PreparedQueries query;
  std::vector<std::uint32_t> rows, chosen;
  std::vector<Scored> near, peers;
};

}  // namespace tvcore
