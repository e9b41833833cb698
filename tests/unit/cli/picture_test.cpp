// Shapes whose points are known, and answers of terminals between keys. The encoded forms are read
// back in tests/repl/pictures.py.

#include <catch2/catch.hpp>

#include "cli/charts/image.h"
#include "cli/charts/picture_terminal.h"

namespace quern::cli {

TEST_CASE("a stroke covers what it passes") {
  Image image(10, 5);
  image.stroke({{0, 2.5}, {10, 2.5}}, 0.5, {10, 20, 30});
  for (std::size_t x = 0; x < 10; ++x) {
    CHECK(image.coverage(x, 2) == 255);
    CHECK(image.colour(x, 2) == Colour{10, 20, 30});
    CHECK(image.coverage(x, 1) == 0);
    CHECK(image.coverage(x, 3) == 0);
  }
  Image between(4, 4);
  between.stroke({{0, 2}, {4, 2}, {0, 2}}, 0.5, {});  // twice the same way
  CHECK(between.coverage(1, 1) == 128);
  CHECK(between.coverage(1, 2) == 128);
}

TEST_CASE("what is painted later is above") {
  Image image(3, 1);
  image.fill({0, 0}, {2, 1}, {200, 0, 0}, 255);
  image.fill({1, 0}, {9, 9}, {0, 100, 0}, 128);
  CHECK(image.colour(0, 0) == Colour{200, 0, 0});
  CHECK(image.colour(1, 0) == Colour{99, 50, 0});
  CHECK(image.coverage(1, 0) == 255);
  CHECK(image.colour(2, 0) == Colour{0, 100, 0});
  CHECK(image.coverage(2, 0) == 128);
  Image dot(5, 5);
  dot.dots({{2.5, 2.5}, {2.5, 2.5}, {-90, 90}}, 1, {1, 2, 3});
  CHECK(dot.coverage(2, 2) == 255);
  CHECK(dot.coverage(3, 2) == 128);
  CHECK(dot.coverage(4, 4) == 0);
}

TEST_CASE("terminals say what they show") {
  const auto answers_of = [](std::string& bytes, bool& all) {
    PictureTerminal found;
    all = take_picture_answers(bytes, found);
    return found;
  };
  bool all = false;
  std::string bytes = "a\x1b_Gi=31;OK\x1b\\b\x1b]11;rgb:ffff/8080/00\a\x1b[6;30;15tc\x1b[?62;4cd";
  auto found = answers_of(bytes, all);
  CHECK(all);
  CHECK(bytes == "abcd");
  CHECK(found.protocol == PictureProtocol::kitty);
  CHECK(found.cell_width == 15);
  CHECK(found.cell_height == 30);
  CHECK(found.background == Colour{255, 128, 0});

  bytes = "\x1b[?62;22;4c\x1b[A";
  CHECK(answers_of(bytes, all).protocol == PictureProtocol::sixel);
  CHECK((all && bytes == "\x1b[A"));
  bytes = "\x1b[?64;1;14;44c";  // 4 is an attribute, not a digit of one, nor the class
  CHECK(answers_of(bytes, all).protocol == PictureProtocol::none);
  bytes = "\x1b[?4c";
  CHECK(answers_of(bytes, all).protocol == PictureProtocol::none);
  bytes = "\x1b_Gi=31;ENOTSUP:no\x1b\\\x1b[?62c";
  CHECK(answers_of(bytes, all).protocol == PictureProtocol::none);
  CHECK((all && bytes.empty()));
  bytes = "\x1b[6;0;9999t\x1b[?62;4";  // sizes that no letter has; the last answer is cut
  found = answers_of(bytes, all);
  CHECK_FALSE(all);
  CHECK(bytes == "\x1b[?62;4");
  CHECK((found.cell_width == 10 && found.cell_height == 20));
}

}  // namespace quern::cli
