// Which packs are in use: the factory pack given at open, or a newer base installed under packs/, with the side packs
// that belong to it (docs/formats.md, "The packs folder").
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tvcore/stack.hpp"
#include "tvcore/status.hpp"

namespace tvcore {

struct PackChoice {
  std::shared_ptr<const Stack> stack;
  std::vector<std::string> paths;  // of the packs in the stack, base first
  std::string detail;              // packs that could not be used, and why; empty if none
};

// Falls back base.tvpack -> base.tvpack.1 -> factory; only a factory pack that is needed and unusable fails. An installed
// base older than the factory pack (by built_at) is not used.
Status choose_packs(const std::string& factory, const std::string& folder, PackChoice* out);
// Names, sizes and times of the folder's packs: equal strings mean nothing has changed.
std::string packs_fingerprint(const std::string& folder);

}  // namespace tvcore
