// Names of the codes, and the drawing of a diagnostic against its text.

#include "base/diagnostic.h"

#include <algorithm>

#include "base/display_width.h"
#include "base/secrets.h"

namespace quern {

std::string_view code_number(Code code) {
  switch (code) {
#define QUERN_ERROR(number, name, title) \
  case Code::name:                       \
    return #number;
#include "base/error_codes.def"
#undef QUERN_ERROR
  }
  return "Q9001";
}

std::string_view code_title(Code code) {
  switch (code) {
#define QUERN_ERROR(number, name, title) \
  case Code::name:                       \
    return title;
#include "base/error_codes.def"
#undef QUERN_ERROR
  }
  return "internal error";
}

void shift_spans(Diagnostic& d, std::size_t offset) {
  d.span = d.span.shifted(offset);
  for (auto& note : d.notes) note.span = note.span.shifted(offset);
}

namespace {

struct Place {
  std::size_t line = 1;
  std::size_t line_begin = 0;
  std::size_t line_end = 0;
};

Place find_line(std::string_view text, std::size_t offset) {
  Place place;
  offset = std::min(offset, text.size());
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] != '\n') continue;
    ++place.line;
    place.line_begin = i + 1;
  }
  place.line_end = std::min(text.find('\n', place.line_begin), text.size());
  if (place.line_end > place.line_begin && text[place.line_end - 1] == '\r') --place.line_end;
  return place;
}

bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_code_point(c); }));
}

/// Blanks as wide as `text`, tabs kept so that the caret lines up under any tab width.
std::string blanks(std::string_view text) {
  std::string out;
  for (auto tab = text.find('\t'); tab != std::string_view::npos; tab = text.find('\t')) {
    out.append(display_width(text.substr(0, tab)), ' ').push_back('\t');
    text.remove_prefix(tab + 1);
  }
  return out.append(display_width(text), ' ');
}

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: return "note";
  }
  return "error";
}

/// Columns of a line that are shown, and how many of them stand before the caret where it is
/// longer.
constexpr std::size_t kShown = 160;
constexpr std::size_t kShownBefore = 60;

/// A line with carets under `width` columns from `column` on; of a long line, the part around them.
std::string draw_line(std::string_view line, std::size_t column, std::size_t width,
                      const std::string& number) {
  std::string lead;
  if (display_width(line) > kShown && column > kShownBefore) {
    const auto left_out = prefix_within(line, column - kShownBefore);
    column -= display_width(left_out);
    line.remove_prefix(left_out.size());
    lead = "...";
  }
  const auto shown = prefix_within(line, kShown);
  width = std::min(width, std::max<std::size_t>(display_width(shown), column + 1) - column);
  return "  " + number + " | " + lead + std::string(shown) +
         (shown.size() < line.size() ? "..." : "") + "\n  " + std::string(number.size(), ' ') +
         " | " + std::string(lead.size(), ' ') + blanks(prefix_within(shown, column)) +
         std::string(width, '^') + "\n";
}

std::string draw_place(SourceSpan span, std::string_view text, std::string_view source) {
  const auto place = find_line(text, span.begin);
  const auto begin = std::min(span.begin, place.line_end);
  const auto end = std::clamp(span.end, begin, place.line_end);
  const auto number = std::to_string(place.line);
  const auto before = text.substr(place.line_begin, begin - place.line_begin);
  const auto width = std::max<std::size_t>(1, display_width(text.substr(begin, end - begin)));
  const auto line = text.substr(place.line_begin, place.line_end - place.line_begin);
  // Masked as a whole: a part of a URI would not be known for one.
  return "  --> " + std::string(source) + ":" + number + ":" +
         std::to_string(code_points(before) + 1) + "\n" +
         draw_line(mask_passwords(line), display_width(before), width, number);
}

}  // namespace

std::string render(const Diagnostic& d, std::string_view text, std::string_view source) {
  std::string out(severity_name(d.severity));
  if (d.severity != Severity::note) out += "[" + std::string(code_number(d.code)) + "]";
  out += ": " + d.message + "\n";
  if (d.span.known()) out += draw_place(d.span, text, source);
  for (const auto& note : d.notes) {
    out += "note: " + note.message + "\n";
    if (note.span.known()) out += draw_place(note.span, text, source);
  }
  if (!d.hint.empty()) out += "help: " + d.hint + "\n";
  return out;
}

}  // namespace quern
