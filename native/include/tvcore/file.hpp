// The one seam between the core and the file system: everything written goes through here, so that tests can make any
// single operation fail, and so that each error carries its cause and its path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tvcore/status.hpp"

namespace tvcore {

// Status of the current errno for `path`: kNoFile, kPermission, kNoSpace or kIo, with strerror's text.
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

Status open_file(const std::string& path, int flags, int mode, File* out);
Status pwrite_all(const File& file, const std::string& path, const void* data, size_t size,
                  uint64_t offset);
Status read_all(const std::string& path, std::vector<uint8_t>* out, uint64_t limit);
Status fdatasync_file(const File& file, const std::string& path);
Status fsync_folder(const std::string& folder);
// Write `data` to path + ".tmp", fsync, rename over `path`, fsync the folder. With `keep`, the old file is first
// renamed to `keep` (there is then a moment without `path`: the reader tries `keep`).
Status replace_file(const std::string& path, const void* data, size_t size,
                    const std::string& keep = "");
Status make_folder(const std::string& path, int mode);  // fine if it exists
Status list_folder(const std::string& path, std::vector<std::string>* names);
Status remove_file(const std::string& path);
Status rename_file(const std::string& from, const std::string& to);
Status sync_path(const std::string& path);  // open, fdatasync, close

// A read-only map of a whole file, shared by everything that reads from it.
class Map {
 public:
  static Status open(const std::string& path, std::shared_ptr<const Map>* out);
  // A map of bytes in memory, for tests and for files read whole.
  static std::shared_ptr<const Map> of(std::vector<uint8_t> bytes);
  ~Map();
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  Map() = default;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  bool mapped_ = false;
  std::vector<uint8_t> bytes_;
};

// An open-file-description lock on `path` (created), which then holds this process's pid as text. A holder elsewhere is
// kBusy with its pid in the text; a file system without such locks is kNoLocks.
class Lock {
 public:
  static Status take(const std::string& path, Lock* out);
  // Whether somebody holds it, and who, without taking it.
  static bool held(const std::string& path, int* pid);
  bool is_held() const { return file_.is_open(); }

 private:
  File file_;
};

}  // namespace tvcore
