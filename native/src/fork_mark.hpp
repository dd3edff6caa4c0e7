// Whether this is still the process that made the mark, or a child forked from it: asked at the beginning of every call,
// so without a system call where the kernel can empty a page for children (Linux 4.14 on).
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tvcore {

class ForkMark {
 public:
  ForkMark();
  ~ForkMark();
  ForkMark(const ForkMark&) = delete;
  ForkMark& operator=(const ForkMark&) = delete;
  bool in_child() const;
  pid_t owner() const { return owner_; }

 private:
  pid_t owner_;
  volatile uint8_t* page_ =
      nullptr;  // 1 in the process that made it, 0 in its children; null: ask for the pid
};

}  // namespace tvcore
