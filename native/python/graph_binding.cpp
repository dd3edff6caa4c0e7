// Building the graph of a pack.
#include <cstring>
#include <memory>
#include <vector>

#include "last_error.hpp"
#include "tvcore/hnsw_graph.hpp"
#include "tvcore/hnsw_sections.hpp"
#include "tvcore/pack.hpp"
#include "tvn.h"

struct tvn_graph {
  tvcore::Container file;  // of its sections alone
  std::vector<tvcore::SectionInfo> sections;
};

extern "C" int32_t tvn_graph_build(const int8_t* rows, const uint32_t* scales_q30,
                                   const int32_t* biases_q20, uint32_t count, uint32_t dimension,
                                   uint32_t stride, uint32_t m, uint32_t ef_construction,
                                   uint64_t seed, uint32_t threads, tvn_graph** out) {
  *out = nullptr;
  return tvsdk::guarded([&] {
    const bool fits = dimension % 32 == 0 && dimension <= tvcore::kMaxDimension &&
                      stride % tvcore::kRowAlign == 0 && stride >= dimension && m >= 2 &&
                      m <= tvcore::kMaxHnswM && ef_construction >= 1 &&
                      ef_construction <= tvcore::kMaxHnswEf;
    if (!fits) return tvsdk::fail(TVB_E_INVALID, "dimension, stride, m or ef is out of range");
    const tvcore::VectorTable table{rows, scales_q30, biases_q20, stride, dimension, count};
    std::vector<uint32_t> with_vector;
    for (uint32_t row = 0; row < count; ++row) {
      if (scales_q30[row] != 0) with_vector.push_back(row);
    }
    tvcore::HnswGraph graph({m, ef_construction, seed});
    graph.add(table, with_vector, threads);
    tvcore::ContainerWriter writer(tvcore::kPackMagic);
    tvcore::write_graph(graph.options(), graph.view(), &writer);
    auto made = std::make_unique<tvn_graph>();
    const tvcore::Status status = tvcore::Container::open(tvcore::Map::of(writer.finish()),
                                                          tvcore::kPackMagic, "graph", &made->file);
    if (!status.ok()) return tvsdk::result(status);
    made->sections = made->file.sections();
    *out = made.release();
    return int32_t{TVB_OK};
  });
}

extern "C" int32_t tvn_graph_section(const tvn_graph* graph, uint32_t index, tvn_section* out) {
  if (index >= graph->sections.size()) {
    return tvsdk::fail(TVB_E_INVALID, "the graph has no such section");
  }
  const tvcore::SectionInfo& info = graph->sections[index];
  *out = {};
  std::memcpy(out->kind, info.kind.data(), 4);
  out->element = info.element;
  out->size = info.size;
  out->count = info.count;
  out->data = info.data;
  return TVB_OK;
}

extern "C" void tvn_graph_free(tvn_graph* graph) { delete graph; }
