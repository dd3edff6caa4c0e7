// Python in this process: found or loaded, started once, never ended.
#pragma once

#include <string>

#include "../../python/embed/learner.h"
#include "tvcore/status.hpp"

namespace tvsdk {

// The entry points of the learning plane, in Python.
struct Entries {
  decltype(&tvl_start) start = nullptr;
  decltype(&tvl_step) step = nullptr;
  decltype(&tvl_stop) stop = nullptr;
};

// The entries, after starting what has to be started. Slow the first time; one thread at a time gets past it. A failure
// names its cause: no Python, another Python, a module missing, a child after fork().
tvcore::Status python_entries(Entries* out);

}  // namespace tvsdk
