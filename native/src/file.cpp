#include "tvcore/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace tvcore {

namespace {

using Fault = std::function<FileFault(const FileCall&)>;

std::atomic<const Fault*> current_fault{nullptr};

struct Counters {
  std::atomic<uint64_t> writes{0}, bytes_written{0}, syncs{0}, renames{0}, removes{0}, opens{0};
};
Counters counters;

void count(std::atomic<uint64_t>& counter, uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

const std::string kNowhere;

// 0, or the errno that a test wants the call to fail with.
FileFault ask(FileOp op, const std::string& path, int fd = -1, const std::string& to = kNowhere,
              const void* data = nullptr, uint64_t size = 0, uint64_t offset = 0) {
  const Fault* fault = current_fault.load(std::memory_order_acquire);
  if (fault == nullptr) return {};
  return (*fault)(FileCall{op, path, to, fd, data, size, offset});
}

// strerror_r in its two historical forms.
[[maybe_unused]] const char* message(const char* text, const char*) { return text; }
[[maybe_unused]] const char* message(int failed, const char* buffer) {
  return failed == 0 ? buffer : "unknown error";
}

Status failed(int error, const char* operation, const std::string& path) {
  errno = error;
  return errno_status(operation, path);
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

template <typename Call>
auto retried(Call&& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

// The pid written in a lock file, 0 if there is none.
int pid_in(int fd) {
  char text[16] = {};
  const ssize_t got = retried([&] { return pread(fd, text, sizeof text - 1, 0); });
  return got > 0 ? std::atoi(text) : 0;
}

struct flock whole_file(short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

Status errno_status(const char* operation, const std::string& path) {
  const int error = errno;
  Code code = Code::kIo;
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      code = Code::kNoFile;
      break;
    case ENAMETOOLONG:
    case ELOOP:
      code = Code::kInvalid;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = Code::kPermission;
      break;
    case ENOSPC:
    case EDQUOT:
      code = Code::kNoSpace;
      break;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      code = Code::kNoMemory;
      break;
    default:
      break;
  }
  char buffer[128] = {};
  const char* text = message(strerror_r(error, buffer, sizeof buffer), buffer);
  return Status(code, std::string(operation) + " " + path + ": " + text);
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

int File::release() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

int above_standard(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  const int higher = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error = errno;
  ::close(fd);
  errno = error;
  return higher;
}

Status open_file(const std::string& path, int flags, int mode, File* out) {
  count(counters.opens);
  if (const FileFault fault =
          ask(FileOp::kOpen, path, -1, kNowhere, nullptr, static_cast<uint64_t>(flags));
      fault.error != 0) {
    return failed(fault.error, "open", path);
  }
  const int fd =
      above_standard(retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
  if (fd < 0) return errno_status("open", path);
  *out = File(fd);
  return {};
}

Status pwrite_all(const File& file, const std::string& path, const void* data, size_t size,
                  uint64_t offset) {
  const FileFault fault = ask(FileOp::kWrite, path, file.fd(), kNowhere, data, size, offset);
  const uint8_t* at = static_cast<const uint8_t*>(data);
  size_t left =
      fault.error == 0 ? size : static_cast<size_t>(std::min<uint64_t>(fault.written, size));
  while (left > 0) {
    const ssize_t done =
        retried([&] { return ::pwrite(file.fd(), at, left, static_cast<off_t>(offset)); });
    if (done < 0) return errno_status("write", path);
    if (done == 0) return failed(EIO, "write", path);
    count(counters.writes);
    count(counters.bytes_written, static_cast<uint64_t>(done));
    at += done;
    left -= static_cast<size_t>(done);
    offset += static_cast<uint64_t>(done);
  }
  return fault.error == 0 ? Status() : failed(fault.error, "write", path);
}

Status read_all(const std::string& path, std::vector<uint8_t>* out, uint64_t limit) {
  File file;
  // A pipe in the file's place must not stop the caller for ever.
  if (Status status = open_file(path, O_RDONLY | O_NONBLOCK, 0, &file); !status.ok()) return status;
  struct stat info{};
  if (::fstat(file.fd(), &info) != 0) return errno_status("stat", path);
  if (static_cast<uint64_t>(info.st_size) > limit) {
    return Status(Code::kCorrupt, path + ": longer than " + std::to_string(limit) + " bytes");
  }
  std::vector<uint8_t> bytes(static_cast<size_t>(info.st_size));
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = retried([&] {
      return ::pread(file.fd(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    });
    if (got < 0) return errno_status("read", path);
    if (got == 0) break;  // it has become shorter meanwhile
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  *out = std::move(bytes);
  return {};
}

Status fdatasync_file(const File& file, const std::string& path) {
  count(counters.syncs);
  if (const FileFault fault = ask(FileOp::kSyncData, path, file.fd()); fault.error != 0) {
    return failed(fault.error, "fdatasync", path);
  }
  if (retried([&] { return ::fdatasync(file.fd()); }) != 0) return errno_status("fdatasync", path);
  return {};
}

Status fsync_file(const File& file, const std::string& path) {
  count(counters.syncs);
  if (const FileFault fault = ask(FileOp::kSync, path, file.fd()); fault.error != 0) {
    return failed(fault.error, "fsync", path);
  }
  if (retried([&] { return ::fsync(file.fd()); }) != 0) return errno_status("fsync", path);
  return {};
}

Status truncate_file(const File& file, const std::string& path, uint64_t size) {
  if (const FileFault fault = ask(FileOp::kTruncate, path, file.fd(), kNowhere, nullptr, size);
      fault.error != 0) {
    return failed(fault.error, "truncate", path);
  }
  if (retried([&] { return ::ftruncate(file.fd(), static_cast<off_t>(size)); }) != 0) {
    return errno_status("truncate", path);
  }
  return {};
}

Status fsync_folder(const std::string& folder) {
  File file;
  if (Status status = open_file(folder, O_RDONLY | O_DIRECTORY, 0, &file); !status.ok()) {
    return status;
  }
  return fsync_file(file, folder);
}

Status replace_file(const std::string& path, const void* data, size_t size,
                    const std::string& keep) {
  const std::string temporary = path + ".tmp";
  const auto write = [&]() -> Status {
    File file;
    Status status = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600, &file);
    if (status.ok()) status = pwrite_all(file, temporary, data, size, 0);
    if (status.ok()) status = fsync_file(file, temporary);
    if (status.ok() && !keep.empty()) {
      status = rename_file(path, keep);
      if (status.code() == Code::kNoFile) status = Status();
    }
    if (status.ok()) status = rename_file(temporary, path);
    return status;
  };
  if (Status status = write(); !status.ok()) {
    // Only tidying up: the first error is the one to tell, and the next write truncates the rest.
    ::unlink(temporary.c_str());
    return status;
  }
  return fsync_folder(folder_of(path));
}

Status make_folder(const std::string& path, int mode) {
  if (const FileFault fault = ask(FileOp::kMakeFolder, path); fault.error != 0) {
    return failed(fault.error, "mkdir", path);
  }
  if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) == 0) return {};
  if (errno != EEXIST) return errno_status("mkdir", path);
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return errno_status("stat", path);
  if (!S_ISDIR(info.st_mode)) return failed(ENOTDIR, "mkdir", path);
  return {};
}

Status list_folder(const std::string& path, std::vector<std::string>* names) {
  struct Close {
    void operator()(DIR* folder) const { ::closedir(folder); }
  };
  const std::unique_ptr<DIR, Close> folder(::opendir(path.c_str()));
  if (folder == nullptr) return errno_status("opendir", path);
  names->clear();
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names->push_back(name);
    errno = 0;
  }
  const int error = errno;
  if (error != 0) return failed(error, "readdir", path);
  std::sort(names->begin(), names->end());
  return {};
}

Status remove_file(const std::string& path) {
  count(counters.removes);
  if (const FileFault fault = ask(FileOp::kRemove, path); fault.error != 0) {
    return failed(fault.error, "unlink", path);
  }
  if (::unlink(path.c_str()) != 0) return errno_status("unlink", path);
  return {};
}

Status rename_file(const std::string& from, const std::string& to) {
  count(counters.renames);
  if (const FileFault fault = ask(FileOp::kRename, from, -1, to); fault.error != 0) {
    return failed(fault.error, "rename", from);
  }
  if (::rename(from.c_str(), to.c_str()) != 0) return errno_status("rename", from);
  return {};
}

Status sync_path(const std::string& path) {
  File file;
  if (Status status = open_file(path, O_RDONLY, 0, &file); !status.ok()) return status;
  return fdatasync_file(file, path);
}

Status Map::open(const std::string& path, std::shared_ptr<const Map>* out) {
  File file;
  // A pipe in the file's place must not stop the caller for ever.
  if (Status status = open_file(path, O_RDONLY | O_NONBLOCK, 0, &file); !status.ok()) return status;
  struct stat info{};
  if (::fstat(file.fd(), &info) != 0) return errno_status("stat", path);
  if (!S_ISREG(info.st_mode)) return Status(Code::kNoFile, "open " + path + ": not a file");
  std::shared_ptr<Map> map(new Map);
  if (info.st_size > 0) {
    if (static_cast<uint64_t>(info.st_size) > SIZE_MAX) return failed(ENOMEM, "map", path);
    const size_t size = static_cast<size_t>(info.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.fd(), 0);
    if (data == MAP_FAILED) return errno_status("map", path);
    map->data_ = static_cast<uint8_t*>(data);
    map->size_ = size;
    map->mapped_ = true;
  }
  *out = std::move(map);
  return {};
}

std::shared_ptr<const Map> Map::of(const std::vector<uint8_t>& bytes) {
  std::shared_ptr<Map> map(new Map);
  if (!bytes.empty()) {
    map->data_ = static_cast<uint8_t*>(::operator new(bytes.size(), std::align_val_t{64}));
    map->size_ = bytes.size();
    std::memcpy(map->data_, bytes.data(), bytes.size());
  }
  return map;
}

Map::~Map() {
  if (data_ == nullptr) return;
  if (mapped_) {
    ::munmap(data_, size_);
  } else {
    ::operator delete(data_, std::align_val_t{64});
  }
}

void Map::let_go() const {
  // Pinned pages stay: that is an error here, and what whoever pinned them wanted.
  if (mapped_) (void)::madvise(data_, size_, MADV_DONTNEED);
}

Status Lock::take(const std::string& path, Lock* out) {
  File file;
  if (Status status = open_file(path, O_RDWR | O_CREAT, 0600, &file); !status.ok()) return status;
  struct flock lock = whole_file(F_WRLCK);
  if (retried([&] { return ::fcntl(file.fd(), F_OFD_SETLK, &lock); }) != 0) {
    if (errno == EAGAIN || errno == EACCES) {
      const int pid = pid_in(file.fd());
      return Status(Code::kBusy, path + ": held by " +
                                     (pid > 0 ? "pid " + std::to_string(pid) : "another process"));
    }
    if (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS || errno == ENOLCK) {
      return Status(Code::kNoLocks, path + ": the file system has no open-file-description locks");
    }
    return errno_status("lock", path);
  }
  // The pid is for people: on a full disk the lock is as good without it.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (truncate_file(file, path, 0).ok()) {
    (void)pwrite_all(file, path, pid.data(), pid.size(), 0).ok();
  }
  out->file_ = std::move(file);
  return {};
}

void Lock::release() {
  if (!file_.is_open()) return;
  struct flock lock = whole_file(F_UNLCK);
  (void)::fcntl(file_.fd(), F_OFD_SETLK, &lock);
  file_ = File();
}

bool Lock::held(const std::string& path, int* pid) {
  *pid = 0;
  const File file(retried([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!file.is_open()) return false;
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(file.fd(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return false;
  *pid = pid_in(file.fd());
  return true;
}

void set_file_fault(std::function<FileFault(const FileCall&)> fault) {
  const Fault* before = current_fault.exchange(fault ? new Fault(std::move(fault)) : nullptr);
  delete before;
}

FileCounts file_counts() {
  const auto get = [](const std::atomic<uint64_t>& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  return {get(counters.writes),  get(counters.bytes_written), get(counters.syncs),
          get(counters.renames), get(counters.removes),       get(counters.opens)};
}

}  // namespace tvcore
