// One look at each byte; text of printable ASCII is only copied.

#include "cli/visible_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/editor/keys.h"

namespace quern::cli {
namespace {

bool plain(char c) { return c >= 0x20 && c < 0x7F; }

std::string escape(const char* format, unsigned value) {
  std::array<char, 12> out;
  std::snprintf(out.data(), out.size(), format, value);
  return out.data();
}

std::string shown_control(char c) {
  switch (c) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return escape("\\x%02x", static_cast<unsigned char>(c));
  }
}

/// U+0080 to U+009F; U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069.
bool steers(unsigned point) {
  return (point >= 0x80 && point < 0xA0) || point == 0x61C || point == 0x200E || point == 0x200F ||
         (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

unsigned point_of(std::string_view bytes) {
  unsigned point = static_cast<unsigned char>(bytes[0]) & (0x7FU >> bytes.size());
  for (const char c : bytes.substr(1))
    point = (point << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  return point;
}

std::string make_visible(std::string_view text, bool lines) {
  std::string out;
  while (!text.empty()) {
    const char c = text[0];
    const auto byte = static_cast<unsigned char>(c);
    std::size_t length = 1;
    if (plain(c) || (lines && (c == '\n' || c == '\t'))) {
      out += c;
    } else if (byte < 0x80) {
      out += shown_control(c);
    } else if (const int found = utf8_length(text); found <= 0) {
      out += escape("\\x%02x", byte);
    } else {
      length = static_cast<std::size_t>(found);
      const auto point = point_of(text.substr(0, length));
      out += steers(point) ? escape("\\u%04x", point) : std::string(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace

std::string visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), plain) ? std::string(text)
                                                      : make_visible(text, false);
}

std::string visible_lines(std::string_view text) { return make_visible(text, true); }

}  // namespace quern::cli
