#include "tvcore/signature.hpp"

#include <cstring>

namespace tvcore {
namespace {

uint32_t letter(char c) {
  const auto byte = static_cast<uint8_t>(c);
  if (byte >= 'a' && byte <= 'z') return byte - uint32_t{'a'};
  return 26 + byte % 6;
}

// Without the instruction, which not every chip has, and without the library's table.
uint32_t ones(uint32_t v) {
  v -= v >> 1 & 0x55555555u;
  v = (v & 0x33333333u) + (v >> 2 & 0x33333333u);
  v = (v + (v >> 4)) & 0x0f0f0f0fu;
  v += v >> 8;
  v += v >> 16;
  return v & 0x3fu;
}

}  // namespace

Signature signature_of(std::string_view text) {
  Signature out{0, 0};
  for (const char c : text) out.bytes |= uint32_t{1} << letter(c);
  for (size_t i = 1; i < text.size(); ++i) {
    const uint32_t pair = static_cast<uint8_t>(text[i - 1]) * 31u + static_cast<uint8_t>(text[i]);
    out.pairs |= uint32_t{1} << (pair * 2654435761u >> 27);
  }
  return out;
}

void SignatureTable::add(std::string_view text) {
  const Signature made = signature_of(text);
  bytes_.push_back(made.bytes);
  pairs_.push_back(made.pairs);
}

void SignatureTable::shrink_to_fit() {
  bytes_.shrink_to_fit();
  pairs_.shrink_to_fit();
}

uint64_t SignatureTable::alike(uint32_t first, uint32_t count, const Signature& wanted,
                               const SignatureBounds& bounds) const {
  int32_t spare[kBlockRows];  // in place and of a fixed length: vectorised
  if (count < kBlockRows) std::memset(spare, 0, sizeof spare);
  std::memcpy(spare, bytes_.data() + first, count * sizeof(uint32_t));
  const uint32_t sign = wanted.bytes, most = bounds.bytes;
  for (int32_t& one : spare) {
    one = static_cast<int32_t>(most - ones(static_cast<uint32_t>(one) ^ sign));
  }
  uint64_t alike = 0;
  for (uint64_t left = active_kernel().at_least(spare, count, 0); left != 0; left &= left - 1) {
    const auto i = static_cast<uint32_t>(__builtin_ctzll(left));
    const uint32_t byte_bits = bounds.bytes - static_cast<uint32_t>(spare[i]);
    if (byte_bits + ones(pairs_[first + i] ^ wanted.pairs) <= bounds.all) {
      alike |= uint64_t{1} << i;
    }
  }
  return alike;
}

}  // namespace tvcore
