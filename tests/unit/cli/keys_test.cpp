// Bytes of terminals, whole and in pieces.

#include "cli/editor/keys.h"

#include <catch2/catch.hpp>
#include <vector>

namespace quern::cli {
namespace {

using Kind = Key::Kind;

std::vector<Key> keys_of(KeyDecoder& decoder, std::string_view bytes) {
  std::vector<Key> out;
  decoder.feed(bytes);
  while (auto key = decoder.next()) out.push_back(*key);
  return out;
}

std::vector<Key> keys_of(std::string_view bytes) {
  KeyDecoder decoder;
  return keys_of(decoder, bytes);
}

}  // namespace

TEST_CASE("sequences are keys") {
  const std::vector<std::pair<std::string_view, Kind>> known{
      {"\x1b[A", Kind::up},      {"\x1bOA", Kind::up},       {"\x1b[1;5C", Kind::word_right},
      {"\x1b[D", Kind::left},    {"\x1b[3~", Kind::erase},   {"\x1b[H", Kind::home},
      {"\x1b[4~", Kind::end},    {"\x1b[5~", Kind::page_up}, {"\x1b[Z", Kind::back_tab},
      {"\r", Kind::enter},       {"\n", Kind::enter},        {"\x7f", Kind::backspace},
      {"\x08", Kind::backspace}, {"\t", Kind::tab},          {"\x1bOP", Kind::help},
      {"\x1b[99~", Kind::other}};
  for (const auto& [bytes, kind] : known) {
    CAPTURE(bytes);
    const auto keys = keys_of(bytes);
    REQUIRE(keys.size() == 1);
    CHECK(keys[0].kind == kind);
    KeyDecoder slow;  // a byte at a time is the same
    std::vector<Key> pieces;
    for (const char c : bytes) {
      for (const auto& key : keys_of(slow, {&c, 1})) pieces.push_back(key);
    }
    REQUIRE(pieces.size() == 1);
    CHECK(pieces[0].kind == kind);
  }
  CHECK(keys_of("\x12")[0].letter == 'r');
  CHECK(keys_of("\x1b\x66")[0].kind == Kind::alt);
}

TEST_CASE("answers of a terminal are no text") {
  for (const std::string answer : {"\x1b_Gi=31;OK\x1b\\", "\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
                                   "\x1b]11;rgb:0/0/0\a", "\x1b[6;20;10t", "\x1b[?62;4c"}) {
    CAPTURE(answer);
    const auto whole = keys_of(answer + "x");
    REQUIRE(whole.size() == 2);
    CHECK(whole[0].kind == Kind::other);
    CHECK(whole[1].text == "x");
    KeyDecoder slow;
    std::vector<Key> pieces;
    for (const char c : answer) {
      for (const auto& key : keys_of(slow, {&c, 1})) pieces.push_back(key);
    }
    REQUIRE(pieces.size() == 1);
    CHECK(pieces[0].kind == Kind::other);
  }
  const auto alt = keys_of("\x1b_x");
  REQUIRE(alt.size() == 2);
  CHECK(alt[0].letter == '_');
}

TEST_CASE("escape alone needs a pause") {
  KeyDecoder decoder;
  CHECK(keys_of(decoder, "\x1b").empty());
  CHECK(decoder.unfinished());
  CHECK(decoder.flush()->kind == Kind::escape);
  CHECK_FALSE(decoder.unfinished());
}

TEST_CASE("text is UTF-8 or what stands for it") {
  CHECK(keys_of("日本")[0].text == "日本");
  KeyDecoder decoder;
  CHECK(keys_of(decoder, "\xe6\x97").empty());
  CHECK(keys_of(decoder, "\xa5")[0].text == "日");
  CHECK(keys_of("a\xff"
                "b")[0]
            .text ==
        "a\uFFFD"
        "b");
  CHECK(keys_of("\xed\xa0\x80")[0].text == "\uFFFD\uFFFD\uFFFD");  // a surrogate
  CHECK(keys_of("\xc2\x9b"
                "1m")[0]
            .text == "1m");  // CSI in eight bits
  CHECK(valid_utf8("\xf0\x9f") == "\uFFFD\uFFFD");
}

TEST_CASE("a paste is one key, and no keys are in it") {
  const auto keys = keys_of("\x1b[200~a\rb\r\nc\td\x1b[A\x03\x7f\x1b[201~x");
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].kind == Kind::paste);
  CHECK(keys[0].text == "a\nb\nc\td[A");
  CHECK(keys[1].text == "x");
  KeyDecoder decoder;
  CHECK(keys_of(decoder, "\x1b[200~one\x1b[20").empty());
  CHECK_FALSE(decoder.unfinished());  // it may take its time
  const auto rest = keys_of(decoder, "1~");
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].text == "one");
}

}  // namespace quern::cli
