// Exact int8 dot products and what is computed from them row by row, one set of functions per
// instruction set.
//
// Every kernel gives the same integers as the scalar one for every int8 value, -128 included.
// Callers take `active_kernel()`; nothing outside src/kernels/ knows an instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tvcore {

constexpr std::size_t kMaxQueries = 4;
constexpr std::size_t kMaxDimension = 1024;
constexpr std::size_t kRowAlign =
    64;  // a row occupies a multiple of this many bytes, zeros after its dimension
constexpr std::size_t kBlockRows = 64;  // rows a kernel takes in one call: one word of a bitmap

// A scale is below this (2^-5 as Q30), which keeps both steps of `similarity` within int32 (see
// there).
constexpr std::uint32_t kScaleLimitQ30 = 1u << 25;

// A query in the rotated int8 space (see quantise.hpp). An item's own row, scale and bias make a
// query. `row` has the dimension's bytes and needs no alignment and no padding.
struct QueryVector {
  const std::int8_t* row;
  std::uint32_t scale_q30;
  std::int32_t bias_q20;
};

// What turns the dots of up to kMaxQueries queries into similarities.
struct QueryScales {
  std::uint32_t scale_q30[kMaxQueries];
  std::int32_t bias_q20[kMaxQueries];
  std::size_t count;  // 1 to kMaxQueries
};

// Queries laid out for the kernels: made once a scan by `prepare_queries`, about 12 KB, meant for
// the stack.
struct PreparedQueries : QueryScales {
  alignas(64) std::int8_t bytes[kMaxQueries][kMaxDimension];
  alignas(64) std::int16_t words[kMaxQueries][kMaxDimension];
  std::int32_t
      offset[kMaxQueries];  // 128 times the query's sum: what rows read as unsigned add to a dot
  std::size_t length;       // bytes of a row that are read: the dimension rounded up to kRowAlign
  bool has_minimum;  // a query holds -128: kernels whose fast path excludes it take the slow one
};

// Preconditions: 1 <= count <= kMaxQueries; dimension a multiple of 32, at most kMaxDimension.
void prepare_queries(const QueryVector* queries, std::size_t count, std::size_t dimension,
                     PreparedQueries& out);

// The similarity of a query and an item in Q20, without their biases: dot * item_scale *
// query_scale as
//   ((dot * item_scale_q30) >> 18) * query_scale_q30 >> 22
// with arithmetic shifts, both products in 64 bits and the first result cut to 32. With scales
// below kScaleLimitQ30 and bytes in [-127, 127] nothing is cut: |dot| < 2^24, the first product <
// 2^49, the second < 2^56. The error is below 2^-12 * query_scale + 2^-20 < 2^-17. Values outside
// those ranges (a damaged file) wrap modulo 2^32, the same on every kernel.
inline std::int32_t similarity(std::int32_t dot, std::uint32_t item_scale_q30,
                               std::uint32_t query_scale_q30) {
  const auto first = static_cast<std::int64_t>(dot) * static_cast<std::int32_t>(item_scale_q30);
  const auto narrow = static_cast<std::int32_t>(
      static_cast<std::uint32_t>(static_cast<std::uint64_t>(first) >> 18));
  const auto second =
      static_cast<std::int64_t>(narrow) * static_cast<std::int32_t>(query_scale_q30);
  return static_cast<std::int32_t>(
      static_cast<std::uint32_t>(static_cast<std::uint64_t>(second) >> 22));
}

struct Kernel {
  const char* name;

  // dots[q * kBlockRows + i] = <query q, row i> for i < count <= kBlockRows. Row i lies at rows + i
  // * stride, or at rows + pick[i] * stride where pick is not null. rows is 64-byte aligned, stride
  // a multiple of kRowAlign and at least queries.length. Entries of dots from count to kBlockRows
  // may be overwritten.
  void (*dot)(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
              const std::uint8_t* pick, std::size_t count, std::int32_t* dots);

  // As dot() for rows anywhere in a table: row i lies at rows + at[i] * stride. Reads nothing ahead.
  void (*dot_at)(const PreparedQueries& queries, const std::int8_t* rows, std::size_t stride,
                 const std::uint32_t* at, std::size_t count, std::int32_t* dots);

  // The product of two rows as they lie: any address, `dimension` bytes each are read, a multiple of 32.
  std::int32_t (*pair)(const std::int8_t* a, const std::int8_t* b, std::size_t dimension);

  // out[i] = bias_q20[i] + max over q of (similarity(dots[q * kBlockRows + i], scale_q30[i], …) +
  // the query's bias).
  void (*combine)(const QueryScales& queries, const std::int32_t* dots,
                  const std::uint32_t* scale_q30, const std::int32_t* bias_q20, std::size_t count,
                  std::int32_t* out);

  // Bit i is set where scores[i] >= threshold, i < count <= kBlockRows; higher bits are 0.
  std::uint64_t (*at_least)(const std::int32_t* scores, std::size_t count, std::int32_t threshold);
};

// What this machine can run, best last; the scalar kernel is always first. Ends at `count`.
struct KernelList {
  const Kernel* items[4];
  std::size_t count;
};
const KernelList& available_kernels();

struct KernelChoice {
  const Kernel* kernel;  // never null
  bool honoured;  // false: a kernel was asked for that is unknown or that this machine cannot run
};

// `requested` null or empty asks for the best. What cannot be had falls back to the best.
KernelChoice choose_kernel(const char* requested);

// The choice by the environment variable TVBRAIN_KERNEL, read once, at the first call.
const KernelChoice& kernel_choice();
inline const Kernel& active_kernel() { return *kernel_choice().kernel; }

}  // namespace tvcore
