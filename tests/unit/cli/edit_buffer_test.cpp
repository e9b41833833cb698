// Keys on a text. The cursor is written as `|`.

#include "cli/editor/edit_buffer.h"

#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "api/quern.hpp"

namespace quern::cli {
namespace {

std::string after(std::string text, const std::function<void(EditBuffer&)>& keys) {
  const auto cursor = text.find('|');
  text.erase(cursor, 1);
  EditBuffer buffer;
  buffer.set(text, cursor);
  keys(buffer);
  auto out = buffer.text();
  return out.insert(buffer.cursor(), "|");
}

}  // namespace

TEST_CASE("the cursor moves by characters, words and lines") {
  CHECK(after("ab|c", [](auto& b) { b.left(); }) == "a|bc");
  CHECK(after("日|本", [](auto& b) { b.left(); }) == "|日本");
  CHECK(after("xe\u0301|y", [](auto& b) { b.left(); }) == "x|e\u0301y");
  CHECK(after("x|e\u0301y", [](auto& b) { b.right(); }) == "xe\u0301|y");
  CHECK(after("|", [](auto& b) { b.left(), b.right(); }) == "|");
  CHECK(after("one two|", [](auto& b) { b.word_left(); }) == "one |two");
  CHECK(after("|one, two", [](auto& b) { b.word_right(); }) == "one|, two");
  CHECK(after("ab\ncd|e", [](auto& b) { b.up(); }) == "ab|\ncde");
  CHECK(after("a日c\nxy|z", [](auto& b) { b.up(); }) == "a|日c\nxyz");
  CHECK(after("ab|\nc", [](auto& b) { b.down(); }) == "ab\nc|");
  CHECK(after("ab\ncd|", [](auto& b) { b.line_begin(); }) == "ab\n|cd");
  CHECK(after("|ab\ncd", [](auto& b) { b.line_end(); }) == "ab|\ncd");
}

TEST_CASE("what is taken comes back") {
  CHECK(after("one two|", [](auto& b) { b.kill_word_left(), b.line_begin(), b.yank(); }) ==
        "two|one ");
  CHECK(after("ab|cd\nef", [](auto& b) { b.kill_to_line_end(); }) == "ab|\nef");
  CHECK(after("ab|\nef", [](auto& b) { b.kill_to_line_end(); }) == "ab|ef");
  CHECK(after("ab\ncd|", [](auto& b) { b.kill_to_line_begin(); }) == "ab\n|");
  CHECK(after("ab|c", [](auto& b) { b.transpose(); }) == "acb|");
  CHECK(after("abc|", [](auto& b) { b.transpose(); }) == "acb|");
  CHECK(after("a|", [](auto& b) { b.erase_left(), b.erase_left(), b.erase_right(); }) == "|");
  CHECK(after("xe\u0301|", [](auto& b) { b.erase_left(); }) == "x|");
  CHECK(after("ab|", [](auto& b) { b.insert("c"), b.insert("d"), b.undo(); }) == "ab|");
  CHECK(after("ab|", [](auto& b) { b.insert("long"), b.erase_left(), b.undo(), b.undo(); }) ==
        "ab|");
}

TEST_CASE("no keys break a text") {
  std::mt19937 random(7);
  const std::string pieces[] = {"a", "日", "e\u0301", "\n", " ", "👍", "(", "word"};
  EditBuffer buffer;
  for (int i = 0; i < 20000; ++i) {
    switch (random() % 20) {
      case 0: buffer.left(); break;
      case 1: buffer.right(); break;
      case 2: buffer.word_left(); break;
      case 3: buffer.word_right(); break;
      case 4: buffer.up(); break;
      case 5: buffer.down(); break;
      case 6: buffer.erase_left(); break;
      case 7: buffer.erase_right(); break;
      case 8: buffer.kill_word_left(); break;
      case 9: buffer.kill_word_right(); break;
      case 10: buffer.kill_to_line_end(); break;
      case 11: buffer.kill_to_line_begin(); break;
      case 12: buffer.yank(); break;
      case 13: buffer.transpose(); break;
      case 14: buffer.undo(); break;
      case 15: buffer.line_begin(); break;
      default: buffer.insert(pieces[random() % 8]);
    }
    REQUIRE(buffer.cursor() <= buffer.text().size());
    if (buffer.text().size() > 4000) buffer.set("");
    // Neither the text nor the cursor ever cuts a code point.
    const bool inside =
        buffer.cursor() < buffer.text().size() &&
        (static_cast<unsigned char>(buffer.text()[buffer.cursor()]) & 0xC0U) == 0x80U;
    REQUIRE_FALSE(inside);
  }
}

}  // namespace quern::cli
