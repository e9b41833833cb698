#pragma once
// How deep a JSON text goes, told before it is parsed: what is nested deeply would end the stack of
// what reads it.

#include <string_view>

namespace quern::ir {

/// True where more than `depth` objects and arrays stand in each other.
inline bool is_nested_deeper(std::string_view text, int depth) {
  int now = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted) {
      i += c == '\\' ? 1 : 0;  // what follows ends no string
    } else if (c == '{' || c == '[') {
      if (++now > depth) return true;
    } else if (c == '}' || c == ']') {
      --now;
    }
  }
  return false;
}

}  // namespace quern::ir
