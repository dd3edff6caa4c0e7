#include "check.hpp"

#include <filesystem>
#include <fstream>

#include "temp_dir.hpp"
#include "tvcore/status.hpp"

TEST("splitmix64 gives the published sequence of seed 1234567") {
  check::Random random(1234567);
  CHECK_EQ(random.next(), 6457827717110365317ull);
  CHECK_EQ(random.next(), 3203168211198807973ull);
}

TEST("between covers both ends and nothing else") {
  check::Random random(1);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 1000; ++i) {
    const int64_t value = random.between(-2, 2);
    CHECK(value >= -2 && value <= 2);
    low = low || value == -2;
    high = high || value == 2;
  }
  CHECK(low);
  CHECK(high);
}

TEST("a scaled count is never zero") { CHECK(check::scaled(1) >= 1); }

TEST("a folder of a test is gone with what is in it") {
  std::string path;
  {
    check::TempDir folder;
    path = folder.path();
    std::ofstream(folder / "file") << "x";
    CHECK(std::filesystem::exists(folder / "file"));
  }
  CHECK(!std::filesystem::exists(path));
}

TEST("a status that is a success passes") {
  CHECK_OK(tvcore::Status());
  REQUIRE_OK(tvcore::Status());
}
