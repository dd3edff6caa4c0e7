// The one seam between the core and the file system: everything written goes through here, so that
// tests can make any single operation fail, and so that each error carries its cause and its path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tvcore/status.hpp"

namespace tvcore {

// Status of the current errno for `path`: kNoFile, kPermission, kNoSpace, kNoMemory or kIo, with
// strerror's text.
Status errno_status(const char* operation, const std::string& path);

// An owned file descriptor. Move only.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  ~File();
  File(File&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  File& operator=(File&& other) noexcept;
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int release();

 private:
  int fd_ = -1;
};

// `fd`, or another that means the same where it is one of the first three: a host may have closed those, and whatever
// prints would print into our file. -1 with errno stays so.
int above_standard(int fd);
Status open_file(const std::string& path, int flags, int mode, File* out);  // O_CLOEXEC is added
Status pwrite_all(const File& file, const std::string& path, const void* data, size_t size,
                  uint64_t offset);
// The whole file. kCorrupt if it is longer than `limit` bytes.
Status read_all(const std::string& path, std::vector<uint8_t>* out, uint64_t limit);
Status fdatasync_file(const File& file, const std::string& path);
Status fsync_file(const File& file, const std::string& path);  // with the metadata
Status truncate_file(const File& file, const std::string& path, uint64_t size);
Status fsync_folder(const std::string& folder);
// Write `data` to path + ".tmp", fsync, rename over `path`, fsync the folder. With `keep`, the old
// file is first renamed to `keep` (there is then a moment without `path`: the reader tries `keep`).
// On failure `path` is as it was, or its bytes are in `keep`.
Status replace_file(const std::string& path, const void* data, size_t size,
                    const std::string& keep = "");
Status make_folder(const std::string& path, int mode);  // fine if it exists
Status list_folder(const std::string& path,
                   std::vector<std::string>* names);  // ascending; without . and ..
Status remove_file(const std::string& path);          // kNoFile if there is none
Status rename_file(const std::string& from, const std::string& to);
Status sync_path(const std::string& path);  // open, fdatasync, close

// A read-only map of a whole file, shared by everything that reads from it. Aligned to 64 bytes at
// least.
class Map {
 public:
  static Status open(const std::string& path, std::shared_ptr<const Map>* out);
  // A map of bytes in memory, for tests and for files read whole.
  static std::shared_ptr<const Map> of(const std::vector<uint8_t>& bytes);
  ~Map();
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  // Take the pages out of this process's memory; the kernel's cache keeps them, and the next touch brings them back.
  void let_go() const;

 private:
  Map() = default;
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  bool mapped_ = false;
};

// An open-file-description lock on `path` (created), which then holds this process's pid as text. A
// holder elsewhere is kBusy with its pid in the text; a file system without such locks is kNoLocks.
class Lock {
 public:
  static Status take(const std::string& path, Lock* out);
  // Whether somebody holds it, and who (0: not known), without taking it.
  static bool held(const std::string& path, int* pid);
  bool is_held() const { return file_.is_open(); }
  // Let it go for every process: a child forked meanwhile has the same open file description, and would else hold the
  // lock for as long as it lives.
  void release();

 private:
  File file_;
};

// ---- for tests: what goes through the seam ----

enum class FileOp : uint8_t {
  kOpen,      // size: the flags
  kWrite,     // data, size, offset
  kTruncate,  // size: the new one
  kSyncData,
  kSync,  // file or folder, with metadata
  kRename,
  kRemove,
  kMakeFolder,
};

struct FileCall {
  FileOp op;
  const std::string& path;
  const std::string& to;  // kRename
  int fd;                 // -1 where the operation has only a path
  const void* data;
  uint64_t size;
  uint64_t offset;
};

// What a test makes of a call: `error` 0 lets it happen; otherwise it fails with that errno, a
// write after its first `written` bytes have really been written.
struct FileFault {
  int error = 0;
  uint64_t written = 0;
};

// Called before every operation above, in every thread, until replaced; an empty function takes it
// away. Without one it costs one comparison with null. Set it only while no other thread is in this
// module.
void set_file_fault(std::function<FileFault(const FileCall&)> fault);

// Counted since the process began.
struct FileCounts {
  uint64_t writes, bytes_written, syncs, renames, removes, opens;
};
FileCounts file_counts();

}  // namespace tvcore
