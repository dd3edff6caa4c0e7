// The kernels that this build holds, and nothing else: files here are compiled for one instruction
// set and must not define an inline function that another file could end up using, nor run anything
// outside a kernel. Which of them the machine can run is asked in dot.cpp, in code that runs
// everywhere.
#pragma once

#include "tvcore/dot.hpp"

namespace tvcore::kernels {

extern const Kernel kScalar;
extern const Kernel kAvx2;
extern const Kernel kAvx512Vnni;
extern const Kernel kNeon;
extern const Kernel kNeonDot;

namespace {

// Row i of a block, for kernels to take by template: rows one after the other, picked ones, or any of a table.
struct EveryRow {
  static constexpr bool kInOrder = true;
  const std::int8_t* rows;
  std::size_t stride;
  const std::int8_t* operator[](std::size_t i) const { return rows + i * stride; }
};

struct PickedRow {
  static constexpr bool kInOrder = false;
  const std::int8_t* rows;
  std::size_t stride;
  const std::uint8_t* pick;
  const std::int8_t* operator[](std::size_t i) const { return rows + pick[i] * stride; }
};

struct RowAnywhere {
  static constexpr bool kInOrder = false;
  const std::int8_t* rows;
  std::size_t stride;
  const std::uint32_t* at;
  const std::int8_t* operator[](std::size_t i) const { return rows + at[i] * stride; }
};

}  // namespace
}  // namespace tvcore::kernels
