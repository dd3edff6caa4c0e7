#include "tvcore/profiles.hpp"

#include <cerrno>
#include <cstring>

#include "journals.hpp"
#include "tvbrain.h"
#include "tvcore/container.hpp"
#include "tvcore/fold.hpp"
#include "tvcore/hash.hpp"

using namespace journals;

namespace {

Profile profile(uint32_t id, const std::string& name, uint8_t max_age = 18) {
  Profile one;
  one.id = id;
  one.name = name;
  one.max_age = max_age;
  return one;
}

Profiles family() {
  Profiles profiles = Profiles::initial();
  profiles.generation = 4;
  profiles.erasure_epoch = 2;
  profiles.journal_id = kId;
  profiles.next_id = 9;
  profiles.all[0].region = "DE";
  Profile kids = profile(2, "kids", 7);
  kids.entitlements = {"netflix", "disney"};
  profiles.all.push_back(kids);
  profiles.all.push_back(profile(8, "Zo\xc3\xab", 12));
  profiles.all.back().consent = 1;
  return profiles;
}

bool same(const Profiles& a, const Profiles& b) { return a.encode() == b.encode(); }

struct Loaded {
  Profiles profiles;
  ProfilesState state;
  std::string detail;
};

Loaded load(const std::string& folder) {
  Loaded loaded;
  REQUIRE_OK(load_profiles(folder, &loaded.profiles, &loaded.state, &loaded.detail));
  return loaded;
}

std::string refusal(const Profile& one) {
  const Status status = check_profile(one);
  if (!status.ok()) CHECK_EQ(status.code(), Code::kInvalid);
  return status.text().substr(0, status.text().find(':'));
}

}  // namespace

TEST("limits are the header's") {
  CHECK_EQ(kMaxEntitlements, size_t{TVB_MAX_ENTITLEMENTS});
  CHECK_EQ(kMaxProfiles, size_t{TVB_MAX_PROFILES});
}

TEST("a record comes back as it went, and its bytes are those of docs/formats.md") {
  Profile kids = profile(2, "kids", 7);
  kids.consent = 1;
  kids.region = "AT";
  kids.entitlements = {"ard"};
  std::vector<uint8_t> bytes;
  encode_profile(kids, &bytes);
  const std::vector<uint8_t> wanted = {24,  0,   0, 0, 2,   0,   0,   0,   7, 1,   1,   0,
                                       'A', 'T', 4, 0, 'k', 'i', 'd', 's', 3, 'a', 'r', 'd'};
  CHECK(bytes == wanted);
  Profile read;
  size_t used = 0;
  REQUIRE_OK(decode_profile(bytes.data(), bytes.size(), &read, &used));
  CHECK_EQ(used, bytes.size());
  std::vector<uint8_t> again;
  encode_profile(read, &again);
  CHECK(again == wanted);
}

TEST("a record of any length that is cut off is refused") {
  std::vector<uint8_t> bytes;
  encode_profile(family().all[1], &bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<uint8_t> cut(bytes.begin(),
                                   bytes.begin() + static_cast<std::ptrdiff_t>(size));
    Profile read;
    size_t used;
    CHECK_EQ(decode_profile(cut.data(), cut.size(), &read, &used).code(), Code::kCorrupt);
  }
}

TEST("random bytes are a record or refused, and never more") {
  check::Random random(21);
  for (int i = 0; i < check::scaled(200000); ++i) {
    std::vector<uint8_t> bytes;
    encode_profile(family().all[random.below(3)], &bytes);
    for (uint64_t n = random.below(4); n-- > 0;) {
      bytes[random.below(bytes.size())] = static_cast<uint8_t>(random.next());
    }
    Profile read;
    size_t used;
    if (decode_profile(bytes.data(), bytes.size(), &read, &used).ok())
      CHECK_OK(check_profile(read));
  }
}

