#include <cstring>
#include <string>

#include "form.hpp"
#include "structs.hpp"
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
  return tvsdk::guarded([out] {
    tvb_version_info info{};
    info.major = TVB_VERSION_MAJOR;
    info.minor = TVB_VERSION_MINOR;
    info.patch = TVB_VERSION_PATCH;
    info.pack_major = info.snapshot_major = info.profiles_major = tvcore::kContainerMajor;
    info.journal_major = 1;
    put(info.kernel, tvcore::active_kernel().name);
    put(info.kernels, kernel_names());
    put(info.form, tvsdk::kForm);
    return tvsdk::result(tvsdk::give_struct(info, "version", out));
  });
}
