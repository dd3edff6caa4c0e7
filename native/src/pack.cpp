#include "tvcore/pack.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "pack_state.hpp"

namespace tvcore {

namespace {

constexpr uint32_t kSidePack = 1;
constexpr uint32_t kMaxDimension = 1024;
constexpr uint32_t kMaxNames = 64;
constexpr uint32_t kMaxEncoderRows = 1u << 20;

// The element sizes of format 1.0. Records may grow in later minors, plain arrays may not.
constexpr uint32_t kItemSize = 88, kOfferSize = 40;

Status read_names(const PackState& state, const Section& references,
                  std::vector<std::string_view>* names) {
  if (references.count > kMaxNames) return state.corrupt("more than 64 genres or providers");
  for (uint64_t i = 0; i < references.count; ++i) {
    names->push_back(state.string(state.at<uint32_t>(references, i)));
  }
  return {};
}

Status open_vectors(PackState* state) {
  const PackMeta& meta = state->meta;
  if (Status s = state->find("VECS", 1, &state->vectors); !s.ok()) return s;
  if (Status s = state->exactly("VSCL", 4, &state->vector_scales); !s.ok()) return s;
  if (Status s = state->exactly("VBIA", 4, &state->vector_biases); !s.ok()) return s;
  if (Status s = state->exactly("SPAC", 4, &state->space); !s.ok()) return s;
  const bool some = state->vectors || state->vector_scales || state->vector_biases || state->space;
  if (!some) {
    if (meta.dimension != 0) return state->corrupt("a dimension without vectors");
    return {};
  }
  if (!(state->vectors && state->vector_scales && state->vector_biases && state->space)) {
    return state->corrupt("vectors without all of their sections");
  }
  if (meta.dimension == 0 || meta.dimension > kMaxDimension) {
    return state->corrupt("dimension is not 1 to 1024");
  }
  if (meta.stride != (meta.dimension + 63) / 64 * 64) return state->corrupt("stride is wrong");
  if (state->vectors.stride != meta.stride || state->vectors.count != meta.rows ||
      state->vector_scales.count != meta.rows || state->vector_biases.count != meta.rows ||
      state->space.count != meta.dimension) {
    return state->corrupt("vectors do not fit rows, dimension and stride");
  }
  return {};
}

Status open_residuals(PackState* state) {
  if (Status s = state->find("VECR", 1, &state->residuals); !s.ok()) return s;
  if (Status s = state->exactly("VRSC", 4, &state->residual_scales); !s.ok()) return s;
  if (!state->residuals && !state->residual_scales) return {};
  if (!state->vectors || !state->residuals || !state->residual_scales) {
    return state->corrupt("residuals without all of their sections, or without vectors");
  }
  if (state->residuals.stride != state->meta.stride || state->residuals.count != state->meta.rows ||
      state->residual_scales.count != state->meta.rows) {
    return state->corrupt("residuals do not fit the vectors");
  }
  return {};
}

Status open_vector_graph(PackState* state) {
  if (!state->vectors) return {};
  if (Status s = open_graph(state->container, state->name, state->meta.rows, &state->graph,
                            &state->has_graph);
      !s.ok()) {
    return s;
  }
  if (!state->has_graph) return {};
  if (Status s = state->find("HNSU", 4, &state->graph_upper); !s.ok()) return s;
  if (Status s = state->find("HNSB", 4, &state->graph_begins); !s.ok()) return s;
  return state->find("HNSL", 4, &state->graph_links);
}

Status open_weights(PackState* state) {
  if (Status s = state->exactly("WIND", 4, &state->weight_index); !s.ok()) return s;
  if (Status s = state->exactly("WCOL", 4, &state->weight_columns); !s.ok()) return s;
  if (Status s = state->exactly("WVAL", 1, &state->weight_values); !s.ok()) return s;
  if (Status s = state->exactly("WSCL", 4, &state->weight_scales); !s.ok()) return s;
  const bool some =
      state->weight_index || state->weight_columns || state->weight_values || state->weight_scales;
  if (!some) return {};
  if (!(state->weight_index && state->weight_columns && state->weight_values &&
        state->weight_scales)) {
    return state->corrupt("weights without all of their sections");
  }
  if (state->weight_index.count != uint64_t{state->meta.rows} + 1 ||
      state->weight_scales.count != state->meta.rows ||
      state->weight_columns.count != state->weight_values.count) {
    return state->corrupt("weights do not fit rows");
  }
  return {};
}

Status open_encoder(PackState* state) {
  if (Status s = state->find("ENCO", 16, &state->encoder_head); !s.ok()) return s;
  if (Status s = state->exactly("ENCH", 4, &state->encoder_hashes); !s.ok()) return s;
  if (Status s = state->find("ENCR", 1, &state->encoder_rows); !s.ok()) return s;
  if (Status s = state->exactly("ENCS", 4, &state->encoder_scales); !s.ok()) return s;
  if (!state->encoder_head) {
    if (state->encoder_hashes || state->encoder_rows || state->encoder_scales) {
      return state->corrupt("an encoder without its head");
    }
    return {};
  }
  // What another kind of encoder needs is not known here: it is left alone.
  if (state->encoder_head.count != 1) return state->corrupt("ENCO is not one element");
  if (state->at<uint32_t>(state->encoder_head, 0) != kEncoderVersion) return {};
  if (!state->vectors) return state->corrupt("an encoder without vectors");
  if (!(state->encoder_hashes && state->encoder_rows && state->encoder_scales)) {
    return state->corrupt("an encoder without all of its sections");
  }
  if (state->encoder_hashes.count > kMaxEncoderRows ||
      state->encoder_rows.stride != state->meta.stride ||
      state->encoder_rows.count != state->encoder_hashes.count ||
      state->encoder_scales.count != state->encoder_hashes.count) {
    return state->corrupt("the encoder's sections do not fit each other");
  }
  return {};
}

Status open_lists(PackState* state) {
  if (Status s = state->exactly("REMV", 8, &state->removed); !s.ok()) return s;
  if (Status s = state->exactly("REGN", 2, &state->regions); !s.ok()) return s;
  if (Status s = state->exactly("SEAS", 2, &state->seasons); !s.ok()) return s;
  if (Status s = state->exactly("PEOP", 4, &state->people); !s.ok()) return s;
  if (Status s = state->exactly("LOCL", 4, &state->localised); !s.ok()) return s;
  if (Status s = state->exactly("AIRG", sizeof(PackAiring), &state->airings); !s.ok()) return s;
  if (Status s = state->exactly("POPS", sizeof(PackCount), &state->counts); !s.ok()) return s;
  return state->exactly("SRCE", 1, &state->source);
}

Status open_prior(PackState* state) {
  if (Status s = state->exactly("PRIO", sizeof(PackPrior), &state->priors); !s.ok()) return s;
  uint32_t after = 0;
  for (uint64_t i = 0; i < state->priors.count; ++i) {
    const PackPrior row = state->at<PackPrior>(state->priors, i);
    if (row.term < after) return state->corrupt("PRIO is not ascending");
    if (const char* wrong = prior_fault(row); wrong != nullptr) return state->corrupt(wrong);
    after = row.term + 1;
    if (row.term >= kTerms) break;  // of a later version, and so are all after it
    state->prior.mean_q12[row.term] = row.mean_q12;
    state->prior.precision[row.term] = row.precision;
  }
  return {};
}

// What decides who may see a title is verified before the first slate: a flipped bit in an age, an offer or a removal
// must never show a child what it may not see, not even until verify() finds it. Building the stack reads these pages in
// any case. So is the prior, which is as good as nothing to read: each of its bits is in every score.
Status verify_filters(const Container& file) {
  for (const char (*kind)[5] :
       {&"META", &"ITEM", &"OFFR", &"KEYS", &"PROV", &"REGN", &"REMV", &"PRIO"}) {
    if (Status s = file.verify(*kind); !s.ok()) return s;
  }
  return {};
}

Status open_rows(PackState* state) {
  const Container& file = state->container;
  Section meta;
  if (Status s = file.need("META", sizeof(PackMeta), &meta); !s.ok()) return s;
  if (meta.count != 1) return state->corrupt("META is not one element");
  std::memcpy(&state->meta, meta.data, sizeof state->meta);
  if (Status s = file.need("STRS", 1, &state->strings); !s.ok()) return s;
  if (Status s = file.need("ITEM", kItemSize, &state->items); !s.ok()) return s;
  if (Status s = file.need("OFFR", kOfferSize, &state->offers); !s.ok()) return s;
  if (state->items.stride % 8 != 0 || state->offers.stride % 8 != 0) {
    return state->corrupt("records are not a multiple of 8 bytes");
  }
  if (state->items.count != state->meta.rows) return state->corrupt("ITEM does not fit rows");
  if (state->offers.count != state->meta.offers) return state->corrupt("OFFR does not fit offers");
  const std::pair<const char (*)[5], std::pair<uint32_t, Section*>> arrays[] = {
      {&"KEYS", {16, &state->keys}},
      {&"GENR", {4, &state->genres}},
      {&"PROV", {4, &state->providers}},
      {&"NORM", {4, &state->normal_titles}},
  };
  for (const auto& [kind, wanted] : arrays) {
    if (Status s = file.need(*kind, wanted.first, wanted.second); !s.ok()) return s;
    if (Status s = state->exactly(*kind, wanted.first, wanted.second); !s.ok()) return s;
  }
  if (state->normal_titles.count != state->meta.rows) {
    return state->corrupt("NORM does not fit rows");
  }
  return {};
}

}  // namespace

Status PackState::corrupt(const std::string& what) const {
  return Status(Code::kCorrupt, name + ": " + what);
}

Status PackState::find(const char (&kind)[5], uint32_t element, Section* out) const {
  return container.find(kind, element, out);
}

Status PackState::exactly(const char (&kind)[5], uint32_t element, Section* out) const {
  if (Status s = container.find(kind, element, out); !s.ok()) return s;
  if (*out && out->stride != element) {
    return corrupt(std::string("section ") + kind + ": element size is wrong");
  }
  return {};
}

bool PackState::string_at(uint32_t reference, std::string_view* out) const {
  if (uint64_t{reference} + 2 > strings.size) return false;
  uint16_t length;
  std::memcpy(&length, strings.data + reference, sizeof length);
  if (uint64_t{reference} + 2 + length > strings.size) return false;
  *out = {reinterpret_cast<const char*>(strings.data + reference + 2), length};
  return true;
}

std::string_view PackState::string(uint32_t reference) const {
  std::string_view text;
  return string_at(reference, &text) ? text : std::string_view();
}

const Section* PackState::list(const char (&kind)[5]) const {
  const std::string_view wanted(kind, 4);
  if (wanted == "REGN") return &regions;
  if (wanted == "SEAS") return &seasons;
  if (wanted == "PEOP") return &people;
  if (wanted == "LOCL") return &localised;
  return nullptr;
}

Status Pack::open(const std::string& path, std::shared_ptr<const Pack>* out) {
  std::shared_ptr<const Map> map;
  if (Status status = Map::open(path, &map); !status.ok()) return status;
  return open(std::move(map), path, out);
}

Status Pack::open(std::shared_ptr<const Map> map, const std::string& name,
                  std::shared_ptr<const Pack>* out) {
  auto state = std::make_shared<PackState>();
  state->name = name;
  if (Status s = Container::open(std::move(map), kPackMagic, name, &state->container); !s.ok()) {
    return s;
  }
  if (Status s = verify_filters(state->container); !s.ok()) return s;
  if (Status s = open_rows(state.get()); !s.ok()) return s;
  if (Status s = open_lists(state.get()); !s.ok()) return s;
  if (Status s = open_vectors(state.get()); !s.ok()) return s;
  if (Status s = open_residuals(state.get()); !s.ok()) return s;
  if (Status s = open_vector_graph(state.get()); !s.ok()) return s;
  if (Status s = open_weights(state.get()); !s.ok()) return s;
  if (Status s = open_encoder(state.get()); !s.ok()) return s;
  if (Status s = open_prior(state.get()); !s.ok()) return s;
  if (Status s = read_names(*state, state->genres, &state->genre_names); !s.ok()) return s;
  if (Status s = read_names(*state, state->providers, &state->provider_names); !s.ok()) return s;
  const bool side = (state->container.flags() & kSidePack) != 0;
  if (side != (state->meta.base_hash != 0) || side != (state->meta.ordinal != 0)) {
    return state->corrupt("a side pack has a base and an ordinal, a base pack neither");
  }
  auto pack = std::make_shared<Pack>();
  pack->state_ = std::move(state);
  *out = std::move(pack);
  return {};
}

uint32_t Pack::rows() const { return state_->meta.rows; }
uint32_t Pack::offers() const { return state_->meta.offers; }
bool Pack::side() const { return (state_->container.flags() & kSidePack) != 0; }
uint64_t Pack::content_hash() const { return state_->container.content_hash(); }
uint64_t Pack::base_hash() const { return state_->meta.base_hash; }
uint32_t Pack::ordinal() const { return state_->meta.ordinal; }
uint64_t Pack::space_id() const { return state_->meta.space_id; }
uint64_t Pack::rotation_seed() const { return state_->meta.rotation_seed; }
uint32_t Pack::dimension() const { return has_vectors() ? state_->meta.dimension : 0; }
uint32_t Pack::stride() const { return has_vectors() ? state_->meta.stride : 0; }
uint32_t Pack::max_popularity() const { return state_->meta.max_popularity; }
int64_t Pack::built_at() const { return state_->meta.built_at; }
std::string_view Pack::name() const { return state_->string(state_->meta.name); }
std::string_view Pack::version_text() const { return state_->string(state_->meta.version_text); }
const std::string& Pack::file_name() const { return state_->name; }
std::vector<SectionInfo> Pack::sections() const { return state_->container.sections(); }

std::string_view Pack::source() const {
  return {reinterpret_cast<const char*>(state_->source.data),
          static_cast<size_t>(state_->source.size)};
}

const PackItem& Pack::item(uint32_t row) const {
  return *reinterpret_cast<const PackItem*>(state_->items.data +
                                            uint64_t{row} * state_->items.stride);
}

const PackOffer& Pack::offer(uint32_t index) const {
  return *reinterpret_cast<const PackOffer*>(state_->offers.data +
                                             uint64_t{index} * state_->offers.stride);
}

OfferRange Pack::offers_of(uint32_t row) const {
  const PackItem& one = item(row);
  const uint64_t end = uint64_t{one.first_offer} + one.offer_count;
  if (end > offers()) return {0, 0};
  return {one.first_offer, static_cast<uint32_t>(end)};
}

std::string_view Pack::string(uint32_t reference) const { return state_->string(reference); }
const std::vector<std::string_view>& Pack::genres() const { return state_->genre_names; }
const std::vector<std::string_view>& Pack::providers() const { return state_->provider_names; }

std::vector<uint16_t> Pack::list16(const char (&kind)[5], uint32_t index) const {
  const Section* section = state_->list(kind);
  std::vector<uint16_t> values;
  if (section != nullptr) state_->read_list(*section, index, &values);
  return values;
}

std::vector<uint32_t> Pack::list32(const char (&kind)[5], uint32_t index) const {
  const Section* section = state_->list(kind);
  std::vector<uint32_t> values;
  const uint64_t width = section == &state_->localised ? 2 : 1;
  if (section != nullptr) state_->read_list(*section, index, &values, width);
  return values;
}

std::string_view Pack::normal_title(uint32_t row) const {
  return state_->string(state_->at<uint32_t>(state_->normal_titles, row));
}

bool Pack::find(Key key, PackKey* out) const {
  uint32_t count = 0;
  const PackKey* first = keys(&count);
  const PackKey* found =
      std::lower_bound(first, first + count, key,
                       [](const PackKey& entry, Key wanted) { return entry.key < wanted; });
  if (found == first + count || found->key != key || found->row >= rows()) return false;
  *out = *found;
  return true;
}

const PackKey* Pack::keys(uint32_t* count) const {
  *count = static_cast<uint32_t>(state_->keys.count);
  return reinterpret_cast<const PackKey*>(state_->keys.data);
}

const Key* Pack::removed(uint32_t* count) const {
  *count = static_cast<uint32_t>(state_->removed.count);
  return reinterpret_cast<const Key*>(state_->removed.data);
}

const PackAiring* Pack::airings(uint32_t* count) const {
  *count = static_cast<uint32_t>(state_->airings.count);
  return reinterpret_cast<const PackAiring*>(state_->airings.data);
}

const PackCount* Pack::counts(uint32_t* count) const {
  *count = static_cast<uint32_t>(state_->counts.count);
  return reinterpret_cast<const PackCount*>(state_->counts.data);
}

bool Pack::has_vectors() const { return static_cast<bool>(state_->vectors); }

const int8_t* Pack::vectors() const {
  return reinterpret_cast<const int8_t*>(state_->vectors.data);
}
const uint32_t* Pack::vector_scales() const {
  return reinterpret_cast<const uint32_t*>(state_->vector_scales.data);
}
const int32_t* Pack::vector_biases() const {
  return reinterpret_cast<const int32_t*>(state_->vector_biases.data);
}
const float* Pack::mean() const { return reinterpret_cast<const float*>(state_->space.data); }

const HnswView* Pack::graph() const { return state_->has_graph ? &state_->graph.view : nullptr; }

bool Pack::has_weights() const { return static_cast<bool>(state_->weight_index); }

WeightRow Pack::weights(uint32_t row) const {
  if (!has_weights() || row >= rows()) return {};
  const uint32_t begin = state_->at<uint32_t>(state_->weight_index, row);
  const uint32_t end = state_->at<uint32_t>(state_->weight_index, uint64_t{row} + 1);
  if (begin > end || end > state_->weight_columns.count) return {};
  return {reinterpret_cast<const uint32_t*>(state_->weight_columns.data) + begin,
          reinterpret_cast<const int8_t*>(state_->weight_values.data) + begin, end - begin,
          state_->at<uint32_t>(state_->weight_scales, row)};
}

EncoderTable Pack::encoder() const {
  if (!state_->encoder_head) return {};
  EncoderTable table;
  table.version = state_->at<uint32_t>(state_->encoder_head, 0);
  if (table.version != kEncoderVersion) return {};
  table.hashes = reinterpret_cast<const uint32_t*>(state_->encoder_hashes.data);
  table.rows = reinterpret_cast<const int8_t*>(state_->encoder_rows.data);
  table.scales_q20 = reinterpret_cast<const uint32_t*>(state_->encoder_scales.data);
  table.count = static_cast<uint32_t>(state_->encoder_hashes.count);
  return table;
}

const Prior* Pack::prior() const { return state_->priors ? &state_->prior : nullptr; }

Status Pack::lock_in_memory() const {
  const uintptr_t page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (const Section* section :
       {&state_->items, &state_->offers, &state_->vectors, &state_->vector_scales,
        &state_->vector_biases, &state_->weight_index, &state_->weight_columns,
        &state_->weight_values, &state_->weight_scales, &state_->encoder_hashes,
        &state_->encoder_rows, &state_->encoder_scales, &state_->graph_upper, &state_->graph_begins,
        &state_->graph_links}) {
    if (section->size == 0) continue;
    const uintptr_t begin = reinterpret_cast<uintptr_t>(section->data) / page * page;
    const uintptr_t end =
        reinterpret_cast<uintptr_t>(section->data) + static_cast<uintptr_t>(section->size);
    if (::mlock(reinterpret_cast<const void*>(begin), end - begin) != 0) {
      return errno_status("mlock", state_->name);
    }
  }
  return {};
}

void Pack::let_go() const { state_->container.map()->let_go(); }

}  // namespace tvcore
