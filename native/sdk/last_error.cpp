#include "last_error.hpp"

#include <cstddef>
#include <cstring>

namespace tvsdk {

namespace {

constexpr size_t kCapacity = 512;
thread_local char last_error[kCapacity] = "";

// The largest length not above `limit` that does not split a UTF-8 character of `text`.
size_t whole_characters(const char* text, size_t limit) {
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return limit;
}

}  // namespace

int32_t fail(int32_t code, const char* text) noexcept {
  size_t length = strnlen(text, kCapacity);
  if (length == kCapacity) length = whole_characters(text, kCapacity - 1);
  std::memmove(last_error, text, length);
  last_error[length] = '\0';
  return code;
}

int32_t result(const tvcore::Status& status) noexcept {
  const int32_t code = static_cast<int32_t>(status.code());
  return status.ok() ? code : fail(code, status.text().c_str());
}

}  // namespace tvsdk

extern "C" const char* tvb_last_error(void) { return tvsdk::last_error; }

extern "C" const char* tvb_status_name(int32_t status) {
  return tvcore::code_name(static_cast<tvcore::Code>(status));
}
