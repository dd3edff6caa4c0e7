// The opaque handle, and the check that every function begins with.
#pragma once

#include <memory>

#include "structs.hpp"
#include "tvcore/engine.hpp"

struct tvb_brain {
  std::unique_ptr<tvcore::Engine> engine;
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

}  // namespace tvsdk
