// Layout in columns, then rows as bytes. Sequences: ECMA-48's CUU, CUF, EL, ED and SGR.

#include "cli/editor/screen.h"

#include <algorithm>

#include "api/quern.hpp"

namespace quern::cli {
namespace {

constexpr std::size_t kTab = 8;

std::size_t point_length(unsigned char first) {
  if (first < 0xC0) return 1;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

std::size_t width_at(std::string_view text, std::size_t at, std::size_t length,
                     std::size_t column) {
  if (text[at] == '\t') return kTab - column % kTab;
  return length == 1 ? 1 : display_width(text.substr(at, length));
}

std::string up(std::size_t rows) { return rows == 0 ? "" : "\x1b[" + std::to_string(rows) + "A"; }
std::string to_right(std::size_t columns) {
  return columns == 0 ? "" : "\x1b[" + std::to_string(columns) + "C";
}

}  // namespace

Screen::Layout Screen::lay_out(const Frame& frame) const {
  Layout out;
  Row row{.width = display_width(frame.first_prompt)};
  const auto close = [&](std::size_t end, std::size_t next, std::size_t width, bool line) {
    row.end = end;
    out.rows.push_back(row);
    row = {.begin = next, .width = width, .first_of_line = line};
  };
  const auto next_width = display_width(frame.next_prompt);
  std::size_t at = 0;
  while (true) {
    if (at == frame.cursor) {
      if (row.width == columns_ && (at == frame.text.size() || frame.text[at] == '\n'))
        close(at, at, 0, false);
      out.cursor_row = out.rows.size();
      out.cursor_column = row.width;
    }
    if (at >= frame.text.size()) break;
    if (frame.text[at] == '\n') {
      close(at, at + 1, next_width, true);
      ++at;
      continue;
    }
    const auto length = point_length(static_cast<unsigned char>(frame.text[at]));
    const auto width = width_at(frame.text, at, length, row.width);
    if (row.width + width > columns_) {
      close(at, at, 0, false);
      if (at == frame.cursor) out.cursor_row = out.rows.size(), out.cursor_column = 0;
    }
    row.width += std::min(width, columns_);
    at += length;
  }
  row.end = frame.text.size();
  out.rows.push_back(row);
  return out;
}

std::string Screen::row_text(const Frame& frame, const Row& row, bool very_first) const {
  std::string out;
  std::size_t column = 0;
  if (row.first_of_line) {
    const auto prompt = very_first ? frame.first_prompt : frame.next_prompt;
    out = styled(prompt, very_first ? Style::strong : Style::comment, colour_);
    column = display_width(prompt);
  }
  auto span = std::upper_bound(frame.styles.begin(), frame.styles.end(), row.begin,
                               [](std::size_t at, const StyledSpan& s) { return at < s.end; });
  for (auto at = row.begin; at < row.end;) {
    while (span != frame.styles.end() && span->end <= at) ++span;
    const bool inside = span != frame.styles.end() && span->begin <= at;
    auto end = row.end;
    if (span != frame.styles.end()) end = std::min(end, inside ? span->end : span->begin);
    std::string piece;
    for (auto i = at; i < end;) {
      const auto length = point_length(static_cast<unsigned char>(frame.text[i]));
      const auto width = width_at(frame.text, i, length, column);
      piece += frame.text[i] == '\t' ? std::string(width, ' ')
                                     : std::string(frame.text.substr(i, length));
      column += width;
      i += length;
    }
    out += styled(piece, inside ? span->style : Style::plain, colour_);
    at = end;
  }
  return out;
}

std::string Screen::replace_rows(const std::vector<std::string>& rows,
                                 const std::vector<std::size_t>& widths) {
  std::string out = "\r" + up(shown_cursor_);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += "\r\n";
    if (i < shown_.size() && shown_[i] == rows[i]) continue;
    // A row that is full must not be cleared behind: that would take its last column.
    out += rows[i] + (widths[i] < columns_ ? "\x1b[K" : "");
  }
  if (rows.size() < shown_.size()) out += "\r\n\x1b[J" + up(1);
  return out;
}

std::string Screen::draw(const Frame& frame) {
  const auto layout = lay_out(frame);
  const auto below = std::min(frame.below.size(), rows_ > 2 ? rows_ - 2 : 0);
  const auto height = std::max<std::size_t>(rows_ > below ? rows_ - below : 1, 1);
  if (layout.cursor_row < top_) top_ = layout.cursor_row;
  if (layout.cursor_row >= top_ + height) top_ = layout.cursor_row + 1 - height;
  if (layout.rows.size() < top_ + height)
    top_ = layout.rows.size() > height ? layout.rows.size() - height : 0;
  std::vector<std::string> rows;
  std::vector<std::size_t> widths;
  for (auto i = top_; i < std::min(layout.rows.size(), top_ + height); ++i) {
    rows.push_back(row_text(frame, layout.rows[i], i == 0));
    widths.push_back(layout.rows[i].width);
  }
  for (std::size_t i = 0; i < below; ++i) {
    rows.push_back(frame.below[i]);
    widths.push_back(0);
  }
  auto out = replace_rows(rows, widths);
  const auto cursor = layout.cursor_row - top_;
  out += "\r" + up(rows.size() - 1 - cursor) + to_right(layout.cursor_column);
  shown_ = std::move(rows);
  widths_ = std::move(widths);
  shown_cursor_ = cursor;
  return out;
}

std::string Screen::leave(Frame frame) {
  frame.below.clear();
  frame.cursor = frame.text.size();
  auto out = draw(frame);
  forget();
  return out + "\r\n";
}

void Screen::forget() {
  shown_.clear();
  widths_.clear();
  shown_cursor_ = 0;
  top_ = 0;
}

std::string Screen::resize(std::size_t columns, std::size_t rows) {
  columns_ = std::max<std::size_t>(columns, 1);
  rows_ = std::max<std::size_t>(rows, 1);
  // A narrower terminal has broken what was wider; a wider one does not join our lines.
  std::size_t above = 0;
  for (std::size_t i = 0; i < std::min(shown_cursor_, widths_.size()); ++i)
    above += std::max<std::size_t>((widths_[i] + columns_ - 1) / columns_, 1);
  forget();
  return "\r" + up(std::min(above, rows_ - 1)) + "\x1b[J";
}

}  // namespace quern::cli
