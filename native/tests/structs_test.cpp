// Hosts built against another release of the header: larger structs, larger array elements, and nothing written beyond.
#include "host.hpp"

namespace {

using host::Host;

constexpr unsigned char kUntouched = 0xA5;
constexpr uint32_t kFirstContext = 80;  // before tvb_context.item
constexpr uint32_t kFirstHealth = 384;

// A struct of a newer header: T, then fields that this library does not know.
template <typename T>
struct Newer {
  T known;
  unsigned char tail[24];
  Newer() {
    std::memset(static_cast<void*>(this), kUntouched, sizeof *this);
    std::memset(static_cast<void*>(&known), 0, sizeof known);
    size() = sizeof *this;
  }
  uint32_t& size() { return *reinterpret_cast<uint32_t*>(&known); }
  bool tail_is_untouched() const {
    for (const unsigned char byte : tail) {
      if (byte != kUntouched) return false;
    }
    return true;
  }
};

// `call` must take a larger struct, leave what it does not know alone, keep struct_size, and refuse sizes that no
// header has: below the size of the struct's first release too.
template <typename T, typename Call>
void check_sizes(const char* name, Newer<T>* value, Call&& call,
                 uint32_t first = static_cast<uint32_t>(sizeof(T))) {
  const uint32_t good = sizeof *value;
  if (call(&value->known) < 0) check::fail(name, 0, tvb_last_error());
  if (value->size() != good || !value->tail_is_untouched()) check::fail(name, 0, "wrote beyond");
  for (const uint32_t bad : {uint32_t{0}, uint32_t{4}, first - 1, uint32_t{1} << 31, UINT32_MAX,
                             uint32_t{kUntouched} * 0x01010101u}) {
    value->size() = bad;
    if (call(&value->known) != TVB_E_INVALID) check::fail(name, static_cast<int>(bad), "taken");
    if (std::strstr(tvb_last_error(), "struct_size") == nullptr) {
      check::fail(name, 0, tvb_last_error());
    }
  }
  value->size() = good;
}

}  // namespace

TEST("structs of a newer header are taken, and sizes of none are refused") {
  Host host;
  tvb_brain* brain = host.brain;

  Newer<tvb_version_info> version;
  check_sizes("version", &version, [](tvb_version_info* out) { return tvb_version(out); });

  Newer<tvb_event> event;
  const tvb_event plain = host.event(TVB_EVENT_COMPLETE, "a:heat");
  std::memcpy(reinterpret_cast<char*>(&event.known) + 4, reinterpret_cast<const char*>(&plain) + 4,
              sizeof plain - 4);
  check_sizes("event", &event, [&](tvb_event* in) { return tvb_observe(brain, in); });

  Newer<tvb_context> context;
  context.known.profile = 1;
  tvb_slate slate = TVB_SLATE_INIT;
  check_sizes(
      "context", &context,
      [&](tvb_context* in) { return tvb_recommend(brain, in, &slate, host.items, 20); },
      kFirstContext);

  const tvb_context now = host.context();
  Newer<tvb_slate> larger;
  larger.known.item_size = sizeof(tvb_slate_item);
  check_sizes("slate", &larger,
              [&](tvb_slate* out) { return tvb_recommend(brain, &now, out, host.items, 20); });
  CHECK(larger.known.count > 0);

  Newer<tvb_explanation> why;
  check_sizes("explanation", &why,
              [&](tvb_explanation* out) { return tvb_explain(brain, "a:heat", &now, out); });
  Newer<tvb_item> item;
  check_sizes("item", &item,
              [&](tvb_item* out) { return tvb_item_get(brain, "a:heat", nullptr, out); });
  Newer<tvb_offer> offer;
  check_sizes("offer", &offer,
              [&](tvb_offer* out) { return tvb_offer_get(brain, "a:heat", 0, out); });
  Newer<tvb_health_info> health;
  check_sizes(
      "health", &health, [&](tvb_health_info* out) { return tvb_health(brain, out); },
      kFirstHealth);

  Newer<tvb_profile> profile;
  std::strcpy(profile.known.name, "newer");
  profile.known.max_age = 6;
  check_sizes("profile", &profile, [&](tvb_profile* in) {
    const int32_t result = tvb_profile_create(brain, in);
    return result == TVB_E_EXISTS ? TVB_OK : result;
  });
  check_sizes("profile", &profile, [&](tvb_profile* in) { return tvb_profile_update(brain, in); });
  check_sizes("profile", &profile,
              [&](tvb_profile* out) { return tvb_profile_get(brain, 2, out); });

  Newer<tvb_open_options> options;
  options.known.flags = TVB_OPEN_NO_THREAD | TVB_OPEN_READ_ONLY;
  check_sizes("options", &options, [&](tvb_open_options* in) {
    tvb_brain* other = nullptr;
    const int32_t result = tvb_open(host.data().c_str(), host.pack().c_str(), in, &other);
    if (other != nullptr) host::must(tvb_close(other));
    return result;
  });
}

