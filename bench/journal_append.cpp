// How long one append to the journal takes, rolls included, and what a sync costs.
//
//   g++ -O2 -std=c++17 -Inative/include bench/journal_append.cpp native/src/{event,segment,journal,journal_reader}.cpp
//     native/src/{file,hash}.cpp -pthread -o journal_append && ./journal_append FOLDER [APPENDS]
//
// FOLDER must be empty and on the file system in question. A second thread syncs and prepares every 5 ms, which is far
// more often than a set does.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tvcore/file.hpp"
#include "tvcore/journal.hpp"

using Clock = std::chrono::steady_clock;

namespace {

double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

void print(const char* name, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[std::min(values.size() - 1, static_cast<size_t>(share * values.size()))];
  };
  std::printf("%-18s n %7zu  p50 %8.2f  p99 %8.2f  p99.9 %8.2f  max %9.2f us\n", name,
              values.size(), at(0.5), at(0.99), at(0.999), values.back());
}

int failed(const tvcore::Status& status) {
  std::fprintf(stderr, "%s\n", status.text().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "journal_append FOLDER [APPENDS]\n"), 2;
  const size_t count = argc > 2 ? static_cast<size_t>(std::atol(argv[2])) : 100000;
  tvcore::JournalWriter writer;
  tvcore::JournalWriter::Options options;
  options.new_id = 1;
  if (const auto status = writer.open(argv[1], options, nullptr); !status.ok()) {
    return failed(status);
  }
  std::atomic<bool> done{false};
  std::vector<double> syncs, appends;
  std::thread maintenance([&] {
    while (!done) {
      const auto start = Clock::now();
      if (!writer.sync().ok()) std::abort();
      syncs.push_back(us_since(start));
      if (!writer.prepare().ok()) std::abort();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  appends.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    tvcore::Event event;
    event.kind = tvcore::Kind::kProgress;
    event.item = i;
    if (i % 10 == 0) event.added.resize(20 * 16);  // an impression of a row
    const auto start = Clock::now();
    const tvcore::Status status = writer.append(&event, 1700000000000);
    appends.push_back(us_since(start));
    if (!status.ok()) return failed(status);
    if (i % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  done = true;
  maintenance.join();
  print("append", appends);
  print("sync", syncs);
  std::printf("segments %u, bytes %llu\n", writer.segments(),
              static_cast<unsigned long long>(writer.bytes()));
  return 0;
}
