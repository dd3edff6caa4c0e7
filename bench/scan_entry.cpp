// The exact scan behind a plain C function, for bench/scan_vs_peers.py: what the Python extension
// pays, without it.
#include <new>

#include "tvcore/quantise.hpp"
#include "tvcore/scan.hpp"

namespace {

struct Bench {
  tvcore::VectorTable table;
  const float* mean;
  tvcore::Rotation rotation;
  tvcore::TopK top;
  tvcore::Quantised query;
};

}  // namespace

extern "C" {

const char* bench_kernel() { return tvcore::active_kernel().name; }

void* bench_open(const int8_t* rows, const uint32_t* scale, const int32_t* bias, uint32_t stride,
                 uint32_t dimension, uint32_t count, const float* mean, uint64_t seed) {
  return new (std::nothrow) Bench{{rows, scale, bias, stride, dimension, count},
                                  mean,
                                  tvcore::Rotation(seed, dimension),
                                  tvcore::TopK(),
                                  {}};
}

void bench_close(void* bench) { delete static_cast<Bench*>(bench); }

// The best k of the whole table for a float32 query; how many.
uint32_t bench_search(void* handle, const float* vector, uint32_t k, tvcore::Scored* out) {
  Bench& bench = *static_cast<Bench*>(handle);
  if (!tvcore::quantise(bench.rotation, bench.mean, vector, bench.query)) return 0;
  const tvcore::QueryVector query = bench.query.query();
  bench.top.reset(k);
  tvcore::scan_top_k(bench.table, &query, 1, nullptr, bench.top);
  return static_cast<uint32_t>(bench.top.finish(out));
}

// The same for up to four rows of the table as queries, over the rows of a bitmap (null: all).
uint32_t bench_similar(void* handle, const uint32_t* items, uint32_t item_count,
                       const uint64_t* eligible, uint32_t k, tvcore::Scored* out) {
  Bench& bench = *static_cast<Bench*>(handle);
  tvcore::QueryVector queries[tvcore::kMaxQueries];
  for (uint32_t i = 0; i < item_count; ++i) {
    const std::size_t row = items[i];
    queries[i] = {bench.table.rows + row * bench.table.stride, bench.table.scale_q30[row],
                  bench.table.bias_q20[row]};
  }
  bench.top.reset(k);
  tvcore::scan_top_k(bench.table, queries, item_count, eligible, bench.top);
  return static_cast<uint32_t>(bench.top.finish(out));
}

// Parts of the above, to see where the time goes.
void bench_quantise(void* handle, const float* vector) {
  Bench& bench = *static_cast<Bench*>(handle);
  tvcore::quantise(bench.rotation, bench.mean, vector, bench.query);
}

void bench_scan_all(void* handle, const uint32_t* items, uint32_t item_count, int32_t* scores) {
  Bench& bench = *static_cast<Bench*>(handle);
  tvcore::QueryVector queries[tvcore::kMaxQueries];
  for (uint32_t i = 0; i < item_count; ++i) {
    const std::size_t row = items[i];
    queries[i] = {bench.table.rows + row * bench.table.stride, bench.table.scale_q30[row],
                  bench.table.bias_q20[row]};
  }
  tvcore::scan_all(bench.table, queries, item_count, nullptr, scores);
}

}  // extern "C"