TEST("arrays of a newer header's larger elements are filled at its stride") {
  struct NewerItem {
    tvb_slate_item known;
    unsigned char tail[12];
  };
  struct NewerRow {
    tvb_row known;
    unsigned char tail[8];
  };
  Host host;
  const auto context = host.context();
  const auto expected = host.ids(context);
  NewerItem items[20];
  std::memset(static_cast<void*>(items), kUntouched, sizeof items);
  tvb_slate slate = TVB_SLATE_INIT;
  slate.item_size = sizeof(NewerItem);
  host::must(tvb_recommend(host.brain, &context, &slate, &items[0].known, 20));
  REQUIRE(slate.count == expected.size());
  for (size_t i = 0; i < 20; ++i) {
    for (const unsigned char byte : items[i].tail) CHECK_EQ(byte, kUntouched);
    if (i < slate.count) CHECK_EQ(std::string(items[i].known.item), expected[i]);
  }
  tvb_screen screen = TVB_SCREEN_INIT;
  screen.item_size = sizeof(NewerItem);
  screen.row_size = sizeof(NewerRow);
  NewerRow rows[3];
  std::memset(static_cast<void*>(rows), kUntouched, sizeof rows);
  NewerItem many[60];
  host::must(tvb_rows(host.brain, &context, &screen, &rows[0].known, 3, &many[0].known, 60));
  REQUIRE(screen.row_count >= 1);
  CHECK_EQ(rows[0].known.first, 0u);
  for (const NewerRow& row : rows) {
    for (const unsigned char byte : row.tail) CHECK_EQ(byte, kUntouched);
  }
  // A stride that no header has is an uninitialised one.
  for (const uint32_t bad : {uint32_t{0}, uint32_t{sizeof(tvb_slate_item) - 1}, UINT32_MAX}) {
    slate.item_size = bad;
    CHECK_EQ(tvb_recommend(host.brain, &context, &slate, host.items, 20), TVB_E_INVALID);
    screen.item_size = bad;
    CHECK_EQ(tvb_rows(host.brain, &context, &screen, &rows[0].known, 3, &many[0].known, 60),
             TVB_E_INVALID);
  }
}

TEST("a host that was built before the context had an item has its screen without More like this") {
  Host host;
  tvb_context context = host.context();
  std::strcpy(context.item, "a:heat");
  tvb_screen screen = TVB_SCREEN_INIT;
  tvb_row rows[12];
  std::vector<tvb_slate_item> items(12 * 20);
  const auto kinds = [&] {
    host::must(tvb_rows(host.brain, &context, &screen, rows, 12, items.data(), 240));
    std::vector<int32_t> found;
    for (uint32_t i = 0; i < screen.row_count; ++i) found.push_back(rows[i].kind);
    return found;
  };
  const auto has = [](const std::vector<int32_t>& all) {
    return std::count(all.begin(), all.end(), TVB_ROW_MORE_LIKE_THIS) == 1;
  };
  CHECK(has(kinds()));
  context.struct_size = kFirstContext;
  std::memset(&context.reserved, kUntouched, sizeof context.reserved);  // padding in its days
  CHECK(!has(kinds()));
  context.struct_size = sizeof context;
  std::strcpy(context.item, "a:no such title");
  CHECK_EQ(tvb_rows(host.brain, &context, &screen, rows, 12, items.data(), 240), TVB_E_NO_ITEM);
}

TEST("fields kept for later must be zero, so that a later library may give them a meaning") {
  Host host;
  tvb_event event = host.event(TVB_EVENT_COMPLETE, "a:heat");
  event.reserved = 1;
  CHECK_EQ(tvb_observe(host.brain, &event), TVB_E_INVALID);
  tvb_open_options options;
  std::memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.reserved = 1;
  tvb_brain* other = nullptr;
  CHECK_EQ(tvb_open(host.data().c_str(), host.pack().c_str(), &options, &other), TVB_E_INVALID);
}
