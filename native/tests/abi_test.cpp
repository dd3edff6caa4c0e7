// The ABI's promises that a compiler can check: the codes of the core are those of the header.
#include <cstdint>
#include <string>

#include "check.hpp"
#include "tvbrain.h"
#include "tvcore/status.hpp"

namespace {

struct Pair {
  tvcore::Code core;
  int32_t header;
  const char* name;
};

#define PAIR(core, name) {tvcore::Code::core, name, #name}
const Pair kCodes[] = {
    PAIR(kOk, TVB_OK),
    PAIR(kPending, TVB_PENDING),
    PAIR(kInvalid, TVB_E_INVALID),
    PAIR(kBusy, TVB_E_BUSY),
    PAIR(kNoFile, TVB_E_NO_FILE),
    PAIR(kPermission, TVB_E_PERMISSION),
    PAIR(kNoSpace, TVB_E_NO_SPACE),
    PAIR(kIo, TVB_E_IO),
    PAIR(kNoLocks, TVB_E_NO_LOCKS),
    PAIR(kCorrupt, TVB_E_CORRUPT),
    PAIR(kVersion, TVB_E_VERSION),
    PAIR(kNoMemory, TVB_E_NO_MEMORY),
    PAIR(kReadOnly, TVB_E_READ_ONLY),
    PAIR(kNoProfile, TVB_E_NO_PROFILE),
    PAIR(kNoItem, TVB_E_NO_ITEM),
    PAIR(kLimit, TVB_E_LIMIT),
    PAIR(kExists, TVB_E_EXISTS),
    PAIR(kPack, TVB_E_PACK),
    PAIR(kForked, TVB_E_FORKED),
    PAIR(kBuffer, TVB_E_BUFFER),
    PAIR(kNoLearner, TVB_E_NO_LEARNER),
};
#undef PAIR

}  // namespace

TEST("every code of the core is the header's, by number and by name") {
  for (const Pair& code : kCodes) {
    CHECK_EQ(static_cast<int32_t>(code.core), code.header);
    CHECK_EQ(std::string(tvb_status_name(code.header)), std::string(code.name));
  }
}

TEST("a number that is no code has a name that says so") {
  CHECK_EQ(std::string(tvb_status_name(-9999)), "TVB_E_UNKNOWN");
}

TEST("the version call fills its struct and refuses a size it does not know") {
  tvb_version_info info{};
  info.struct_size = sizeof info;
  CHECK_EQ(tvb_version(&info), TVB_OK);
  CHECK_EQ(info.major, TVB_VERSION_MAJOR);
  CHECK_EQ(info.minor, TVB_VERSION_MINOR);
  CHECK_EQ(info.patch, TVB_VERSION_PATCH);
  CHECK_EQ(std::string(info.form), "serve");
  CHECK(std::string(info.kernels).find(info.kernel) != std::string::npos);

  info.struct_size = 4;
  CHECK_EQ(tvb_version(&info), TVB_E_INVALID);
  CHECK(std::string(tvb_last_error()).find("struct_size") != std::string::npos);
}
