#include "fork_mark.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace tvcore {

namespace {

// Of linux/mman.h since 4.14; an older C library does not have it.
constexpr int kWipeOnFork = 18;

size_t page_size() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

ForkMark::ForkMark() : owner_(getpid()) {
  void* page =
      mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  if (madvise(page, page_size(), kWipeOnFork) != 0) {
    munmap(page, page_size());
    return;
  }
  page_ = static_cast<uint8_t*>(page);
  *page_ = 1;
}

ForkMark::~ForkMark() {
  if (page_ != nullptr) munmap(const_cast<uint8_t*>(page_), page_size());
}

bool ForkMark::in_child() const { return page_ != nullptr ? *page_ == 0 : getpid() != owner_; }

}  // namespace tvcore
