// Status: how a function of the core that can fail answers. A code that names the cause, and a
// short text for a person.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace tvcore {

// The status codes of the ABI, number for number (native/tests/abi_test.cpp asserts it;
// sdk_headers/tvbrain.h says what each means).
enum class Code : int32_t {
  kOk = 0,
  kPending = 1,
  kInvalid = -1,
  kBusy = -2,
  kNoFile = -3,
  kPermission = -4,
  kNoSpace = -5,
  kIo = -6,
  kNoLocks = -7,
  kCorrupt = -8,
  kVersion = -9,
  kNoMemory = -10,
  kReadOnly = -11,
  kNoProfile = -12,
  kNoItem = -13,
  kLimit = -14,
  kExists = -15,
  kPack = -16,
  kForked = -17,
  kBuffer = -18,
  kNoLearner = -19,
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string text) : code_(code), text_(std::move(text)) {}

  // False for failures alone: kPending is a success of which a part is still to come.
  bool ok() const { return static_cast<int32_t>(code_) >= 0; }
  Code code() const { return code_; }
  const std::string& text() const { return text_; }

 private:
  Code code_ = Code::kOk;
  std::string text_;
};

// The constant's name in the header, such as "TVB_E_BUSY"; "TVB_E_UNKNOWN" for any other number.
// Static storage.
const char* code_name(Code code);

}  // namespace tvcore
