// What the journal's tests share: events with known contents, reading a folder back, faults that end with the scope.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "random_event.hpp"
#include "temp_dir.hpp"
#include "tvcore/file.hpp"
#include "tvcore/journal.hpp"

namespace journals {

using namespace tvcore;

constexpr uint64_t kId = 0x1234567890abcdef;
constexpr uint32_t kSmall = 8192;
constexpr int64_t kNow = 1700000000000;

// Thousands of syncs are cheap in memory, and what they sync to is not what is tested here.
inline const bool in_memory = [] {
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  return true;
}();

inline JournalWriter::Options options(uint32_t segment_size = kSmall) {
  JournalWriter::Options options;
  options.new_id = kId;
  options.segment_size = segment_size;
  options.now_ms = kNow;
  return options;
}

inline std::vector<Event> read(const std::string& folder, uint64_t after = 0,
                               JournalInfo* info = nullptr) {
  std::vector<Event> events;
  REQUIRE_OK(read_journal(
      folder, after,
      [&](const Event& event) {
        events.push_back(event);
        return Visit::kNext;
      },
      info));
  return events;
}

// `count` events, each small enough for many in a small segment.
inline std::vector<Event> sample(uint64_t seed, size_t count, size_t largest_added = 300) {
  check::Random random(seed);
  std::vector<Event> events;
  for (size_t i = 0; i < count; ++i) events.push_back(check::random_event(&random, largest_added));
  return events;
}

inline void append_all(JournalWriter* writer, std::vector<Event>* events) {
  for (Event& event : *events) REQUIRE_OK(writer->append(&event, kNow));
}

inline bool same(const std::vector<Event>& got, const std::vector<Event>& wanted) {
  if (got.size() != wanted.size()) return false;
  for (size_t i = 0; i < got.size(); ++i) {
    if (!check::same_event(got[i], wanted[i])) return false;
  }
  return true;
}

inline std::vector<uint8_t> contents(const std::string& path) {
  std::vector<uint8_t> bytes;
  REQUIRE_OK(read_all(path, &bytes, 1u << 30));
  return bytes;
}

inline void put(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::FILE* file = std::fopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  std::fclose(file);
}

// The names of the segments in a folder, ascending.
inline std::vector<std::string> names(const std::string& folder,
                                      const std::string& ending = ".tvj") {
  std::vector<std::string> all, wanted;
  REQUIRE_OK(list_folder(folder, &all));
  for (const std::string& name : all) {
    if (name.size() >= ending.size() &&
        name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
      wanted.push_back(name);
    }
  }
  return wanted;
}

struct Faulty {
  explicit Faulty(std::function<FileFault(const FileCall&)> fault) {
    set_file_fault(std::move(fault));
  }
  ~Faulty() { set_file_fault(nullptr); }
};

}  // namespace journals
