// The calling thread's last error, and how a function of the ABI turns a failure into its result.
#pragma once

#include <cstdint>
#include <new>

#include "tvbrain.h"
#include "tvcore/status.hpp"

namespace tvsdk {

// Keep `text` (cut at 511 bytes, at a character boundary) for tvb_last_error() and return `code`.
// Never throws.
int32_t fail(int32_t code, const char* text) noexcept;

// A status as a result: its text is kept if it is a failure.
int32_t result(const tvcore::Status& status) noexcept;

// Run the body of an ABI function: nothing that it throws crosses the boundary. The core throws
// std::bad_alloc only; anything else would be a defect of ours and is reported as one rather than
// ending the host's process.
template <typename Body>
int32_t guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return fail(TVB_E_NO_MEMORY, "an allocation failed");
  } catch (...) {
    return fail(TVB_E_INVALID, "an unexpected C++ exception: a defect of the library");
  }
}

}  // namespace tvsdk
