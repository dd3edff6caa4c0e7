// A graph in a file: what is written comes back, and no bytes make reading or searching it unsafe.
#include "tvcore/hnsw_sections.hpp"

#include <cstring>
#include <vector>

#include "check.hpp"
#include "tvcore/hnsw_graph.hpp"
#include "vector_world.hpp"

namespace {

using namespace tvcore;

constexpr Magic kMagic = {'T', 'V', 'B', 'T', 'E', 'S', 'T', '\0'};

std::vector<std::uint8_t> stored(const HnswGraph& graph) {
  ContainerWriter out(kMagic);
  write_graph(graph.options(), graph.view(), &out);
  return out.finish();
}

// The container of `bytes` as it is, with its table's hashes made right.
Container reopened(const std::vector<std::uint8_t>& bytes) {
  Container file;
  REQUIRE_OK(Container::open(Map::of(bytes), kMagic, "test", &file));
  return file;
}

void search_all(const StoredGraph& graph, const VectorWorld& world) {
  HnswScratch scratch;
  Scored out[20];
  for (std::size_t row = 0; row < world.table.count; row += 17) {
    const QueryVector query = world.vector(row);
    hnsw_search(graph.view, world.table, query, nullptr, 20, SIZE_MAX, scratch);
    for (std::size_t i = scratch.beam.take(20, out); i > 0; --i) {
      CHECK(out[i - 1].row < world.table.count);
    }
    const NearestSpace space{world.table, &graph.view};
    Scored best[20];
    CHECK_EQ(nearest_top_k(space, query, nullptr, 20, 20, NearestBy::kGraph, scratch, best).count,
             std::min<std::size_t>(20, world.table.count));
  }
}

}  // namespace

TEST("a graph comes back as it was, closed up, rows that are not in it too") {
  check::Random random(1);
  for (const std::size_t count : {1, 2, 40, 700}) {
    const VectorWorld world(count, 5, 0.05, random);
    HnswGraph graph({4, 40, 9});
    graph.add(world.table, world.every_row(), 2);
    if (count > 2) graph.remove(world.table, {1, 3, static_cast<std::uint32_t>(count - 1)}, 2);
    const auto bytes = stored(graph);
    const Container file = reopened(bytes);
    StoredGraph read;
    bool found = false;
    REQUIRE_OK(open_graph(file, "test", static_cast<std::uint32_t>(count), &read, &found));
    CHECK(found);
    const char* wrong = graph_fault(read, [&](std::uint32_t row) { return graph.has(row); });
    CHECK_EQ(std::string(wrong != nullptr ? wrong : ""), "");
    const HnswGraph again(read.options, read.view);
    CHECK(stored(again) == bytes);
    CHECK_EQ(again.size(), graph.size());
  }
}

TEST("a graph of a version that is not known is left alone") {
  check::Random random(2);
  const VectorWorld world(40, 5, 0, random);
  HnswGraph graph({4, 40, 9});
  graph.add(world.table, world.every_row(), 1);
  auto bytes = stored(graph);
  const Container file = reopened(bytes);
  bytes[file.sections()[0].offset] = 2;
  const Container newer = reopened(bytes);
  StoredGraph read;
  bool found = true;
  REQUIRE_OK(open_graph(newer, "test", 40, &read, &found));
  CHECK(!found);
}

TEST("no wrong number in a graph is believed, nor makes a search unsafe") {
  check::Random random(3);
  const VectorWorld world(300, 5, 0.05, random);
  HnswGraph graph({4, 40, 9});
  graph.add(world.table, world.every_row(), 2);
  const auto whole = stored(graph);
  const auto sections = reopened(whole).sections();
  int refused = 0, faults = 0;
  for (int round = 0; round < check::scaled(20000); ++round) {
    auto bytes = whole;
    const SectionInfo& section = sections[random.below(sections.size())];
    const std::size_t at = section.offset + 4 * random.below(section.size / 4);
    const std::uint32_t extreme[] = {0, 1, 299, 300, 0x7fffffff, kNotInGraph, kNoRow};
    std::uint32_t value = extreme[random.below(7)];
    if (random.chance(0.5)) value = static_cast<std::uint32_t>(random.below(2000));
    if (std::memcmp(&bytes[at], &value, 4) == 0) continue;
    std::memcpy(&bytes[at], &value, 4);
    const Container file = reopened(bytes);
    StoredGraph read;
    bool found = false;
    if (!open_graph(file, "test", 300, &read, &found).ok()) {
      ++refused;
      continue;
    }
    if (!found) continue;
    const bool fault = graph_fault(read, [](std::uint32_t) { return true; }) != nullptr;
    faults += fault;
    if (section.kind == "HNSU") CHECK(fault);
    search_all(read, world);
  }
  CHECK(refused > 0);
  CHECK(faults > 0);
}

TEST("sections that do not fit each other are refused") {
  check::Random random(4);
  const VectorWorld world(50, 5, 0, random);
  HnswGraph graph({4, 40, 9});
  graph.add(world.table, world.every_row(), 1);
  const Container file = reopened(stored(graph));
  StoredGraph read;
  bool found = false;
  CHECK(open_graph(file, "test", 49, &read, &found).code() == Code::kCorrupt);
  CHECK(open_graph(file, "test", 51, &read, &found).code() == Code::kCorrupt);
  ContainerWriter alone(kMagic);
  std::vector<std::uint8_t> head(40);
  std::memcpy(head.data(), file.sections()[0].data, 40);
  alone.add("HNSW", 40, head);
  CHECK(open_graph(reopened(alone.finish()), "test", 50, &read, &found).code() == Code::kCorrupt);
}
