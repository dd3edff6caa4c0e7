#include "tvcore/status.hpp"

namespace tvcore {

const char* code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "TVB_OK";
    case Code::kPending:
      return "TVB_PENDING";
    case Code::kInvalid:
      return "TVB_E_INVALID";
    case Code::kBusy:
      return "TVB_E_BUSY";
    case Code::kNoFile:
      return "TVB_E_NO_FILE";
    case Code::kPermission:
      return "TVB_E_PERMISSION";
    case Code::kNoSpace:
      return "TVB_E_NO_SPACE";
    case Code::kIo:
      return "TVB_E_IO";
    case Code::kNoLocks:
      return "TVB_E_NO_LOCKS";
    case Code::kCorrupt:
      return "TVB_E_CORRUPT";
    case Code::kVersion:
      return "TVB_E_VERSION";
    case Code::kNoMemory:
      return "TVB_E_NO_MEMORY";
    case Code::kReadOnly:
      return "TVB_E_READ_ONLY";
    case Code::kNoProfile:
      return "TVB_E_NO_PROFILE";
    case Code::kNoItem:
      return "TVB_E_NO_ITEM";
    case Code::kLimit:
      return "TVB_E_LIMIT";
    case Code::kExists:
      return "TVB_E_EXISTS";
    case Code::kPack:
      return "TVB_E_PACK";
    case Code::kForked:
      return "TVB_E_FORKED";
    case Code::kBuffer:
      return "TVB_E_BUFFER";
    case Code::kNoLearner:
      return "TVB_E_NO_LEARNER";
  }
  return "TVB_E_UNKNOWN";
}

}  // namespace tvcore
