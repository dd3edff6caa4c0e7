// Work on many things by several threads, for building; nothing that serves uses it.
#pragma once

#include <cstddef>
#include <functional>

namespace tvcore {

// Calls work(thread, i) once for every i below `count`, on `threads` threads, the caller's being thread 0. Which thread
// takes which i is open: what a call does must not depend on it. One that throws ends the process.
void parallel_for(unsigned threads, std::size_t count,
                  const std::function<void(unsigned thread, std::size_t i)>& work);

}  // namespace tvcore
