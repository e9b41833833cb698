// The lines of render(), told apart by how they begin.

#include "cli/diagnostic_text.h"

#include <algorithm>

#include "cli/editor/style.h"
#include "cli/visible_text.h"

namespace quern::cli {
namespace {

/// "error[Q2003]: ...": the words up to the colon, then the message.
std::string head(std::string_view line, std::size_t colon, Style style) {
  return styled(line.substr(0, colon + 1), style, true) +
         styled(line.substr(colon + 1), Style::strong, true);
}

/// "  3 | LABEL klass", or "    |       ^^^^^": the gutter steps back, carets step forward.
std::string source_line(std::string_view line) {
  const auto bar = line.find('|');
  const auto text = line.substr(bar + 1);
  const bool carets = !text.empty() && text.find_first_not_of(" ^") == std::string_view::npos;
  return styled(line.substr(0, bar + 1), Style::comment, true) +
         styled(text, carets ? Style::wrong : Style::plain, true);
}

std::string painted(std::string_view line, bool first) {
  const auto colon = line.find(':');
  const bool has_colon = colon != std::string_view::npos;
  if (first && has_colon)
    return head(line, colon, line.starts_with("error") ? Style::wrong : Style::hint);
  if (line.find("--> ") < 12) return styled(line, Style::comment, true);
  const auto bar = line.find('|');
  if (bar != std::string_view::npos && line.find_first_not_of(" 0123456789") == bar)
    return source_line(line);
  if (line.starts_with("help:") || line.starts_with("note:"))
    return styled(line.substr(0, 5), Style::hint, true) + std::string(line.substr(5));
  return std::string(line);
}

}  // namespace

std::string for_terminal(const std::string& drawn, bool colour) {
  auto safe = visible_lines(drawn);
  if (!colour) return safe;
  std::string out;
  for (std::size_t at = 0; at < safe.size();) {
    const auto end = std::min(safe.find('\n', at), safe.size());
    out += painted(std::string_view(safe).substr(at, end - at), at == 0) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace quern::cli
