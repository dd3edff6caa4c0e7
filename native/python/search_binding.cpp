// Search with a vector by the model, and the parts of search that tests and benches look at alone.
#include <cstring>
#include <memory>
#include <string>

#include "brain.hpp"
#include "last_error.hpp"
#include "tvcore/edits.hpp"
#include "tvcore/encoder.hpp"
#include "tvcore/normal.hpp"
#include "tvn.h"

static_assert(TVN_MEANING_NONE == static_cast<int>(tvcore::Meaning::kNone) &&
                  TVN_MEANING_ENCODER == static_cast<int>(tvcore::Meaning::kEncoder) &&
                  TVN_MEANING_MODEL == static_cast<int>(tvcore::Meaning::kModel),
              "one number for each");

struct tvn_encoder {
  std::shared_ptr<const tvcore::Stack> stack;
  std::unique_ptr<tvcore::TextEncoder> encoder;
};

extern "C" int32_t tvn_search(tvb_brain* brain, const char* text, const int8_t* row,
                              uint32_t dimension, uint64_t space_id, uint32_t scale_q30,
                              int32_t bias_q20, const tvb_context* context, tvb_slate* slate,
                              tvb_slate_item* items, uint32_t capacity, int32_t* meaning) {
  const tvcore::MeaningVector given{{row, scale_q30, bias_q20}, dimension, space_id};
  tvcore::Meaning used = tvcore::Meaning::kNone;
  const int32_t status = tvsdk::search(brain, text, row != nullptr ? &given : nullptr, context,
                                       slate, items, capacity, &used);
  *meaning = static_cast<int32_t>(used);
  return status;
}

extern "C" int32_t tvn_encoder_open(const char* pack, tvn_encoder** out) {
  *out = nullptr;
  return tvsdk::guarded([&] {
    std::shared_ptr<const tvcore::Pack> file;
    tvcore::Status status = tvcore::Pack::open(pack, &file);
    auto opened = std::make_unique<tvn_encoder>();
    if (status.ok()) status = tvcore::Stack::build({std::move(file)}, &opened->stack);
    if (!status.ok()) return tvsdk::result(status);
    opened->encoder = std::make_unique<tvcore::TextEncoder>(opened->stack);
    *out = opened.release();
    return int32_t{TVB_OK};
  });
}

extern "C" void tvn_encoder_free(tvn_encoder* encoder) { delete encoder; }

extern "C" int32_t tvn_encode(const tvn_encoder* encoder, const char* text, uint32_t size,
                              int8_t* row, uint32_t capacity, uint32_t* scale_q30,
                              int32_t* bias_q20) {
  return tvsdk::guarded([&] {
    const uint32_t dimension = encoder->stack->dimension();
    if (capacity < dimension) return tvsdk::fail(TVB_E_BUFFER, "row: less than the dimension");
    tvcore::Quantised made;
    if (!encoder->encoder->encode(tvcore::normal_form({text, size}), &made)) {
      return tvsdk::fail(TVB_E_INVALID, "the encoder says nothing of this text");
    }
    std::memcpy(row, made.row, dimension);
    *scale_q30 = made.scale_q30;
    *bias_q20 = made.bias_q20;
    return int32_t{TVB_OK};
  });
}

extern "C" uint32_t tvn_edits(const char* a, uint32_t a_size, const char* b, uint32_t b_size,
                              uint32_t limit) {
  return tvcore::edits_between({a, a_size}, {b, b_size}, limit);
}
