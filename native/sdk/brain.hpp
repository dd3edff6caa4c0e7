// The opaque handle, and the check that every function begins with.
#pragma once

#include <memory>

#include "form.hpp"
#include "structs.hpp"
#include "tvcore/engine.hpp"

struct tvb_brain {
  std::unique_ptr<tvcore::Engine> engine;
  std::unique_ptr<tvsdk::Learning> learning;  // null where nothing learns in this process,
  const char* not_learning = "";              // and why
};

namespace tvsdk {

// Run `body(engine)`; its Status is the call's result.
template <typename Body>
int32_t with_engine(tvb_brain* brain, Body&& body) noexcept {
  return guarded([&]() -> int32_t {
    if (brain == nullptr) return fail(TVB_E_INVALID, "brain: NULL");
    const tvcore::Status status = brain->engine->check_process();
    if (!status.ok()) return result(status);
    return result(body(*brain->engine));
  });
}

// tvb_search() with a vector by the model (or null); `used` (or null): what told the meaning.
int32_t search(tvb_brain* brain, const char* text, const tvcore::MeaningVector* meaning,
               const tvb_context* context, tvb_slate* slate, tvb_slate_item* items,
               uint32_t capacity, tvcore::Meaning* used);

}  // namespace tvsdk
