// The normal form of a title (docs/formats.md): what search compares.
#pragma once

#include <string>
#include <string_view>

namespace tvcore {

std::string normal_form(std::string_view text);

}  // namespace tvcore
