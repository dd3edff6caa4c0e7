#include "tvcore/hash.hpp"

#include <array>
#include <cstring>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are little-endian and mapped");

namespace tvcore {

namespace {

// XXH64 after its published specification (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87ull;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Full;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9ull;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63ull;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5ull;

uint64_t load64(const uint8_t* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint32_t load32(const uint8_t* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint64_t rotate(uint64_t value, int by) { return (value << by) | (value >> (64 - by)); }

uint64_t round(uint64_t lane, uint64_t input) {
  return rotate(lane + input * kPrime2, 31) * kPrime1;
}

uint64_t merge(uint64_t hash, uint64_t lane) { return (hash ^ round(0, lane)) * kPrime1 + kPrime4; }

constexpr size_t kStripe = 32;

class Lanes {
 public:
  explicit Lanes(uint64_t seed)
      : a_(seed + kPrime1 + kPrime2), b_(seed + kPrime2), c_(seed), d_(seed - kPrime1) {}

  // Take in so many stripes; where they end.
  const uint8_t* add(const uint8_t* at, size_t stripes) {
    uint64_t a = a_, b = b_, c = c_, d = d_;
    for (; stripes > 0; --stripes, at += kStripe) {
      a = round(a, load64(at));
      b = round(b, load64(at + 8));
      c = round(c, load64(at + 16));
      d = round(d, load64(at + 24));
    }
    a_ = a, b_ = b, c_ = c, d_ = d;
    return at;
  }

  uint64_t merged() const {
    const uint64_t hash = rotate(a_, 1) + rotate(b_, 7) + rotate(c_, 12) + rotate(d_, 18);
    return merge(merge(merge(merge(hash, a_), b_), c_), d_);
  }

 private:
  uint64_t a_, b_, c_, d_;
};

// Of `size` bytes those at `at` are no whole stripe.
uint64_t finish(uint64_t hash, const uint8_t* at, size_t size) {
  size_t left = size % kStripe;
  hash += size;
  for (; left >= 8; left -= 8, at += 8) {
    hash = rotate(hash ^ round(0, load64(at)), 27) * kPrime1 + kPrime4;
  }
  if (left >= 4) {
    hash = rotate(hash ^ (load32(at) * kPrime1), 23) * kPrime2 + kPrime3;
    left -= 4;
    at += 4;
  }
  for (; left > 0; --left, ++at) hash = rotate(hash ^ (*at * kPrime5), 11) * kPrime1;
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

// Slicing by 8 (Kounavis and Berry 2005): table k advances a byte over k further zero bytes.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

uint64_t xxh64(const void* data, size_t size, uint64_t seed) {
  Lanes lanes(seed);
  const auto* at = static_cast<const uint8_t*>(data);
  const uint8_t* const rest = lanes.add(at, size / kStripe);
  return finish(size < kStripe ? seed + kPrime5 : lanes.merged(), rest, size);
}

uint64_t xxh64_in_pieces(const void* data, size_t size, size_t piece,
                         const std::function<void()>& between) {
  Lanes lanes(0);
  const auto* at = static_cast<const uint8_t*>(data);
  const uint8_t* const end = at + size;
  while (static_cast<size_t>(end - at) >= piece) {
    at = lanes.add(at, piece / kStripe);
    between();
  }
  at = lanes.add(at, static_cast<size_t>(end - at) / kStripe);
  return finish(size < kStripe ? kPrime5 : lanes.merged(), at, size);
}

uint32_t crc32c_by_table(const void* data, size_t size, uint32_t crc) {
  const uint8_t* at = static_cast<const uint8_t*>(data);
  crc = ~crc;
  for (; size >= 8; size -= 8, at += 8) {
    const uint32_t low = load32(at) ^ crc, high = load32(at + 4);
    crc = kTables[7][low & 0xff] ^ kTables[6][(low >> 8) & 0xff] ^ kTables[5][(low >> 16) & 0xff] ^
          kTables[4][low >> 24] ^ kTables[3][high & 0xff] ^ kTables[2][(high >> 8) & 0xff] ^
          kTables[1][(high >> 16) & 0xff] ^ kTables[0][high >> 24];
  }
  for (; size > 0; --size, ++at) crc = (crc >> 8) ^ kTables[0][(crc ^ *at) & 0xff];
  return ~crc;
}

#if defined(__x86_64__)

namespace {

// No inline function may be called in it: a copy compiled with these instructions could be the one that the linker keeps.
__attribute__((target("sse4.2"))) uint32_t crc32c_sse42(const void* data, size_t size,
                                                        uint32_t crc) {
  const uint8_t* at = static_cast<const uint8_t*>(data);
  uint64_t state = ~crc;
  for (; size >= 8; size -= 8, at += 8) {
    uint64_t eight;
    __builtin_memcpy(&eight, at, sizeof eight);
    state = __builtin_ia32_crc32di(state, eight);
  }
  uint32_t rest = static_cast<uint32_t>(state);
  for (; size > 0; --size, ++at) rest = __builtin_ia32_crc32qi(rest, *at);
  return ~rest;
}

}  // namespace

// The processor's instruction, where it has it, also spares an event the tables' 8 KiB, which lie in no cache by then.
uint32_t crc32c(const void* data, size_t size, uint32_t crc) {
  static const auto chosen =
      __builtin_cpu_supports("sse4.2") != 0 ? &crc32c_sse42 : &crc32c_by_table;
  return chosen(data, size, crc);
}

#else

uint32_t crc32c(const void* data, size_t size, uint32_t crc) {
  return crc32c_by_table(data, size, crc);
}

#endif

}  // namespace tvcore
