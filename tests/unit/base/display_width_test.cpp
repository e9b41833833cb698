// Widths on a terminal: base/display_width. Expected by Unicode's East_Asian_Width and categories.

#include "base/display_width.h"

#include <catch2/catch.hpp>
#include <string>

using namespace quern;

TEST_CASE("narrow, wide and combining code points") {
  CHECK(display_width("") == 0);
  CHECK(display_width("label") == 5);
  CHECK(display_width("größe") == 5);
  CHECK(display_width("データ型") == 8);
  CHECK(display_width("한국어") == 6);
  CHECK(display_width("ｗｉｄｅ") == 8);
  CHECK(display_width("ﾊﾝｶｸ") == 4);  // half-width katakana
  CHECK(display_width("🙂 ok") == 5);
  CHECK(display_width("cafe\u0301") == 4);
  CHECK(display_width("नमस्ते") == 4);             // the virama and the vowel sign e take no column
  CHECK(display_width("a\u200Bb\u00ADc") == 4);  // a zero-width space; a soft hyphen is drawn
}

TEST_CASE("the ends of the tables") {
  CHECK(display_width("\u02FF\u0300\u036F\u0370") == 2);
  CHECK(display_width("\u10FF\u1100\u115F\u1160\u11FF\u1200") == 6);
  CHECK(display_width("\U0001FFFD\U00020000\U0003FFFD") == 5);
  CHECK(display_width("\U000E01EF\U0010FFFD") == 1);
}

TEST_CASE("control characters take no column, bytes that are no UTF-8 one each") {
  CHECK(display_width(std::string("a\0\x1B\x7F"
                                  "b",
                                  5)) == 2);
  CHECK(display_width("\u0085\u009F") == 0);
  CHECK(display_width("caf\xE9") == 4);
  CHECK(display_width("\xE6\xBC") == 2);
  CHECK(display_width("\xC0\x80\xFF") == 3);
}

TEST_CASE("a beginning ends with a whole code point and the marks on it") {
  CHECK(prefix_within("label", 3) == "lab");
  CHECK(prefix_within("label", 9) == "label");
  CHECK(prefix_within("数据", 3) == "数");
  CHECK(prefix_within("cafe\u0301s", 4) == "cafe\u0301");
  CHECK(prefix_within("", 4).empty());
}
