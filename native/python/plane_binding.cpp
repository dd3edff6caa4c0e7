// What the learning plane needs of the operating system: its lock, and to be woken when the journal grows.
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/inotify.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "last_error.hpp"
#include "tvcore/file.hpp"
#include "tvn.h"

struct tvn_lock {
  tvcore::Lock lock;
};

extern "C" int32_t tvn_lock_take(const char* path, tvn_lock** out) {
  *out = nullptr;
  return tvsdk::guarded([&] {
    auto taken = std::make_unique<tvn_lock>();
    const tvcore::Status status = tvcore::Lock::take(path, &taken->lock);
    if (status.ok()) *out = taken.release();
    return tvsdk::result(status);
  });
}

extern "C" void tvn_lock_free(tvn_lock* lock) {
  lock->lock.release();
  delete lock;
}

extern "C" int32_t tvn_lock_held(const char* path, int32_t* pid) {
  return tvsdk::guarded([&] {
    int holder = 0;
    const bool held = tvcore::Lock::held(path, &holder);
    *pid = held ? holder : 0;
    return held ? int32_t{1} : int32_t{0};
  });
}

extern "C" int32_t tvn_watch_open(const char* folder, int32_t* descriptor) {
  return tvsdk::guarded([&] {
    tvcore::File watch(tvcore::above_standard(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)));
    if (!watch.is_open()) return tvsdk::result(tvcore::errno_status("watch", folder));
    if (inotify_add_watch(watch.fd(), folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) <
        0) {
      return tvsdk::result(tvcore::errno_status("watch", folder));
    }
    *descriptor = watch.release();
    return int32_t{TVB_OK};
  });
}

extern "C" void tvn_give_back(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
