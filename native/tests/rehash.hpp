// Checksums put right after a test has changed what they cover, so that the checks behind them are reached.
#pragma once

#include <cstring>
#include <vector>

#include "check.hpp"
#include "tvcore/hash.hpp"

namespace check {

template <typename T>
T get_at(const std::vector<uint8_t>& bytes, size_t at) {
  T value{};
  if (at + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <typename T>
void put_at(std::vector<uint8_t>* bytes, size_t at, T value) {
  if (at + sizeof value <= bytes->size()) std::memcpy(bytes->data() + at, &value, sizeof value);
}

// Of a pack, a snapshot, a checkpoint or profiles: every section's hash, the table's, the header's.
inline void rehash_container(std::vector<uint8_t>* bytes) {
  if (bytes->size() < 64) return;
  const size_t sections = std::min<size_t>(get_at<uint32_t>(*bytes, 24), 256);
  for (size_t i = 0; i < sections; ++i) {
    const size_t entry = 64 + i * 40;
    const uint64_t offset = get_at<uint64_t>(*bytes, entry + 8);
    const uint64_t size = get_at<uint64_t>(*bytes, entry + 16);
    if (offset > bytes->size() || size > bytes->size() - offset) continue;
    put_at(bytes, entry + 32, tvcore::xxh64(bytes->data() + offset, static_cast<size_t>(size)));
  }
  const size_t table = std::min(bytes->size() - 64, sections * 40);
  put_at(bytes, 40, tvcore::xxh64(bytes->data() + 64, table));
  put_at(bytes, 56, tvcore::xxh64(bytes->data(), 56));
}

// Of a journal segment: the header's checksum and that of every record that its size still leads to.
inline void rehash_segment(std::vector<uint8_t>* bytes) {
  if (bytes->size() < 64) return;
  put_at(bytes, 60, tvcore::crc32c(bytes->data(), 60));
  const auto id = get_at<uint64_t>(*bytes, 16);
  for (size_t at = 64; at + 16 <= bytes->size();) {
    const size_t size = 16 + size_t{get_at<uint16_t>(*bytes, at + 4)};
    if (get_at<uint8_t>(*bytes, at + 6) == 0 || size > bytes->size() - at) break;
    put_at(bytes, at,
           tvcore::crc32c(bytes->data() + at + 4, size - 4, tvcore::crc32c(&id, sizeof id)));
    at += (size + 7) / 8 * 8;
  }
}

// A few values of 1 to 8 bytes somewhere in [from, bytes->size()), random or the ones that bounds are made of.
inline void mutate(Random& random, std::vector<uint8_t>* bytes, size_t from, size_t to) {
  static const uint64_t kEdges[] = {0,
                                    1,
                                    2,
                                    0x7f,
                                    0x80,
                                    0xff,
                                    0x7fff,
                                    0x8000,
                                    0xffff,
                                    0x7fffffff,
                                    0x80000000,
                                    0xfffffffe,
                                    0xffffffff,
                                    0x7fffffffffffffff,
                                    0x8000000000000000,
                                    0xffffffffffffffff};
  if (to > bytes->size()) to = bytes->size();
  if (from >= to) return;
  for (uint64_t left = 1 + random.below(6); left > 0; --left) {
    const size_t width = size_t{1} << random.below(4);
    const size_t at = (from + random.below(to - from)) / (random.chance(0.8) ? width : 1) *
                      (random.chance(0.8) ? width : 1);
    if (at < from || at + width > to) continue;
    uint64_t value = random.next();
    if (random.chance(0.5)) value = kEdges[random.below(sizeof kEdges / sizeof kEdges[0])];
    if (random.chance(0.2)) value = (*bytes)[at] + random.below(3) - 1;
    std::memcpy(bytes->data() + at, &value, width);
  }
}

}  // namespace check
