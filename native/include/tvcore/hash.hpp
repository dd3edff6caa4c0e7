// The two checksums of docs/formats.md, and the key of an id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace tvcore {

using Key = uint64_t;  // XXH64 of an id; 0 means "none"

uint64_t xxh64(const void* data, size_t size, uint64_t seed = 0);
// The same, unseeded; `between` is called after each `piece` bytes (a multiple of 32), which are not read again.
uint64_t xxh64_in_pieces(const void* data, size_t size, size_t piece,
                         const std::function<void()>& between);
// CRC-32C of `data`, going on from `crc`, the value of what came before (0 at the start).
uint32_t crc32c(const void* data, size_t size, uint32_t crc = 0);
// The same without the processor's help.
uint32_t crc32c_by_table(const void* data, size_t size, uint32_t crc = 0);
inline Key key_of(std::string_view id) { return id.empty() ? 0 : xxh64(id.data(), id.size()); }

}  // namespace tvcore
