#include "tvcore/dot.hpp"

#include <cstdlib>
#include <cstring>

#if defined(__arm__) || defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include "kernels/kernels.hpp"

namespace tvcore {
namespace {

// Asks the processor's and the operating system's flags; no probed instruction is executed, and
// this file is compiled for the baseline.
KernelList probe() {
  KernelList found{};
  const auto add = [&found](const Kernel& kernel) { found.items[found.count++] = &kernel; };
  add(kernels::kScalar);
#if defined(__x86_64__)
  // These answers include the operating system's support for the registers (XGETBV).
  if (__builtin_cpu_supports("avx2")) add(kernels::kAvx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vnni")) {
    add(kernels::kAvx512Vnni);
  }
#elif defined(__aarch64__)
  constexpr unsigned long kDotProduct = 1ul << 20;  // HWCAP_ASIMDDP
  add(kernels::kNeon);                              // part of the architecture
  if ((getauxval(AT_HWCAP) & kDotProduct) != 0) add(kernels::kNeonDot);
#elif defined(__arm__)
  constexpr unsigned long kNeonUnit = 1ul << 12;  // HWCAP_NEON
  if ((getauxval(AT_HWCAP) & kNeonUnit) != 0) add(kernels::kNeon);
#endif
  return found;
}

}  // namespace

void prepare_queries(const QueryVector* queries, std::size_t count, std::size_t dimension,
                     PreparedQueries& out) {
  out.count = count;
  out.length = (dimension + kRowAlign - 1) / kRowAlign * kRowAlign;
  out.has_minimum = false;
  for (std::size_t q = 0; q < count; ++q) {
    std::memcpy(out.bytes[q], queries[q].row, dimension);
    std::memset(out.bytes[q] + dimension, 0, out.length - dimension);
    std::int32_t sum = 0;
    bool has_minimum = false;
    for (std::size_t i = 0; i < out.length; ++i) {
      const std::int8_t value = out.bytes[q][i];
      out.words[q][i] = value;
      sum += value;
      has_minimum |= value == -128;
    }
    out.offset[q] = 128 * sum;
    out.scale_q30[q] = queries[q].scale_q30;
    out.bias_q20[q] = queries[q].bias_q20;
    out.has_minimum |= has_minimum;
  }
}

const KernelList& available_kernels() {
  static const KernelList list = probe();
  return list;
}

KernelChoice choose_kernel(const char* requested) {
  const KernelList& list = available_kernels();
  const Kernel* const best = list.items[list.count - 1];
  if (requested == nullptr || *requested == '\0') return {best, true};
  for (std::size_t i = 0; i < list.count; ++i) {
    if (std::strcmp(list.items[i]->name, requested) == 0) return {list.items[i], true};
  }
  return {best, false};
}

const KernelChoice& kernel_choice() {
  static const KernelChoice choice = choose_kernel(std::getenv("TVBRAIN_KERNEL"));
  return choice;
}

}  // namespace tvcore
