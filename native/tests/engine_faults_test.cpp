// The engine and the journal's readers where something else happens between two of their files.
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host.hpp"
#include "journals.hpp"
#include "tvcore/engine.hpp"

namespace {

using namespace tvcore;

class Faults {
 public:
  explicit Faults(std::function<FileFault(const FileCall&)> fault) {
    set_file_fault(std::move(fault));
  }
  ~Faults() { set_file_fault({}); }
};

bool ends_with(const std::string& text, const std::string& with) {
  return text.size() >= with.size() &&
         text.compare(text.size() - with.size(), with.size(), with) == 0;
}

struct Place {
  check::TempDir folder;
  std::string data = folder / "data", pack = folder / "base.tvpack";
  Place() { host::write_file(pack, host::catalogue().bytes()); }

  std::unique_ptr<Engine> open(bool read_only = false) const {
    EngineOptions options;
    options.own_thread = false;
    options.read_only = read_only;
    options.journal_cap = 1u << 20;
    std::unique_ptr<Engine> engine;
    REQUIRE_OK(Engine::open(data, pack, options, &engine));
    return engine;
  }
};

// Two segments and a part of the third.
void fill(Engine* engine) {
  constexpr int kEnough = 600;
  for (int i = 0; i < kEnough; ++i) {
    Event event;
    event.kind = Kind::kSearch;
    event.profile = kHousehold;
    event.at_ms = host::kNow + i;
    event.added.assign(4000, 'a');
    REQUIRE_OK(engine->observe(event));
  }
}

}  // namespace

TEST("a segment deleted under a reader ends the reading: a hole is never taken for a gap") {
  check::TempDir folder;
  JournalWriter writer;
  REQUIRE_OK(writer.open(folder / "journal", journals::options(), nullptr));
  std::vector<Event> events = journals::sample(1, 400);
  journals::append_all(&writer, &events);
  JournalInfo info;
  REQUIRE_OK(read_journal_info(folder / "journal", &info));
  REQUIRE(info.segments.size() > 3);
  const std::string second = info.segments[1].path;
  int opened = 0;  // first for its header
  std::vector<Event> seen;
  {
    const Faults faults([&](const FileCall& call) {
      if (call.op == FileOp::kOpen && call.path == second && ++opened == 2) {
        (void)::unlink(second.c_str());
      }
      return FileFault{};
    });
    seen = journals::read(folder / "journal", 0, &info);
  }
  CHECK(info.cut_short);
  REQUIRE(!seen.empty());
  CHECK_EQ(seen.size(), static_cast<size_t>(seen.back().seq));  // all from the first on
  const std::vector<Event> rest = journals::read(folder / "journal", seen.back().seq, &info);
  CHECK(!info.cut_short);
  CHECK_EQ(rest.back().seq, events.back().seq);
  CHECK(rest.front().seq > seen.back().seq + 1);
}

TEST("a reader beside the writer has everything, though it is folded and deleted meanwhile") {
  const Place place;
  const auto writer = place.open();
  fill(writer.get());
  bool read_checkpoint = false, done = false;
  std::unique_ptr<Engine> reader;
  {
    const Faults faults([&](const FileCall& call) {
      if (done || call.op != FileOp::kOpen) return FileFault{};
      if (ends_with(call.path, "checkpoint.tvs")) read_checkpoint = true;
      if (read_checkpoint && ends_with(call.path, ".tvj")) {
        done = true;
        (void)writer->pump(nullptr);
      }
      return FileFault{};
    });
    reader = place.open(true);
  }
  REQUIRE(done);
  REQUIRE(writer->health().checkpoint_seq > 0);
  CHECK(reader->encode_folds() == writer->encode_folds());
}

TEST("the journal keeps a profile change until the profiles' file has it") {
  const Place place;
  {
    const auto engine = place.open();
    const Faults faults([](const FileCall& call) {
      const bool profiles = call.path.find("profiles.tvp") != std::string::npos;
      return FileFault{call.op == FileOp::kOpen && profiles ? EIO : 0, 0};
    });
    Profile household = *engine->profiles()->find(kHousehold);
    household.max_age = 6;
    REQUIRE_OK(engine->update_profile(household));
    fill(engine.get());
    (void)engine->pump(nullptr);
    household.max_age = 7;
    REQUIRE_OK(engine->update_profile(household));
  }
  const auto engine = place.open();
  CHECK_EQ(engine->health().faults & kFaultProfilesLost, 0u);
  CHECK_EQ(static_cast<int>(engine->profiles()->find(kHousehold)->max_age), 7);
}
