#include "tvcore/file.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "check.hpp"
#include "temp_dir.hpp"

using namespace tvcore;

namespace {

std::vector<uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

std::string contents(const std::string& path) {
  std::vector<uint8_t> read;
  const Status status = read_all(path, &read, 1 << 20);
  return status.ok() ? std::string(read.begin(), read.end()) : code_name(status.code());
}

Status replace(const std::string& path, const std::string& text, const std::string& keep = "") {
  return replace_file(path, text.data(), text.size(), keep);
}

// What this process has in memory of the file that is mapped from `path`.
int resident_kib(const std::string& path) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  int sum = 0, found = 0;
  for (std::string line; std::getline(maps, line);) {
    const bool head = line.find('-') < line.find(' ');  // of a mapping: its addresses
    if (head) inside = line.find(path) != std::string::npos;
    if (inside && std::sscanf(line.c_str(), "Rss: %d kB", &found) == 1) sum += found;
  }
  return sum;
}

struct Faulty {
  explicit Faulty(std::function<FileFault(const FileCall&)> fault) {
    set_file_fault(std::move(fault));
  }
  ~Faulty() { set_file_fault(nullptr); }
};

}  // namespace

TEST("what replace_file wrote is read back, and nothing else lies there") {
  const check::TempDir folder;
  const std::string path = folder / "a";
  REQUIRE_OK(replace(path, "one"));
  REQUIRE_OK(replace(path, "two"));
  CHECK_EQ(contents(path), "two");
  std::vector<std::string> names;
  REQUIRE_OK(list_folder(folder.path(), &names));
  CHECK_EQ(names.size(), 1u);
}

TEST("replace_file keeps the predecessor where asked") {
  const check::TempDir folder;
  const std::string path = folder / "a", keep = folder / "a.1";
  REQUIRE_OK(replace(path, "one", keep));
  CHECK_EQ(contents(keep), "TVB_E_NO_FILE");
  REQUIRE_OK(replace(path, "two", keep));
  CHECK_EQ(contents(keep), "one");
  CHECK_EQ(contents(path), "two");
}

TEST("pages that a map let go are not in memory until they are read again, the same") {
  const check::TempDir folder;
  const std::string path = folder / "large", text(1 << 20, 'x');
  REQUIRE_OK(replace(path, text));
  std::shared_ptr<const Map> map;
  REQUIRE_OK(Map::open(path, &map));
  CHECK(std::string(map->data(), map->data() + map->size()) == text);
  CHECK(resident_kib(path) >= 1024);
  map->let_go();
  CHECK_EQ(resident_kib(path), 0);
  CHECK(std::string(map->data(), map->data() + map->size()) == text);
  Map::of(bytes("hello"))->let_go();
}

TEST("no file of ours is standard input, output or error of a host that has closed those") {
  const check::TempDir folder;
  int before[3];
  for (int fd = 0; fd < 3; ++fd) {
    before[fd] = ::fcntl(fd, F_DUPFD_CLOEXEC, 10);
    ::close(fd);
  }
  File first, second;
  const Status one = open_file(folder / "one", O_RDWR | O_CREAT, 0600, &first);
  const Status other = open_file(folder / "other", O_RDWR | O_CREAT, 0600, &second);
  bool taken = false;
  for (int fd = 0; fd < 3; ++fd) {
    taken = taken || ::fcntl(fd, F_GETFD) != -1;
    if (before[fd] != -1) ::dup2(before[fd], fd);
    ::close(before[fd]);
  }
  CHECK_OK(one);
  CHECK_OK(other);
  CHECK(!taken);
  CHECK(first.fd() > 2 && second.fd() > 2 && first.fd() != second.fd());
  CHECK_EQ(::fcntl(first.fd(), F_GETFD), FD_CLOEXEC);
  CHECK_OK(pwrite_all(first, "one", "ours", 4, 0));
  CHECK_EQ(contents(folder / "one"), "ours");
}

TEST("a lock has one holder, names it, and goes with it") {
  const check::TempDir folder;
  const std::string path = folder / "serving.lock";
  int pid = -1;
  CHECK(!Lock::held(path, &pid));
  {
    Lock lock;
    REQUIRE_OK(Lock::take(path, &lock));
    CHECK(lock.is_held());
    CHECK_EQ(contents(path), std::to_string(::getpid()) + "\n");
    // The description holds it, not the process: a second one in this process is refused too.
    Lock second;
    const Status status = Lock::take(path, &second);
    CHECK_EQ(status.code(), Code::kBusy);
    CHECK_EQ(status.text(), path + ": held by pid " + std::to_string(::getpid()));
    CHECK(!second.is_held());
    CHECK(Lock::held(path, &pid));
    CHECK_EQ(pid, ::getpid());
  }
  CHECK(!Lock::held(path, &pid));
  Lock again;
  CHECK_OK(Lock::take(path, &again));
}

TEST("a lock ends with the process that held it") {
  const check::TempDir folder;
  const std::string path = folder / "serving.lock";
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Lock lock;
    const char ok = Lock::take(path, &lock).ok() ? 1 : 0;
    (void)!::write(ready[1], &ok, 1);
    ::pause();
    ::_exit(0);
  }
  char ok = 0;
  REQUIRE(::read(ready[0], &ok, 1) == 1);
  CHECK_EQ(static_cast<int>(ok), 1);
  int pid = 0;
  CHECK(Lock::held(path, &pid));
  CHECK_EQ(pid, child);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  Lock lock;
  CHECK_OK(Lock::take(path, &lock));
  ::close(ready[0]);
  ::close(ready[1]);
}
