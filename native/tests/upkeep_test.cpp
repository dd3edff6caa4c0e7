// The brain's one thread, and a process that is short of things: what it looks like from outside, that it sleeps, that
// nothing depends on inotify, that forking and many file descriptors do no harm.
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "host.hpp"

namespace {

using host::Host;
namespace fs = std::filesystem;

std::vector<std::string> tasks() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator("/proc/self/task")) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

std::string line_of(const std::string& path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(key, 0) == 0) return line.substr(key.size());
  }
  return "";
}

tvb_open_options options_with(const char* name) {
  tvb_open_options options;
  std::memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  std::strcpy(options.thread_name, name);
  return options;
}

}  // namespace

TEST(
    "the thread has the host's name, priority and processor, takes no signal, and is gone after "
    "close") {
  Host host;
  host.close();
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  tvb_open_options options = options_with("fifteen bytes..");
  options.thread_nice = 7;
  options.thread_affinity = 1;
  host::must(tvb_open(host.data().c_str(), host.pack().c_str(), &options, &host.brain));
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  CHECK_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
  std::string task;
  for (int i = 0; i < 1000000 && task.empty(); ++i) {  // until it has named itself
    for (const std::string& one : tasks()) {
      std::ifstream in("/proc/self/task/" + one + "/comm");
      std::string name;
      std::getline(in, name);
      if (name == "fifteen bytes..") task = one;
    }
    std::this_thread::yield();
  }
  REQUIRE(!task.empty());
  const std::string status = "/proc/self/task/" + task + "/status";
  CHECK(line_of(status, "SigBlk:").find("fffffffe7ffb") != std::string::npos);
  CHECK_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoi(task))) >= 0, true);
  const size_t with = tasks().size();
  host::must(tvb_close(host.brain));
  CHECK_EQ(tasks().size(), with - 1);
  host.open();
}

TEST(
    "without inotify and with few file descriptors a brain opens, or says why not, and loses "
    "nothing") {
  Host host;
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  host.close();
  struct rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const struct rlimit before = limit;
  int opened = 0, refused = 0;
  for (rlim_t most = 3; most < 40; ++most) {
    limit.rlim_cur = most;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    const tvb_open_options options = options_with("few");
    tvb_brain* brain = nullptr;
    const int32_t result = tvb_open(host.data().c_str(), host.pack().c_str(), &options, &brain);
    const std::string why = result < 0 ? tvb_last_error() : "";
    tvb_brain* taken = brain;
    if (brain != nullptr) {
      tvb_event event = TVB_EVENT_INIT;
      event.kind = TVB_EVENT_HIDE;
      std::strcpy(event.item, "a:ronin");
      (void)tvb_observe(brain, &event);
      (void)tvb_close(taken);
    }
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    (result < 0 ? refused : opened) += 1;
    if (result < 0 && result != TVB_E_NO_MEMORY) check::fail("open", result, why);
    host.open();
    CHECK(!host.shows("a:heat"));
    CHECK_EQ(host.health().faults & (TVB_FAULT_PROFILES_LOST | TVB_FAULT_TORN), 0u);
    host.close();
  }
  CHECK(opened > 0 && refused > 0);
  host.open();
}

TEST("a child of fork that lives on does not keep the directory from being opened again") {
  Host host;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte;
    close(ends[1]);
    (void)!read(ends[0], &byte, 1);  // until the parent has finished
    _exit(0);
  }
  host.close();
  tvb_brain* brain = nullptr;
  CHECK_EQ(host.try_open(TVB_OPEN_NO_THREAD, &brain), TVB_OK);
  host::must(tvb_close(brain));
  close(ends[1]);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  host.open();
}

TEST("two brains in one process do not meet") {
  Host one, two;
  one.observe(TVB_EVENT_COMPLETE, "a:heat");
  CHECK(!one.shows("a:heat"));
  CHECK(two.shows("a:heat"));
  two.create("guest", 6);
  CHECK_EQ(one.health().profiles, 1u);
}

