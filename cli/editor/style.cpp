// SGR sequences, and when not to use them.

#include "cli/editor/style.h"

#include <unistd.h>

#include <cstdlib>

namespace quern::cli {

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain: return "";
    case Style::keyword: return "\x1b[34m";
    case Style::clause: return "\x1b[1;35m";
    case Style::string: return "\x1b[32m";
    case Style::number: return "\x1b[36m";
    case Style::comment: return "\x1b[2m";
    case Style::bracket: return "\x1b[1;4m";
    case Style::wrong: return "\x1b[1;31m";
    case Style::chosen: return "\x1b[7m";
    case Style::strong: return "\x1b[1m";
    case Style::hint: return "\x1b[36m";
  }
  return "";
}

std::string styled(std::string_view text, Style style, bool colour) {
  const auto escape = escape_of(style);
  if (!colour || escape.empty() || text.empty()) return std::string(text);
  return std::string(escape) + std::string(text) + "\x1b[0m";
}

bool colours(int descriptor) {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view(value);
  };
  const auto term = set("TERM");
  return isatty(descriptor) == 1 && set("NO_COLOR").empty() && !term.empty() && term != "dumb";
}

}  // namespace quern::cli
