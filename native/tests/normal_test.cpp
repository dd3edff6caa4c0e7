#include "tvcore/normal.hpp"

#include <string>

#include "check.hpp"

using tvcore::is_utf8;
using tvcore::normal_form;

TEST("case, marks and punctuation do not matter") {
  CHECK_EQ(normal_form("Amélie"), "amelie");
  CHECK_EQ(normal_form("AMELIE!"), "amelie");
  CHECK_EQ(normal_form("Ame\u0301lie"), "amelie");
  CHECK_EQ(normal_form("Ocean's Eleven"), "oceans eleven");
  CHECK_EQ(normal_form("Ocean\u2019s  Eleven "), "oceans eleven");
  CHECK_EQ(normal_form("Fast & Furious"), "fast and furious");
  CHECK_EQ(normal_form("Fast&Furious"), "fast and furious");
  CHECK_EQ(normal_form("Spider-Man: No Way Home"), "spider man no way home");
  CHECK_EQ(normal_form("M*A*S*H"), "m a s h");
}

TEST("every letter of Latin-1 and Latin Extended-A folds") {
  CHECK_EQ(normal_form("Straße Ærø Œuvre Łódź Þór Đặng"), "strasse aero oeuvre lodz thor dặng");
  CHECK_EQ(normal_form("ĳıŀŉŋſĸ Ñandú İstanbul Žižek"), "ijilnnsk nandu istanbul zizek");
  CHECK_EQ(normal_form("2 × 2 ÷ 1"), "2 × 2 ÷ 1");
}

TEST("other scripts stay as they are") {
  CHECK_EQ(normal_form("기생충 (Parasite)"), "기생충 parasite");
  CHECK_EQ(normal_form("Брат"), "Брат");
}

TEST("bytes that are no UTF-8 separate words") {
  CHECK_EQ(normal_form("a\xff"
                       "b"),
           "a b");
  CHECK_EQ(normal_form("a\xc3"), "a");
  CHECK_EQ(normal_form("a\xc0\x80"
                       "b"),
           "a b");  // overlong
  CHECK_EQ(normal_form("a\xed\xa0\x80"
                       "b"),
           "a b");  // a surrogate
  CHECK_EQ(normal_form("a\xf4\x90\x80\x80"
                       "b"),
           "a b");  // over U+10FFFF
  CHECK_EQ(normal_form(std::string("a\0b", 3)), "a b");
}

TEST("it is at most 255 bytes, cut at a character, without a trailing space") {
  CHECK_EQ(normal_form(std::string(300, 'x')), std::string(255, 'x'));
  CHECK_EQ(normal_form(std::string(254, 'x') + "기"), std::string(254, 'x'));
  CHECK_EQ(normal_form(std::string(254, 'x') + " y"), std::string(254, 'x'));
  CHECK_EQ(normal_form(std::string(252, 'x') + "기"), std::string(252, 'x') + "기");
}

TEST("the normal form of a normal form is itself") {
  check::Random random(3);
  const char* pieces[] = {"a",  "Z",    " ",    "&", "'", "é",     "ß",
                          "기", "\xff", "\xc3", "-", "9", "\u0301"};
  for (int i = 0; i < check::scaled(20000); ++i) {
    std::string text;
    for (uint64_t n = random.below(150); n > 0; --n) text += pieces[random.below(13)];
    const std::string once = normal_form(text);
    CHECK_EQ(normal_form(once), once);
    CHECK(is_utf8(once));
    CHECK(once.size() <= 255);
  }
}

TEST("well-formed UTF-8 is told from the rest") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("añ기\U0001F600"));
  CHECK(!is_utf8("\x80"));
  CHECK(!is_utf8("\xe0\x80\x80"));
  CHECK(!is_utf8("\xf0\x80\x80\x80"));
}
