// Structs at the boundary: copied in and out by their struct_size, text checked on the way in and cut on the way out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "last_error.hpp"
#include "tvbrain.h"
#include "tvcore/status.hpp"

namespace tvsdk {

using tvcore::Code;
using tvcore::Status;

// Read the caller's struct, of this or of a later header, into *out. The first release's size is the least.
template <typename T>
Status take_struct(const T* given, const char* name, T* out) {
  if (given == nullptr) return Status(Code::kInvalid, std::string(name) + ": NULL");
  uint32_t size = 0;
  std::memcpy(&size, given, sizeof size);
  if (size < sizeof(T)) {
    return Status(Code::kInvalid, std::string(name) + ".struct_size: " + std::to_string(size) +
                                      " is below " + std::to_string(sizeof(T)) +
                                      "; use the INIT macro");
  }
  std::memcpy(out, given, sizeof(T));
  return Status();
}

// Write `value` over the caller's struct, keeping its struct_size and any field that is newer than this library.
template <typename T>
Status give_struct(T value, const char* name, T* out) {
  if (out == nullptr) return Status(Code::kInvalid, std::string(name) + ": NULL");
  uint32_t size = 0;
  std::memcpy(&size, out, sizeof size);
  if (size < sizeof(T)) {
    return Status(Code::kInvalid, std::string(name) + ".struct_size: " + std::to_string(size) +
                                      " is below " + std::to_string(sizeof(T)));
  }
  value.struct_size = size;
  std::memcpy(out, &value, sizeof(T));
  return Status();
}

bool is_utf8(std::string_view text);

// The text of a fixed field: kInvalid naming it if it does not end inside or is no UTF-8.
Status take_text(const char* field, size_t capacity, const char* name, std::string* out);
template <size_t N>
Status take_text(const char (&field)[N], const char* name, std::string* out) {
  return take_text(field, N, name, out);
}

// An id given as a plain pointer: not NULL, not empty, at most 63 bytes.
Status take_id(const char* text, const char* name, std::string* out);

void give_text(char* field, size_t capacity, std::string_view text);
template <size_t N>
void give_text(char (&field)[N], std::string_view text) {
  give_text(field, N, text);
}

}  // namespace tvsdk