TEST("a directory that is held by this very process is busy too") {
  Host host;
  tvb_brain* second = nullptr;
  CHECK_EQ(host.try_open(TVB_OPEN_NO_THREAD, &second), TVB_E_BUSY);
  CHECK(second == nullptr);
  host.observe(TVB_EVENT_COMPLETE, "a:heat");  // and the first one goes on
  CHECK(!host.shows("a:heat"));
}

TEST(
    "odd paths: spaces, bytes that are no UTF-8, links, a pipe, a folder for a file, names too "
    "long") {
  Host host;
  const check::TempDir folder;
  const auto open = [&](const std::string& data, const std::string& pack) {
    tvb_brain* brain = nullptr;
    tvb_open_options options = options_with("");
    options.flags = TVB_OPEN_NO_THREAD;
    const int32_t result = tvb_open(data.c_str(), pack.c_str(), &options, &brain);
    if (brain != nullptr) host::must(tvb_close(brain));
    return result;
  };
  CHECK_EQ(open(folder / "with a space", host.pack()), TVB_OK);
  CHECK_EQ(open(folder / "\xff\xfe", host.pack()), TVB_OK);
  CHECK_EQ(open(folder / "trailing///", host.pack()), TVB_OK);
  fs::create_directory(folder / "target");
  fs::create_directory_symlink(folder / "target", folder / "link");
  CHECK_EQ(open(folder / "link", host.pack()), TVB_OK);
  fs::create_symlink(host.pack(), folder / "pack link");
  CHECK_EQ(open(folder / "by link", folder / "pack link"), TVB_OK);
  CHECK_EQ(open(folder / "none/below", host.pack()), TVB_E_NO_FILE);
  CHECK_EQ(open(folder / std::string(300, 'x'), host.pack()), TVB_E_INVALID);
  CHECK_EQ(open(folder / std::string(5000, 'x'), host.pack()), TVB_E_INVALID);
  CHECK_EQ(open(folder / "d", folder / "target"), TVB_E_NO_FILE);
  CHECK_EQ(open(host.pack(), host.pack()), TVB_E_NO_FILE);  // a file where the folder should be
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_EQ(open(folder / "e", folder / "pipe"), TVB_E_NO_FILE);
  for (const char* name : {"journal", "snapshot", "packs", "serving.lock", "profiles.tvp"}) {
    const std::string data = folder / (std::string("file for ") + name);
    fs::create_directory(data);
    host::write_file(data + "/" + name, {1, 2, 3});
    const int32_t result = open(data, host.pack());
    CHECK(result == TVB_E_NO_FILE || result == TVB_OK);
    const std::string other = folder / (std::string("folder for ") + name);
    fs::create_directories(other + "/" + name);
    CHECK(open(other, host.pack()) <= TVB_OK);
  }
}

TEST("a reader needs no right to write, and leaves every file as it was") {
  Host host;
  host.observe(TVB_EVENT_COMPLETE, "a:heat");
  host.close();
  auto bytes = host::read_file(host.data("profiles.tvp"));
  bytes[8] = 9;  // a newer major version
  const uint64_t hash = tvcore::xxh64(bytes.data(), 56);
  std::memcpy(bytes.data() + 56, &hash, sizeof hash);
  host::write_file(host.data("profiles.tvp"), bytes);
  const auto listing = [&] {
    std::string names;
    for (const auto& entry : fs::recursive_directory_iterator(host.data())) {
      names += entry.path().string() + " " +
               std::to_string(fs::last_write_time(entry.path()).time_since_epoch().count()) + "\n";
    }
    return names;
  };
  const std::string before = listing();
  tvb_brain* reader = nullptr;
  host::must(host.try_open(TVB_OPEN_READ_ONLY, &reader));
  std::swap(reader, host.brain);
  CHECK(!host.shows("a:heat"));
  CHECK_EQ(tvb_flush(host.brain), TVB_OK);
  host.pump();
  CHECK_EQ(tvb_hint(host.brain, TVB_HINT_PLAYBACK, 1), TVB_E_READ_ONLY);
  CHECK_EQ(tvb_forget(host.brain, TVB_FORGET_ALL, 0, nullptr), TVB_E_READ_ONLY);
  host.close();
  CHECK_EQ(listing(), before);
  host.open();
}
