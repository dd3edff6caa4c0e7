#include "tvcore/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace tvcore {

void parallel_for(unsigned threads, std::size_t count,
                  const std::function<void(unsigned thread, std::size_t i)>& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&](unsigned thread) noexcept {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) work(thread, i);
  };
  std::vector<std::thread> others;
  const auto most = static_cast<unsigned>(std::min<std::size_t>(threads, count));
  for (unsigned thread = 1; thread < most; ++thread) others.emplace_back(run, thread);
  run(0);
  for (std::thread& one : others) one.join();
}

}  // namespace tvcore
