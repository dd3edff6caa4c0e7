#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "last_error.hpp"
#include "tvcore/hash.hpp"
#include "tvcore/normal.hpp"
#include "tvcore/pack.hpp"
#include "tvcore/stack.hpp"
#include "tvn.h"

struct tvn_pack {
  std::shared_ptr<const tvcore::Pack> pack;
  std::vector<tvcore::SectionInfo> sections;
};

extern "C" {

uint64_t tvn_xxh64(const void* data, uint64_t size, uint64_t seed) {
  return tvcore::xxh64(data, static_cast<size_t>(size), seed);
}

uint32_t tvn_crc32c(const void* data, uint64_t size, uint32_t crc) {
  return tvcore::crc32c(data, static_cast<size_t>(size), crc);
}

uint64_t tvn_key(const char* id, uint32_t size) { return tvcore::key_of({id, size}); }

int32_t tvn_normal_form(const char* text, uint32_t size, char out[256], uint32_t* length) {
  return tvsdk::guarded([&] {
    const std::string normal = tvcore::normal_form({text, size});
    std::memcpy(out, normal.data(), normal.size());
    *length = static_cast<uint32_t>(normal.size());
    return TVB_OK;
  });
}

int32_t tvn_pack_open(const char* path, tvn_pack** out) {
  return tvsdk::guarded([&] {
    auto opened = std::make_unique<tvn_pack>();
    const tvcore::Status status = tvcore::Pack::open(path, &opened->pack);
    if (!status.ok()) return tvsdk::result(status);
    opened->sections = opened->pack->sections();
    *out = opened.release();
    return int32_t{TVB_OK};
  });
}

void tvn_pack_close(tvn_pack* pack) { delete pack; }

int32_t tvn_pack_verify(tvn_pack* pack) {
  return tvsdk::guarded([&] { return tvsdk::result(pack->pack->verify()); });
}

uint64_t tvn_pack_content_hash(tvn_pack* pack) { return pack->pack->content_hash(); }

int32_t tvn_pack_is_side(tvn_pack* pack) { return pack->pack->side() ? 1 : 0; }

int32_t tvn_pack_section(tvn_pack* pack, uint32_t index, tvn_section* out) {
  if (index >= pack->sections.size()) {
    return tvsdk::fail(TVB_E_INVALID, "the pack has no such section");
  }
  const tvcore::SectionInfo& info = pack->sections[index];
  *out = {};
  std::memcpy(out->kind, info.kind.data(), 4);
  out->element = info.element;
  out->offset = info.offset;
  out->size = info.size;
  out->count = info.count;
  out->data = info.data;
  return TVB_OK;
}

int32_t tvn_pack_find(tvn_pack* pack, uint64_t key, uint32_t* row, uint32_t* kind) {
  tvcore::PackKey found;
  if (!pack->pack->find(key, &found)) {
    return tvsdk::fail(TVB_E_NO_ITEM, "the pack knows no such id");
  }
  *row = found.row;
  *kind = found.kind;
  return TVB_OK;
}

int32_t tvn_pack_stack(tvn_pack* const* packs, uint32_t count, uint32_t* live) {
  return tvsdk::guarded([&] {
    std::vector<std::shared_ptr<const tvcore::Pack>> opened;
    for (uint32_t i = 0; i < count; ++i) opened.push_back(packs[i]->pack);
    std::shared_ptr<const tvcore::Stack> stack;
    const tvcore::Status status = tvcore::Stack::build(std::move(opened), &stack);
    if (status.ok()) *live = stack->live_count();
    return tvsdk::result(status);
  });
}

}  // extern "C"
