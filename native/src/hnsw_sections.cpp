#include "tvcore/hnsw_sections.hpp"

#include <algorithm>
#include <cstring>

namespace tvcore {
namespace {

struct GraphHead {  // HNSW
  std::uint32_t version, m, ef_construction, levels, entry, above;
  std::uint64_t seed, reserved;
};
static_assert(sizeof(GraphHead) == 40, "docs/formats.md");

template <class T>
std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

const std::uint32_t* numbers(const Section& section) {
  return reinterpret_cast<const std::uint32_t*>(section.data);
}

}  // namespace

Status open_graph(const Container& file, const std::string& name, std::uint32_t rows,
                  StoredGraph* out, bool* found) {
  const auto corrupt = [&](const char* what) { return Status(Code::kCorrupt, name + ": " + what); };
  Section head, upper, begins, links;
  *found = false;
  if (Status s = file.find("HNSW", sizeof(GraphHead), &head); !s.ok()) return s;
  if (!head) return {};
  if (head.count != 1) return corrupt("HNSW is not one element");
  GraphHead value;
  std::memcpy(&value, head.data, sizeof value);
  if (value.version != kGraphVersion) return {};
  if (Status s = file.need("HNSU", 4, &upper); !s.ok()) return s;
  if (Status s = file.need("HNSB", 4, &begins); !s.ok()) return s;
  if (Status s = file.find("HNSL", 4, &links); !s.ok()) return s;
  if (upper.stride != 4 || begins.stride != 4 || (links && links.stride != 4)) {
    return corrupt("the graph's sections: element size is wrong");
  }
  if (value.m < 2 || value.m > kMaxHnswM || value.ef_construction < 1 ||
      value.ef_construction > kMaxHnswEf || value.levels > kMaxHnswLevels ||
      (value.entry >= rows && value.levels != 0)) {
    return corrupt("HNSW is out of range");
  }
  if (upper.count != rows || begins.count != std::uint64_t{rows} + value.above + 1) {
    return corrupt("the graph does not fit rows");
  }
  const std::uint32_t* const at = numbers(begins);
  const auto link_count = static_cast<std::size_t>(links.count);
  out->options = {value.m, value.ef_construction, value.seed};
  out->view.ground = {at, at + 1, numbers(links), rows, link_count};
  out->view.upper = {at + rows, at + rows + 1, numbers(links), value.above, link_count};
  out->view.upper_at = numbers(upper);
  out->view.rows = rows;
  out->view.levels = value.levels;
  out->view.entry = value.entry;
  *found = true;
  return {};
}

void write_graph(const HnswOptions& options, const HnswView& view, ContainerWriter* out) {
  std::vector<std::uint32_t> upper, begins, links;
  const auto close_up = [&](std::uint32_t level, std::uint32_t row) {
    const RowRange range = view.at(level, row);
    begins.push_back(static_cast<std::uint32_t>(links.size()));
    links.insert(links.end(), range.begin, range.end);
  };
  std::uint32_t above = 0;
  for (std::uint32_t row = 0; row < view.rows; ++row) {
    const std::uint32_t level = hnsw_level(row, options);
    const bool in = view.upper_at[row] != kNotInGraph;
    upper.push_back(!in ? kNotInGraph : level == 0 ? kNoRow : above);
    if (in) above += level;
    close_up(0, row);
  }
  for (std::uint32_t row = 0; row < view.rows; ++row) {
    if (upper[row] >= kNotInGraph) continue;
    for (std::uint32_t level = 1; level <= hnsw_level(row, options); ++level) close_up(level, row);
  }
  begins.push_back(static_cast<std::uint32_t>(links.size()));
  const GraphHead head{kGraphVersion, options.m,  options.ef_construction,
                       view.levels,   view.entry, above,
                       options.seed,  0};
  std::vector<std::uint8_t> bytes(sizeof head);
  std::memcpy(bytes.data(), &head, sizeof head);
  out->add("HNSW", sizeof head, std::move(bytes));
  out->add("HNSU", 4, bytes_of(upper));
  out->add("HNSB", 4, bytes_of(begins));
  if (!links.empty()) out->add("HNSL", 4, bytes_of(links));
}

const char* GraphCheck::row_fault(std::uint32_t row, bool has) {
  const HnswView& view = graph_.view;
  const std::uint32_t level = level_of(row);
  const std::uint32_t expected = !has ? kNotInGraph : level == 0 ? kNoRow : next_upper_;
  if (view.upper_at[row] != expected) return "HNSU is wrong";
  const std::size_t begin = view.ground.begins[row], end = view.ground.ends[row];
  if (begin != next_link_ || end < begin) return "HNSB is wrong";
  next_link_ = end;
  if (!has) return begin == end ? nullptr : "HNSB: links of a row that is not in the graph";
  if (const char* wrong = place_fault(0, row, row); wrong != nullptr) return wrong;
  for (std::uint32_t l = 1; l <= level; ++l, ++next_upper_) {
    if (next_upper_ >= view.upper.places) return "HNSW: places above do not fit HNSU";
    if (const char* wrong = place_fault(l, row, next_upper_); wrong != nullptr) return wrong;
  }
  if (level + 1 > levels_) levels_ = level + 1;
  return nullptr;
}

// The links of one row at one level: of rows that stand there, each once.
const char* GraphCheck::place_fault(std::uint32_t level, std::uint32_t row, std::size_t place) {
  const HnswLinks& part = level == 0 ? graph_.view.ground : graph_.view.upper;
  const std::size_t begin = part.begins[place], end = part.ends[place];
  const std::size_t most = std::size_t{level == 0 ? 2u : 1u} * graph_.options.m;
  if (end < begin || end > part.count || end - begin > most) return "HNSB is wrong";
  std::vector<std::uint32_t> sorted(part.links + begin, part.links + end);
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    return "HNSL: a link stands twice";
  }
  for (const std::uint32_t to : sorted) {
    if (to >= graph_.view.rows || to == row || graph_.view.upper_at[to] == kNotInGraph ||
        level_of(to) < level) {
      return "HNSL: a link to a row that is not there";
    }
  }
  return nullptr;
}

const char* GraphCheck::whole_fault() const {
  const HnswView& view = graph_.view;
  if (next_upper_ != view.upper.places) return "HNSW: places above do not fit HNSU";
  std::size_t next = next_link_;
  for (std::size_t place = 0; place < view.upper.places; ++place) {
    if (view.upper.begins[place] != next || view.upper.ends[place] < next) return "HNSB is wrong";
    next = view.upper.ends[place];
  }
  if (next != view.ground.count) return "HNSL has links of no row";
  if (levels_ != view.levels) return "HNSW: levels are wrong";
  const bool stands = view.levels == 0 ? view.entry == kNoRow
                                       : view.upper_at[view.entry] != kNotInGraph &&
                                             level_of(view.entry) + 1 == levels_;
  return stands ? nullptr : "HNSW: the entry is no row of the highest level";
}

}  // namespace tvcore
