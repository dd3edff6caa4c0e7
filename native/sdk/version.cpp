#include <cstring>
#include <string>

#include "last_error.hpp"
#include "tvcore/container.hpp"
#include "tvcore/dot.hpp"

namespace {

// The field is zeroed; a text that does not fit is cut, which static buffers of ours never need.
template <size_t N>
void put(char (&field)[N], const std::string& text) {
  std::memcpy(field, text.data(), text.size() < N ? text.size() : N - 1);
}

std::string kernel_names() {
  std::string names;
  const tvcore::KernelList& kernels = tvcore::available_kernels();
  for (size_t i = 0; i < kernels.count; ++i) {
    if (i > 0) names += ',';
    names += kernels.items[i]->name;
  }
  return names;
}

}  // namespace

extern "C" int32_t tvb_version(tvb_version_info* out) {
  if (out == nullptr || out->struct_size != sizeof(tvb_version_info)) {
    return tvsdk::fail(TVB_E_INVALID, "tvb_version: struct_size is not that of tvb_version_info");
  }
  return tvsdk::guarded([out] {
    tvb_version_info info{};
    info.struct_size = out->struct_size;
    info.major = TVB_VERSION_MAJOR;
    info.minor = TVB_VERSION_MINOR;
    info.patch = TVB_VERSION_PATCH;
    info.pack_major = info.snapshot_major = info.profiles_major = tvcore::kContainerMajor;
    info.journal_major = 1;
    put(info.kernel, tvcore::active_kernel().name);
    put(info.kernels, kernel_names());
    put(info.form, "serve");
    *out = info;
    return TVB_OK;
  });
}
