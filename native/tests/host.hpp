// A host of the C interface for tests: a catalogue of eight titles, a data directory, and calls that must succeed.
#pragma once

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "check.hpp"
#include "pack_builder.hpp"
#include "temp_dir.hpp"
#include "tvbrain.h"

namespace host {

constexpr int64_t kNow = 1700000000000;

// Three thrillers that go together, two for children that go together, a series, a film at two providers, a film for a
// region. Row order is the order here.
inline check::PackBuilder catalogue() {
  check::PackBuilder builder;
  builder.with_weights = true;
  const auto add = [&](const char* id, const char* title, int age, const char* genre,
                       uint32_t popularity) {
    check::TestTitle one;
    one.id = id;
    one.title = title;
    one.age = age;
    one.genres = {genre};
    one.popularity = popularity;
    builder.titles.push_back(one);
  };
  add("a:heat", "Heat", 16, "Thriller", 50);
  add("a:ronin", "Ronin", 16, "Thriller", 20);
  add("a:collateral", "Collateral", 16, "Thriller", 10);
  add("b:toys", "Toys", 0, "Family", 60);
  add("b:ants", "Ants", 6, "Family", 5);
  add("a:saga", "The Saga", 12, "Drama", 30);
  add("a:both", "Both", 12, "Drama", 15);
  add("b:alps", "The Alps", 0, "Documentary", 8);
  builder.titles[0].weights = {{1, 100}, {2, 60}};
  builder.titles[1].weights = {{0, 90}, {2, 80}};
  builder.titles[3].weights = {{4, 110}};
  builder.titles[4].weights = {{3, 100}};
  builder.titles[5].type = 2;
  builder.titles[5].seasons = {2, 1};
  builder.titles[6].offers = {{"a:both", 12}, {"b:two", 12}};
  builder.titles[7].offers = {{"b:alps", 0, {"CH"}}};
  return builder;
}

inline void write_file(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

inline std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void must(int32_t status) {
  if (status < 0) check::fail(tvb_status_name(status), 0, tvb_last_error());
}

// An open brain without a thread, on a directory that lives as long as the Host.
class Host {
 public:
  explicit Host(uint32_t journal_cap = 0) : cap_(journal_cap) {
    write_file(pack(), catalogue().bytes());
    open();
  }
  ~Host() { close(); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  std::string pack() const { return folder_ / "factory.tvpack"; }
  std::string data() const { return folder_ / "data"; }
  std::string data(const char* name) const { return data() + "/" + name; }

  int32_t try_open(uint32_t flags, tvb_brain** out) const {
    tvb_open_options options;
    std::memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = flags;
    options.seed = 7;
    options.journal_cap = cap_;
    options.clock_trusted = 1;
    return tvb_open(data().c_str(), pack().c_str(), &options, out);
  }
  void open() { must(try_open(TVB_OPEN_NO_THREAD, &brain)); }
  void close() {
    must(tvb_close(brain));
    brain = nullptr;
  }
  void reopen() {
    close();
    open();
  }

  tvb_event event(uint32_t kind, const char* item, uint32_t profile = 1) {
    tvb_event event = TVB_EVENT_INIT;
    event.kind = kind;
    event.profile = profile;
    event.at = kNow + ++ticks_;
    std::strcpy(event.item, item);
    return event;
  }
  void observe(uint32_t kind, const char* item, uint32_t profile = 1) {
    const tvb_event one = event(kind, item, profile);
    must(tvb_observe(brain, &one));
  }

  tvb_context context(uint32_t profile = 1) {
    tvb_context context = TVB_CONTEXT_INIT;
    context.profile = profile;
    context.at = kNow;
    context.screen_token = 3;
    return context;
  }
  std::vector<std::string> ids(const tvb_context& context) {
    slate = TVB_SLATE_INIT;
    must(tvb_recommend(brain, &context, &slate, items, 20));
    std::vector<std::string> found;
    for (uint32_t i = 0; i < slate.count; ++i) found.emplace_back(items[i].item);
    return found;
  }
  std::vector<std::string> ids(uint32_t profile = 1) { return ids(context(profile)); }
  bool shows(const char* item, uint32_t profile = 1) {
    for (const std::string& id : ids(profile)) {
      if (id == item) return true;
    }
    return false;
  }
  uint32_t create(const char* name, uint32_t max_age, std::vector<std::string> entitlements = {}) {
    tvb_profile profile;
    std::memset(&profile, 0, sizeof profile);
    profile.struct_size = sizeof profile;
    profile.max_age = max_age;
    std::strcpy(profile.name, name);
    for (const std::string& one : entitlements) {
      std::strcpy(profile.entitlements[profile.entitlement_count++], one.c_str());
    }
    must(tvb_profile_create(brain, &profile));
    return profile.id;
  }
  tvb_health_info health() {
    tvb_health_info info;
    info.struct_size = sizeof info;
    must(tvb_health(brain, &info));
    return info;
  }
  void pump() {
    int64_t next = 0;
    must(tvb_pump(brain, &next));
  }

  tvb_brain* brain = nullptr;
  tvb_slate slate = TVB_SLATE_INIT;
  tvb_slate_item items[20];

 private:
  check::TempDir folder_;
  uint32_t cap_;
  int64_t ticks_ = 0;
};

}  // namespace host
