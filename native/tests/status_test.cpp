#include "tvcore/status.hpp"

#include "check.hpp"

using tvcore::Code;
using tvcore::Status;

TEST("a default status is success without a text") {
  const Status status;
  CHECK(status.ok());
  CHECK_EQ(status.text(), "");
}

TEST("a failure keeps its cause and its text") {
  const Status status(Code::kBusy, "serving.lock is held by pid 7");
  CHECK(!status.ok());
  CHECK_EQ(status.code(), Code::kBusy);
  CHECK_EQ(status.text(), "serving.lock is held by pid 7");
}

TEST("pending is a success") { CHECK(Status(Code::kPending, "").ok()); }
