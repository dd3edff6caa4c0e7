// The core's scan behind plain C functions, for `tvbrain bench peers`: with any kernel, with parts of it left out, and
// what memory can deliver. Loaded with ctypes; one thread at a time.
#include <cstring>
#include <new>

#include "tvcore/quantise.hpp"
#include "tvcore/scan.hpp"

#define BENCH_API extern "C" __attribute__((visibility("default")))

namespace {

struct Bench {
  tvcore::VectorTable table;
  const float* mean;
  tvcore::Rotation rotation;
  tvcore::TopK top;
  tvcore::Quantised query;
};

// As far ahead as the kernels ask for rows.
constexpr uint64_t kAheadWords = 6144 / sizeof(uint64_t);

}  // namespace

BENCH_API const char* bench_kernel() { return tvcore::active_kernel().name; }

// The arrays stay the caller's and must outlive the handle.
BENCH_API void* bench_open(const int8_t* rows, const uint32_t* scale, const int32_t* bias,
                           uint32_t stride, uint32_t dimension, uint32_t count, const float* mean,
                           uint64_t seed) {
  return new (std::nothrow) Bench{{rows, scale, bias, stride, dimension, count},
                                  mean,
                                  tvcore::Rotation(seed, dimension),
                                  tvcore::TopK(),
                                  {}};
}

BENCH_API void bench_close(void* bench) { delete static_cast<Bench*>(bench); }

// The best k of the rows of a bitmap (null: of all) for a float32 query; how many. 0 too for a query that is none.
BENCH_API uint32_t bench_search(void* handle, const float* vector, const uint64_t* eligible,
                                uint32_t k, tvcore::Scored* out) {
  Bench& bench = *static_cast<Bench*>(handle);
  if (!tvcore::quantise(bench.rotation, bench.mean, vector, bench.query)) return 0;
  const tvcore::QueryVector query = bench.query.query();
  bench.top.reset(k);
  tvcore::scan_top_k(bench.table, &query, 1, eligible, bench.top);
  return static_cast<uint32_t>(bench.top.finish(out));
}

// The floor: scores of all rows for the query of the last search, with nothing chosen among them.
BENCH_API void bench_scan(void* handle, int32_t* scores) {
  Bench& bench = *static_cast<Bench*>(handle);
  const tvcore::QueryVector query = bench.query.query();
  tvcore::scan_all(bench.table, &query, 1, nullptr, scores);
}

// Reads so many bytes (a multiple of 64), eight accumulators wide; what it returns depends on each. Asking for an
// address past the end does no harm.
BENCH_API uint64_t bench_read(const uint64_t* memory, uint64_t bytes) {
  uint64_t sums[8] = {};
  for (uint64_t i = 0; i < bytes / sizeof(uint64_t); i += 8) {
    __builtin_prefetch(memory + i + kAheadWords);
    for (uint64_t j = 0; j < 8; ++j) sums[j] ^= memory[i + j];
  }
  uint64_t all = 0;
  for (const uint64_t sum : sums) all ^= sum;
  return all;
}