TEST("a value out of range is refused and its field named") {
  CHECK_EQ(refusal(profile(2, "kids")), "");
  CHECK_EQ(refusal(profile(0, "kids")), "id");
  CHECK_EQ(refusal(profile(2, "kids", 19)), "max_age");
  for (const std::string& name :
       {std::string(), std::string(64, 'a'), std::string("a\nb"), std::string("\xff"),
        std::string("\xc3"), std::string("a\0b", 3), std::string("\xed\xa0\x80")}) {
    CHECK_EQ(refusal(profile(2, name)), "name");
  }
  CHECK_EQ(refusal(profile(2, std::string(63, 'a'))), "");
  Profile one = profile(2, "kids");
  one.consent = 2;
  CHECK_EQ(refusal(one), "consent");
  one = profile(2, "kids");
  for (const char* region : {"D", "de", "DEU", "D1"}) {
    one.region = region;
    CHECK_EQ(refusal(one), "region");
  }
  one = profile(2, "kids");
  for (int i = 0; i < 16; ++i) one.entitlements.push_back("p" + std::to_string(i));
  CHECK_EQ(refusal(one), "");
  one.entitlements.push_back("one too many");
  CHECK_EQ(refusal(one), "entitlements");
  for (const std::string& provider : {std::string(), std::string(32, 'a'), std::string("a:b")}) {
    one.entitlements = {provider};
    CHECK_EQ(refusal(one), "entitlements");
  }
  one.entitlements = {"netflix", "netflix"};
  CHECK_EQ(refusal(one), "entitlements");
}

TEST("a new directory has the household alone, for adults") {
  const check::TempDir dir;
  for (const std::string& folder : {dir.path(), dir / "missing"}) {
    const Loaded loaded = load(folder);
    CHECK(loaded.state == ProfilesState::kGood);
    REQUIRE(loaded.profiles.all.size() == 1);
    CHECK_EQ(loaded.profiles.all[0].id, kHousehold);
    CHECK_EQ(loaded.profiles.all[0].name, "household");
    CHECK_EQ(loaded.profiles.all[0].max_age, 18);
    CHECK_EQ(loaded.profiles.next_id, 2u);
  }
}

TEST("what was saved is loaded") {
  const check::TempDir dir;
  const Profiles wanted = family();
  REQUIRE_OK(save_profiles(dir.path(), wanted));
  const Loaded loaded = load(dir.path());
  CHECK(loaded.state == ProfilesState::kGood);
  CHECK(same(loaded.profiles, wanted));
  CHECK_EQ(loaded.profiles.find(2)->max_age, 7);
  CHECK_EQ(loaded.profiles.find("Zo\xc3\xab")->id, 8u);
  CHECK(loaded.profiles.find(3) == nullptr);
  CHECK(loaded.profiles.find("Kids") == nullptr);
}

TEST("with any byte of the file flipped its predecessor is used, with the limits that were set") {
  const check::TempDir dir;
  Profiles profiles = family();
  REQUIRE_OK(save_profiles(dir.path(), profiles));
  // The limit is lowered: from now on nothing on the disk may say 12 again.
  profiles.generation = 5;
  profiles.all[2].max_age = 6;
  REQUIRE_OK(save_profiles(dir.path(), profiles));
  const std::string path = dir / "profiles.tvp";
  const std::vector<uint8_t> whole = contents(path);
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<uint8_t> bytes = whole;
      bytes[at] ^= static_cast<uint8_t>(1u << bit);
      put(path, bytes);
      const Loaded loaded = load(dir.path());
      CHECK(loaded.state == ProfilesState::kPredecessor);
      CHECK(loaded.detail.find("profiles.tvp: ") != std::string::npos);
      CHECK(same(loaded.profiles, profiles));
    }
  }
}

