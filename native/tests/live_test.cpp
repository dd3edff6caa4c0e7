// The live state of a profile: records wait until the history is asked for, and none is folded twice or out of order.
#include "tvcore/live.hpp"

#include "check.hpp"
#include "histories.hpp"

using tvcore::Fold;

namespace {

std::vector<uint8_t> bytes_of(const Fold& fold) {
  std::vector<uint8_t> bytes;
  fold.encode(&bytes);
  return bytes;
}

}  // namespace

TEST(
    "however many records wait between two questions, the history is that of folding each as it "
    "came") {
  check::Random random(31);
  tvcore::LiveProfile live{Fold(1)};
  Fold folded(1);
  int64_t now = histories::kStart;
  for (const size_t waiting : {1u, 63u, 64u, 65u, 66u, 2u, 127u, 128u, 200u, 0u, 64u, 5u}) {
    for (size_t i = 0; i < waiting; ++i) {
      now += 60000;
      tvcore::Event event = histories::random_event(&random, 40, now);
      event.profile = 1;
      folded.apply(event);
      live.apply(std::move(event));
    }
    CHECK(bytes_of(live.copy()) == bytes_of(folded));
  }
}
