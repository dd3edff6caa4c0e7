// Search by meaning through the C interface, on the pack with an encoder that tests/pack/test_encoder.py wrote once.
#include <string>
#include <vector>

#include "host.hpp"

namespace {

struct Words {
  Words() {
    const std::string pack =
        std::string(TVBRAIN_SOURCE_DIR) + "/tests/golden/pack-1.1-encoder.tvpack";
    tvb_open_options options;
    std::memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = TVB_OPEN_NO_THREAD;
    options.clock_trusted = 1;
    host::must(tvb_open((folder / "data").c_str(), pack.c_str(), &options, &brain));
  }
  ~Words() { host::must(tvb_close(brain)); }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  std::vector<tvb_slate_item> find(const char* text) {
    tvb_context context = TVB_CONTEXT_INIT;
    context.at = host::kNow;
    tvb_slate slate = TVB_SLATE_INIT;
    std::vector<tvb_slate_item> items(20);
    host::must(tvb_search(brain, text, &context, &slate, items.data(), 20));
    items.resize(slate.count);
    return items;
  }

  check::TempDir folder;
  tvb_brain* brain = nullptr;
};

}  // namespace

TEST("a title is found by what it is about, without its name") {
  Words words;
  for (const char* text : {"a way through space", "SPACE, far away!"}) {
    const std::vector<tvb_slate_item> found = words.find(text);
    REQUIRE(!found.empty());
    CHECK_EQ(std::string(found[0].item), "a:2");
    CHECK_EQ(found[0].reason, TVB_REASON_QUERY);
    CHECK(found[0].score > 0.0f);
    CHECK(found[0].score <= 1.0f);  // a cosine: titles that are named score above 2
  }
}

TEST("a title that is named comes before one that is described") {
  Words words;
  const std::vector<tvb_slate_item> found = words.find("long night");
  REQUIRE(!found.empty());
  CHECK_EQ(std::string(found[0].item), "a:1");
  CHECK(found[0].score > 2.0f);
}

TEST("a text of which the encoder knows nothing describes nothing") {
  Words words;
  CHECK(words.find("1 2 3").empty());
}
