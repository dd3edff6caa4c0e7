// splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): a 64-bit mixing function.
#pragma once

#include <cstdint>

namespace tvcore {

inline uint64_t splitmix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace tvcore
