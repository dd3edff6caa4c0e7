// Text of the core in a caller's buffer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

namespace tvpy {

// As much as fits with a NUL, cut at a character's boundary. `capacity` 0 writes nothing.
inline void put_text(const std::string& text, char* out, size_t capacity) {
  if (capacity == 0) return;
  size_t size = std::min(text.size(), capacity - 1);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
    --size;
  std::memcpy(out, text.data(), size);
  out[size] = '\0';
}

}  // namespace tvpy
