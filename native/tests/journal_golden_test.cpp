// The committed samples, byte for byte: what is written today, and what every later version must read.
#include "journals.hpp"
#include "sample_journal.hpp"

using namespace journals;

namespace {

const std::string kGolden = std::string(TVBRAIN_SOURCE_DIR) + "/tests/golden/";

}  // namespace

TEST("the committed journal of format 1.0 is read") {
  JournalInfo info;
  const std::vector<Event> got = read(kGolden + "journal-1.0", 0, &info);
  std::vector<Event> wanted = check::sample_events();
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i].seq = i + 1;
  CHECK(same(got, wanted));
  CHECK_EQ(info.id, check::kSampleJournalId);
  CHECK(info.segments.size() >= 2);
  CHECK(info.set_aside.empty());
}

TEST("the committed journal of format 1.1 is read, with the values of an impression") {
  const std::vector<Event> got = read(kGolden + "journal-1.1");
  std::vector<Event> wanted = check::sample_events_with_values();
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i].seq = i + 1;
  CHECK(same(got, wanted));
}

TEST("the committed journal of format 1.1 is what is written now") {
  const check::TempDir dir;
  REQUIRE_OK(check::write_sample_journal(dir.path()));
  const std::vector<std::string> segments = names(dir.path());
  CHECK(segments == names(kGolden + "journal-1.1"));
  for (const std::string& name : segments) {
    CHECK(contents(dir / name) == contents(kGolden + "journal-1.1/" + name));
  }
}

TEST("the committed profiles of format 1.0 are read, and are what is written now") {
  Profiles got;
  const std::vector<uint8_t> bytes = contents(kGolden + "profiles-1.0.tvp");
  REQUIRE_OK(Profiles::decode(bytes, "golden", &got));
  CHECK_EQ(got.find(2)->max_age, 7);
  CHECK(check::sample_profiles().encode() == bytes);
}
