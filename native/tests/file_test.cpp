#include "tvcore/file.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
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

TEST(
    "whichever operation of replace_file fails, old or new bytes are there and the error is told") {
  for (const bool kept : {false, true}) {
    const uint64_t operations = kept ? 7 : 6;
    for (uint64_t failing = 0; failing < operations; ++failing) {
      const check::TempDir folder;
      const std::string path = folder / "a", keep = kept ? folder / "a.1" : "";
      REQUIRE_OK(replace(path, "old"));
      uint64_t at = 0;
      Status status;
      {
        const Faulty faulty(
            [&](const FileCall&) -> FileFault { return {at++ == failing ? ENOSPC : 0, 1}; });
        status = replace(path, "new", keep);
      }
      CHECK_EQ(at, failing + 1);  // nothing went on after the failure
      CHECK_EQ(status.code(), Code::kNoSpace);
      std::string found = contents(path);
      if (found == "TVB_E_NO_FILE" && kept) found = contents(keep);
      CHECK(found == "old" || found == "new");
      CHECK_EQ(contents(path + ".tmp"), "TVB_E_NO_FILE");
    }
  }
}

TEST("a failing write has written as much as the test wants") {
  const check::TempDir folder;
  const std::string path = folder / "a";
  File file;
  REQUIRE_OK(open_file(path, O_RDWR | O_CREAT, 0600, &file));
  {
    const Faulty faulty(
        [](const FileCall& call) -> FileFault { return {call.op == FileOp::kWrite ? EIO : 0, 2}; });
    CHECK_EQ(pwrite_all(file, path, "abcdef", 6, 0).code(), Code::kIo);
  }
  CHECK_EQ(contents(path), "ab");
}

TEST("the hook sees operation, path, offset and size, and the counts follow") {
  const check::TempDir folder;
  const std::string path = folder / "a";
  std::string seen;
  const FileCounts before = file_counts();
  {
    const Faulty faulty([&](const FileCall& call) -> FileFault {
      seen += std::to_string(static_cast<int>(call.op)) + ":" + std::to_string(call.offset) + "+" +
              std::to_string(call.op == FileOp::kOpen ? 0 : call.size) + " ";
      CHECK_EQ(call.path, path);
      return {};
    });
    File file;
    REQUIRE_OK(open_file(path, O_RDWR | O_CREAT, 0600, &file));
    REQUIRE_OK(pwrite_all(file, path, "abc", 3, 4096));
    REQUIRE_OK(fdatasync_file(file, path));
  }
  CHECK_EQ(seen, "0:0+0 1:4096+3 3:0+0 ");
  const FileCounts after = file_counts();
  CHECK_EQ(after.writes - before.writes, 1u);
  CHECK_EQ(after.bytes_written - before.bytes_written, 3u);
  CHECK_EQ(after.syncs - before.syncs, 1u);
}

TEST("errors name the cause and the path") {
  const check::TempDir folder;
  std::vector<uint8_t> read;
  const Status status = read_all(folder / "none", &read, 10);
  CHECK_EQ(status.code(), Code::kNoFile);
  CHECK_EQ(status.text(), "open " + folder / "none" + ": No such file or directory");
  REQUIRE_OK(replace(folder / "long", "0123456789a"));
  CHECK_EQ(read_all(folder / "long", &read, 10).code(), Code::kCorrupt);
  std::shared_ptr<const Map> map;
  CHECK_EQ(Map::open(folder.path(), &map).code(), Code::kNoFile);
  CHECK_EQ(make_folder(folder / "long", 0700).code(), Code::kNoFile);
  CHECK_EQ(remove_file(folder / "none").code(), Code::kNoFile);
}

TEST("a map reads a file's bytes, aligned, and an empty file as nothing") {
  const check::TempDir folder;
  REQUIRE_OK(replace(folder / "a", "hello"));
  REQUIRE_OK(replace(folder / "e", ""));
  std::shared_ptr<const Map> map;
  REQUIRE_OK(Map::open(folder / "a", &map));
  CHECK_EQ(std::string(map->data(), map->data() + map->size()), "hello");
  REQUIRE_OK(Map::open(folder / "e", &map));
  CHECK_EQ(map->size(), 0u);
  map = Map::of(bytes("hello"));
  CHECK_EQ(reinterpret_cast<uintptr_t>(map->data()) % 64, 0u);
  CHECK_EQ(std::string(map->data(), map->data() + map->size()), "hello");
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