TEST("cut anywhere, the file gives way to its predecessor") {
  const check::TempDir dir;
  REQUIRE_OK(save_profiles(dir.path(), family()));
  const std::string path = dir / "profiles.tvp";
  const std::vector<uint8_t> whole = contents(path);
  for (size_t size = 0; size < whole.size(); ++size) {
    put(path, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    const Loaded loaded = load(dir.path());
    CHECK(loaded.state == ProfilesState::kPredecessor);
    CHECK(same(loaded.profiles, family()));
  }
}

TEST("without a readable file there is no title above age 0 for anybody") {
  for (const bool missing : {false, true}) {
    const check::TempDir dir;
    REQUIRE_OK(save_profiles(dir.path(), family()));
    const std::vector<uint8_t> whole = contents(dir / "profiles.tvp");
    check::Random random(22);
    for (size_t at = 0; at < whole.size(); ++at) {
      std::vector<uint8_t> bytes = whole;
      bytes[at] ^= 0x10;
      put(dir / "profiles.tvp.1", bytes);
      bytes = whole;
      bytes[random.below(whole.size())] ^= 0xff;
      put(dir / "profiles.tvp", bytes);
      if (missing) REQUIRE_OK(remove_file(dir / (at % 2 == 0 ? "profiles.tvp" : "profiles.tvp.1")));
      const Loaded loaded = load(dir.path());
      CHECK(loaded.state == ProfilesState::kLost);
      CHECK(!loaded.detail.empty());
      for (const Profile& one : loaded.profiles.all) CHECK_EQ(one.max_age, 0);
    }
  }
}

TEST("a directory with history and no profiles has lost them") {
  const check::TempDir dir;
  JournalWriter writer;
  REQUIRE_OK(writer.open(dir / "journal", options(), nullptr));
  CHECK(load(dir.path()).state == ProfilesState::kGood);  // opened, and nothing observed yet
  Event event;
  REQUIRE_OK(writer.append(&event, kNow));
  const Loaded loaded = load(dir.path());
  CHECK(loaded.state == ProfilesState::kLost);
  CHECK_EQ(loaded.profiles.all[0].max_age, 0);
}

TEST("a newer major version is set aside, and what it said is not replaced by what it did not") {
  const check::TempDir dir;
  REQUIRE_OK(save_profiles(dir.path(), family()));
  REQUIRE_OK(remove_file(dir / "profiles.tvp.1"));
  std::vector<uint8_t> bytes = contents(dir / "profiles.tvp");
  bytes[8] = 2;
  const uint64_t hash = xxh64(bytes.data(), 56);
  std::memcpy(bytes.data() + 56, &hash, sizeof hash);
  put(dir / "profiles.tvp", bytes);
  Loaded loaded;
  REQUIRE_OK(load_profiles(dir.path(), &loaded.profiles, &loaded.state, &loaded.detail, false));
  CHECK(loaded.state == ProfilesState::kLost);
  CHECK(std::filesystem::exists(dir / "profiles.tvp"));
  CHECK(load(dir.path()).state == ProfilesState::kLost);
  CHECK(contents(dir / "profiles.tvp.newer") == bytes);
  CHECK(load(dir.path()).state == ProfilesState::kLost);  // and again, now that it has been renamed
}

TEST("whichever operation of a save fails, old or new is loaded and no predecessor is looser") {
  for (const int error : {ENOSPC, EIO, EACCES}) {
    for (uint64_t failing = 0;; ++failing) {
      const check::TempDir dir;
      REQUIRE_OK(save_profiles(dir.path(), family()));
      Profiles stricter = family();
      stricter.generation = 5;
      stricter.all[2].max_age = 0;
      uint64_t at = 0;
      Status status;
      {
        const Faulty faulty([&](const FileCall&) -> FileFault {
          return {at++ == failing ? error : 0, failing % 40};
        });
        status = save_profiles(dir.path(), stricter);
      }
      if (at <= failing) {
        CHECK_OK(status);
        break;
      }
      const Loaded loaded = load(dir.path());
      CHECK(loaded.state == ProfilesState::kGood);
      CHECK(same(loaded.profiles, stricter) || same(loaded.profiles, family()));
      if (!status.ok()) continue;
      CHECK(same(loaded.profiles, stricter));
      put(dir / "profiles.tvp", {});
      const Loaded older = load(dir.path());
      CHECK(older.state == ProfilesState::kLost || same(older.profiles, stricter));
    }
  }
}

TEST("the journal's records bring an older file up to date, each once") {
  Profiles profiles = family();
  Profile kids = *profiles.find(2);
  kids.max_age = 5;
  const Event update = profile_event(Kind::kProfileUpdate, kids, 5, kNow);
  CHECK_EQ(update.profile, 2u);
  CHECK(profiles.apply(update));
  CHECK_EQ(profiles.find(2)->max_age, 5);
  CHECK_EQ(profiles.generation, 5u);
  CHECK(!profiles.apply(update));  // a generation that the file has

  CHECK(profiles.apply(profile_event(Kind::kProfileCreate, profile(9, "new"), 6, kNow)));
  CHECK_EQ(profiles.next_id, 10u);
  CHECK(profiles.apply(profile_event(Kind::kProfileDelete, profile(9, "new"), 7, kNow)));
  CHECK(profiles.find(9) == nullptr);
  CHECK_EQ(profiles.next_id, 10u);  // an id is never used twice
  kids.consent = 1;
  CHECK(profiles.apply(profile_event(Kind::kConsent, kids, 8, kNow)));
  CHECK_EQ(profiles.find(2)->consent, 1);
  Profiles back;
  REQUIRE_OK(Profiles::decode(profiles.encode(), "test", &back));
  CHECK(same(back, profiles));
}

TEST("a record that makes no sense changes nothing") {
  const Profiles before = family();
  Profiles profiles = before;
  CHECK(!profiles.apply(profile_event(Kind::kProfileDelete, profile(1, "household"), 5, kNow)));
  CHECK(!profiles.apply(profile_event(Kind::kProfileUpdate, profile(2, "kids", 19), 5, kNow)));
  CHECK(!profiles.apply(profile_event(Kind::kSelect, profile(2, "kids"), 5, kNow)));
  Event cut = profile_event(Kind::kProfileUpdate, profile(2, "kids", 3), 5, kNow);
  while (!cut.added.empty()) {
    cut.added.pop_back();
    CHECK(!profiles.apply(cut));
  }
  CHECK(same(profiles, before));
  uint32_t id = 20;
  while (profiles.all.size() < kMaxProfiles) {
    CHECK(profiles.apply(
        profile_event(Kind::kProfileCreate, profile(id, "p"), profiles.generation + 1, kNow)));
    ++id;
  }
  CHECK(!profiles.apply(profile_event(Kind::kProfileCreate, profile(id, "p"), 99, kNow)));
}

TEST("an erasure moves the epoch and only forward") {
  Profiles profiles = family();
  Event erase;
  erase.kind = Kind::kErase;
  erase.added.assign(16, 0);
  for (const uint8_t epoch : {1, 2}) {
    erase.added[8] = epoch;
    CHECK(!profiles.apply(erase));
  }
  erase.added[8] = 3;
  CHECK(profiles.apply(erase));
  CHECK_EQ(profiles.erasure_epoch, 3u);
  CHECK_EQ(profiles.generation, 4u);
  erase.added.resize(15);
  CHECK(!profiles.apply(erase));
}

TEST("files whose sections disagree are refused") {
  const auto refused = [](const Profiles& wrong) {
    Profiles read;
    return Profiles::decode(wrong.encode(), "test", &read).code() == Code::kCorrupt;
  };
  Profiles wrong = family();
  CHECK(!refused(wrong));
  wrong.next_id = 8;
  CHECK(refused(wrong));
  wrong = family();
  std::swap(wrong.all[1], wrong.all[2]);
  CHECK(refused(wrong));
  wrong = family();
  wrong.all.erase(wrong.all.begin());
  CHECK(refused(wrong));
  wrong = family();
  wrong.all[1].max_age = 200;
  CHECK(refused(wrong));
  wrong = family();
  for (uint32_t id = 10; wrong.all.size() <= kMaxProfiles; ++id)
    wrong.all.push_back(profile(id, "p"));
  wrong.next_id = 100;
  CHECK(refused(wrong));
}
