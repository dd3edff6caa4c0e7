// The normal form of a title (docs/formats.md): what search compares.
#pragma once

#include <string>
#include <string_view>

namespace tvcore {

std::string normal_form(std::string_view text);
bool is_utf8(std::string_view text);  // well-formed: no surrogates, nothing overlong

}  // namespace tvcore
