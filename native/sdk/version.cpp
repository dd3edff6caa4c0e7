#include <cstdio>
#include <cstring>

#include "last_error.hpp"

extern "C" int32_t tvb_version(tvb_version_info* out) {
  if (out == nullptr || out->struct_size != sizeof(tvb_version_info)) {
    return tvsdk::fail(TVB_E_INVALID, "tvb_version: struct_size is not that of tvb_version_info");
  }
  tvb_version_info info{};
  info.struct_size = out->struct_size;
  info.major = TVB_VERSION_MAJOR;
  info.minor = TVB_VERSION_MINOR;
  info.patch = TVB_VERSION_PATCH;
  std::snprintf(info.kernel, sizeof info.kernel, "scalar");
  std::snprintf(info.kernels, sizeof info.kernels, "scalar");
  std::snprintf(info.form, sizeof info.form, "serve");
  std::memcpy(out, &info, sizeof info);
  return TVB_OK;
}
