// Where Python comes from. A host that runs Python already shares its own, of the same version; any other gets the one
// that lies beside this library. Extension modules look for Python's symbols in the global scope (they are not linked to
// libpython since 3.8: python/cpython#80934), so a libpython that was loaded RTLD_LOCAL is opened once more as global.
#include "python.hpp"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <mutex>

namespace tvsdk {

namespace {

using tvcore::Code;
using tvcore::Status;

constexpr char kVersion[] = TVB_PYTHON_VERSION;  // "3.11"
constexpr char kLibrary[] = TVB_PYTHON_LIBRARY;  // "libpython3.11.so.1.0"

Status broken(const std::string& what) {
  const char* why = dlerror();
  return Status(Code::kNoLearner,
                what + (why == nullptr ? std::string() : ": " + std::string(why)));
}

// The folder `tvbrain` beside this library, wherever it was installed or moved to; through a symbolic link if need be.
Status find_home(std::string* home) {
  Dl_info here{};
  if (dladdr(reinterpret_cast<void*>(&find_home), &here) == 0 || here.dli_fname == nullptr) {
    return broken("the library does not know where it lies");
  }
  char real[PATH_MAX];
  const char* resolved = realpath(here.dli_fname, real);
  std::string tried;
  for (const char* path : {here.dli_fname, resolved}) {
    if (path == nullptr) continue;
    const char* slash = std::strrchr(path, '/');
    *home = (slash == nullptr ? std::string(".") : std::string(path, slash)) + "/tvbrain";
    if (access((*home + "/learner.so").c_str(), R_OK) == 0) return Status();
    tried += (tried.empty() ? "" : " and ") + *home;
  }
  return Status(Code::kNoLearner, "the learning plane is not installed: no learner.so in " + tried);
}

Status check_version(void* scope) {
  using GetVersion = const char* (*)();
  void* found = dlsym(scope, "Py_GetVersion");
  if (found == nullptr) return broken("this libpython has no Py_GetVersion");
  const char* version = reinterpret_cast<GetVersion>(found)();
  const size_t length = sizeof kVersion - 1;
  if (std::strncmp(version, kVersion, length) == 0 && version[length] == '.') return Status();
  return Status(Code::kNoLearner,
                "the host runs Python " + std::string(version, std::strcspn(version, " ")) +
                    ", the learning plane needs " + kVersion + ": let `tvbrain run` learn instead");
}

int look_for_python(struct dl_phdr_info* info, size_t, void* found) {
  const char* slash = std::strrchr(info->dlpi_name, '/');
  const char* name = slash == nullptr ? info->dlpi_name : slash + 1;
  if (std::strncmp(name, "libpython3.", 11) != 0) return 0;
  *static_cast<std::string*>(found) = info->dlpi_name;
  return 1;
}

Status make_python_global(const std::string& home) {
  if (dlsym(RTLD_DEFAULT, "Py_GetVersion") != nullptr) return check_version(RTLD_DEFAULT);
  std::string loaded;
  dl_iterate_phdr(look_for_python, &loaded);
  const std::string path = loaded.empty() ? home + "/" + kLibrary : loaded;
  // Local first: another version's symbols must not become everybody's.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return broken("Python cannot be loaded");
  const Status status = check_version(library);
  if (!status.ok()) return status;
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr)
    return broken("Python cannot be loaded");
  return Status();
}

template <typename Function>
Status resolve(void* library, const char* name, Function* out) {
  *out = reinterpret_cast<Function>(dlsym(library, name));
  return *out == nullptr ? broken("learner.so is of another build") : Status();
}

Status start_python(Entries* entries) {
  std::string home;
  Status status = find_home(&home);
  if (status.ok()) status = make_python_global(home);
  if (!status.ok()) return status;
  void* learner = dlopen((home + "/learner.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (learner == nullptr) return broken("the learning plane cannot be loaded");
  decltype(&tvl_boot) boot = nullptr;
  status = resolve(learner, "tvl_boot", &boot);
  if (status.ok()) status = resolve(learner, "tvl_start", &entries->start);
  if (status.ok()) status = resolve(learner, "tvl_step", &entries->step);
  if (status.ok()) status = resolve(learner, "tvl_stop", &entries->stop);
  if (!status.ok()) return status;
  char error[1024];
  if (boot(home.c_str(), error, sizeof error) == TVL_OK) return Status();
  return Status(Code::kNoLearner, error);
}

}  // namespace

Status python_entries(Entries* out) {
  static std::mutex mutex;
  static Entries entries;
  static bool started = false;
  // Before the lock: in a child, another thread of the parent may have held it.
  static std::atomic<pid_t> touched_in{0};
  pid_t none = 0;
  const pid_t here = getpid();
  if (!touched_in.compare_exchange_strong(none, here) && none != here) {
    return Status(Code::kForked, "Python was started in process " + std::to_string(none) +
                                     ", before fork(): this child serves and does not learn");
  }
  const std::lock_guard<std::mutex> hold(mutex);
  if (!started) {
    const Status status = start_python(&entries);
    if (!status.ok()) return status;
    started = true;
  }
  *out = entries;
  return Status();
}

}  // namespace tvsdk
