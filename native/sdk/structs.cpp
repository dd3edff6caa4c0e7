#include "structs.hpp"

namespace tvsdk {

bool is_utf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    size_t length = 0;
    uint32_t code = 0;
    if (lead < 0x80) {
      length = 1;
      code = lead;
    } else if (lead >= 0xc2 && lead < 0xe0) {
      length = 2;
      code = lead & 0x1fu;
    } else if (lead >= 0xe0 && lead < 0xf0) {
      length = 3;
      code = lead & 0x0fu;
    } else if (lead >= 0xf0 && lead < 0xf5) {
      length = 4;
      code = lead & 0x07u;
    } else {
      return false;
    }
    if (i + length > text.size()) return false;
    for (size_t j = 1; j < length; ++j) {
      const auto next = static_cast<unsigned char>(text[i + j]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    i += length;
  }
  return true;
}

Status view_text(const char* field, size_t capacity, const char* name, std::string_view* out) {
  const size_t length = strnlen(field, capacity);
  if (length == capacity)
    return Status(Code::kInvalid, std::string(name) + ": no NUL within the field");
  *out = std::string_view(field, length);
  if (!is_utf8(*out)) return Status(Code::kInvalid, std::string(name) + ": not UTF-8");
  return Status();
}

Status take_text(const char* field, size_t capacity, const char* name, std::string* out) {
  std::string_view text;
  const Status status = view_text(field, capacity, name, &text);
  if (status.ok()) out->assign(text);
  return status;
}

Status take_id(const char* text, const char* name, std::string* out) {
  if (text == nullptr) return Status(Code::kInvalid, std::string(name) + ": NULL");
  const Status status = take_text(text, TVB_ID_SIZE, name, out);
  if (status.ok() && out->empty()) return Status(Code::kInvalid, std::string(name) + ": empty");
  return status;
}

void give_text(char* field, size_t capacity, std::string_view text) {
  size_t length = std::min(text.size(), capacity - 1);
  if (length < text.size()) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) --length;
  }
  if (length != 0) std::memcpy(field, text.data(), length);  // an empty text may have no address
  std::memset(field + length, 0, capacity - length);
}

}  // namespace tvsdk
