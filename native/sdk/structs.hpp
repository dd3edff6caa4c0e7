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

// The size of T in the first release. A struct that grows gets a specialisation here with the size it began with, and
// hosts built before it go on working.
template <typename T>
constexpr uint32_t kFirstSize = sizeof(T);
template <>
constexpr uint32_t kFirstSize<tvb_context> = 80;
template <>
constexpr uint32_t kFirstSize<tvb_health_info> = 384;
// No header will ever have a larger one: beyond it the field was not set.
constexpr uint32_t kLargestStruct = 64u << 10;

template <typename T>
Status check_struct(const void* given, const char* name, uint32_t* size) {
  if (given == nullptr) return Status(Code::kInvalid, std::string(name) + ": NULL");
  std::memcpy(size, given, sizeof *size);
  if (*size >= kFirstSize<T> && *size <= kLargestStruct) return Status();
  return Status(Code::kInvalid, std::string(name) + ".struct_size: " + std::to_string(*size) +
                                    " is not " + std::to_string(kFirstSize<T>) + " to " +
                                    std::to_string(kLargestStruct) + "; use the INIT macro");
}

// Read the caller's struct, of an earlier, this or a later header, into *out; what it lacks is zero.
template <typename T>
Status take_struct(const T* given, const char* name, T* out) {
  uint32_t size = 0;
  const Status status = check_struct<T>(given, name, &size);
  if (!status.ok()) return status;
  std::memset(static_cast<void*>(out), 0, sizeof(T));
  std::memcpy(static_cast<void*>(out), given, std::min<size_t>(size, sizeof(T)));
  return Status();
}

// Write `value` over the caller's struct, as far as its struct_size says; fields newer than this library stay as they are.
template <typename T>
Status give_struct(T value, const char* name, T* out) {
  uint32_t size = 0;
  const Status status = check_struct<T>(out, name, &size);
  if (!status.ok()) return status;
  value.struct_size = size;
  std::memcpy(static_cast<void*>(out), &value, std::min<size_t>(size, sizeof(T)));
  return Status();
}

bool is_utf8(std::string_view text);

// The text of a fixed field: kInvalid naming it if it does not end inside or is no UTF-8.
Status take_text(const char* field, size_t capacity, const char* name, std::string* out);
template <size_t N>
Status take_text(const char (&field)[N], const char* name, std::string* out) {
  return take_text(field, N, name, out);
}

// The same without a copy: *out lies in the field.
Status view_text(const char* field, size_t capacity, const char* name, std::string_view* out);
template <size_t N>
Status view_text(const char (&field)[N], const char* name, std::string_view* out) {
  return view_text(field, N, name, out);
}

// An id given as a plain pointer: not NULL, not empty, at most 63 bytes.
Status take_id(const char* text, const char* name, std::string* out);

void give_text(char* field, size_t capacity, std::string_view text);
template <size_t N>
void give_text(char (&field)[N], std::string_view text) {
  give_text(field, N, text);
}

}  // namespace tvsdk
