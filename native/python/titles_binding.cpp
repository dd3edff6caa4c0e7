// The packs in use as the learning plane asks them: which title a key names, its genres, its vector.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "last_error.hpp"
#include "text_binding.hpp"
#include "tvcore/hash.hpp"
#include "tvcore/pack_folder.hpp"
#include "tvcore/prior.hpp"
#include "tvn.h"

using tvcore::Stack;

struct tvn_titles {
  std::shared_ptr<const Stack> stack;
};

static_assert(TVN_NO_SLOT == tvcore::kNone, "one word for none");

extern "C" int32_t tvn_titles_open(const char* factory, const char* packs_folder,
                                   tvn_titles** out) {
  *out = nullptr;
  return tvsdk::guarded([&] {
    tvcore::PackChoice choice;
    const tvcore::Status status = tvcore::choose_packs(factory, packs_folder, &choice);
    if (!status.ok()) return tvsdk::result(status);
    auto titles = std::make_unique<tvn_titles>();
    titles->stack = std::move(choice.stack);
    for (const auto& pack : titles->stack->packs()) pack->let_go();
    *out = titles.release();
    return int32_t{TVB_OK};
  });
}

extern "C" void tvn_titles_free(tvn_titles* titles) { delete titles; }

extern "C" int32_t tvn_titles_info(const tvn_titles* titles, tvn_titles_head* out) {
  const Stack& stack = *titles->stack;
  *out = {};
  out->space_id = stack.space_id();
  out->dimension = stack.dimension();
  out->stride = stack.stride();
  out->genre_count = static_cast<uint32_t>(stack.genre_names().size());
  out->live = stack.live_count();
  const tvcore::Pack& base = *stack.packs().front();
  for (uint32_t i = 0; base.has_vectors() && i < base.dimension(); ++i) {
    out->mean_square += double{base.mean()[i]} * double{base.mean()[i]};
  }
  return TVB_OK;
}

extern "C" void tvn_titles_prior(const tvn_titles* titles, int32_t* weights_q12,
                                 double* precisions) {
  const tvcore::Prior& prior = titles->stack->prior();
  std::copy(prior.mean_q12.begin(), prior.mean_q12.end(), weights_q12);
  std::copy(prior.precision.begin(), prior.precision.end(), precisions);
}

extern "C" int32_t tvn_titles_genre(const tvn_titles* titles, uint32_t index, char* out,
                                    uint32_t capacity) {
  const auto& names = titles->stack->genre_names();
  if (index >= names.size()) return tvsdk::fail(TVB_E_INVALID, "no such genre");
  if (names[index].size() >= capacity) return tvsdk::fail(TVB_E_BUFFER, "a genre's name is longer");
  std::memcpy(out, names[index].c_str(), names[index].size() + 1);
  return TVB_OK;
}

extern "C" int32_t tvn_titles_find(const tvn_titles* titles, const uint64_t* keys, uint32_t count,
                                   uint32_t* slots, uint64_t* genres) {
  return tvsdk::guarded([&] {
    for (uint32_t i = 0; i < count; ++i) {
      slots[i] = titles->stack->find(keys[i]);
      genres[i] = slots[i] == tvcore::kNone ? 0 : titles->stack->genres()[slots[i]];
    }
    return int32_t{TVB_OK};
  });
}

extern "C" int32_t tvn_titles_vectors(const tvn_titles* titles, const uint32_t* slots,
                                      uint32_t count, int8_t* rows, tvn_vector* out) {
  return tvsdk::guarded([&] {
    const Stack& stack = *titles->stack;
    for (uint32_t i = 0; i < count; ++i) {
      out[i] = {};
      int8_t* to = rows + uint64_t{i} * stack.stride();
      std::fill(to, to + stack.stride(), int8_t{0});
      if (slots[i] >= stack.slots()) continue;
      const tvcore::Pack& pack = *stack.packs()[stack.pack_of(slots[i])];
      if (!pack.has_vectors()) continue;
      const uint32_t row = stack.row_of(slots[i]);
      std::memcpy(to, pack.vectors() + uint64_t{row} * pack.stride(), pack.stride());
      out[i].scale_q30 = pack.vector_scales()[row];
      out[i].bias_q20 = pack.vector_biases()[row];
    }
    return int32_t{TVB_OK};
  });
}

extern "C" int32_t tvn_titles_name(const tvn_titles* titles, uint32_t slot, char id[64],
                                   char title[160]) {
  return tvsdk::guarded([&] {
    const Stack& stack = *titles->stack;
    if (slot >= stack.slots()) return tvsdk::fail(TVB_E_NO_ITEM, "no such slot");
    tvpy::put_text(std::string(stack.id(slot)), id, 64);
    tvpy::put_text(std::string(stack.title(slot)), title, 160);
    return int32_t{TVB_OK};
  });
}
