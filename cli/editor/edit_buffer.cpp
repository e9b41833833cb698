// Steps and cuts on UTF-8.

#include "cli/editor/edit_buffer.h"

#include <algorithm>

#include "api/quern.hpp"

namespace quern::cli {
namespace {

constexpr std::size_t kMostUndo = 200;
constexpr std::size_t kLongestUndone = 64 * 1024;  ///< bytes of a text whose states are kept

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

bool of_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (byte >= '0' && byte <= '9') ||
         ((byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z');
}

}  // namespace

void EditBuffer::remember(Change change) {
  const bool same = change == last_ && change != Change::other;
  last_ = change;
  if (same) return;
  if (text_.size() > kLongestUndone) return past_.clear();
  if (past_.size() == kMostUndo) past_.erase(past_.begin());
  past_.push_back({text_, cursor_});
}

void EditBuffer::undo() {
  last_ = Change::none;
  if (past_.empty()) return;
  text_ = std::move(past_.back().text);
  cursor_ = past_.back().cursor;
  past_.pop_back();
}

void EditBuffer::set(std::string text) {
  const auto end = text.size();
  set(std::move(text), end);
}

void EditBuffer::set(std::string text, std::size_t cursor) {
  text_ = std::move(text);
  cursor_ = std::min(cursor, text_.size());
  past_.clear();
  last_ = Change::none;
}

void EditBuffer::insert(std::string_view text) {
  remember(text.size() == 1 && text != "\n" ? Change::insert : Change::other);
  text_.insert(cursor_, text);
  cursor_ += text.size();
}

void EditBuffer::replace(std::size_t begin, std::size_t end, std::string_view text) {
  remember(Change::other);
  text_.replace(begin, end - begin, text);
  cursor_ = begin + text.size();
}

std::size_t EditBuffer::before(std::size_t at) const {
  while (at > 0) {
    do --at;
    while (at > 0 && continues(text_[at]));
    // Marks without a width belong to the character before them.
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte < 0x80) break;
    auto end = at + 1;
    while (end < text_.size() && continues(text_[end])) ++end;
    if (display_width(std::string_view(text_).substr(at, end - at)) > 0) break;
  }
  return at;
}

std::size_t EditBuffer::behind(std::size_t at) const {
  bool first = true;
  while (at < text_.size()) {
    auto end = at + 1;
    while (end < text_.size() && continues(text_[end])) ++end;
    const bool mark = static_cast<unsigned char>(text_[at]) >= 0x80 &&
                      display_width(std::string_view(text_).substr(at, end - at)) == 0;
    if (!first && !mark) break;
    at = end;
    first = false;
  }
  return at;
}

std::size_t EditBuffer::word_before() const {
  auto at = cursor_;
  while (at > 0 && !of_word(text_[at - 1])) --at;
  while (at > 0 && of_word(text_[at - 1])) --at;
  return at;
}

std::size_t EditBuffer::word_behind() const {
  auto at = cursor_;
  while (at < text_.size() && !of_word(text_[at])) ++at;
  while (at < text_.size() && of_word(text_[at])) ++at;
  return at;
}

std::size_t EditBuffer::begin_of_line(std::size_t at) const {
  return at == 0 ? 0 : text_.rfind('\n', at - 1) + 1;
}

std::size_t EditBuffer::end_of_line(std::size_t at) const {
  return std::min(text_.find('\n', at), text_.size());
}

void EditBuffer::left() { cursor_ = before(cursor_); }
void EditBuffer::right() { cursor_ = behind(cursor_); }

std::size_t EditBuffer::column() const {
  const auto line = begin_of_line(cursor_);
  return display_width(std::string_view(text_).substr(line, cursor_ - line));
}

std::size_t EditBuffer::at_column(std::size_t line, std::size_t column) const {
  const auto text = std::string_view(text_).substr(line, end_of_line(line) - line);
  return line + prefix_within(text, column).size();
}

bool EditBuffer::up() {
  const auto line = begin_of_line(cursor_);
  if (line == 0) return false;
  cursor_ = at_column(begin_of_line(line - 1), column());
  return true;
}

bool EditBuffer::down() {
  const auto end = end_of_line(cursor_);
  if (end == text_.size()) return false;
  cursor_ = at_column(end + 1, column());
  return true;
}

void EditBuffer::erase_left() {
  if (cursor_ == 0) return;
  remember(Change::erase);
  const auto from = before(cursor_);
  text_.erase(from, cursor_ - from);
  cursor_ = from;
}

void EditBuffer::erase_right() {
  if (cursor_ == text_.size()) return;
  remember(Change::erase);
  text_.erase(cursor_, behind(cursor_) - cursor_);
}

void EditBuffer::kill(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  remember(Change::other);
  killed_ = text_.substr(begin, end - begin);
  text_.erase(begin, end - begin);
  cursor_ = begin;
}

void EditBuffer::kill_word_left() { kill(word_before(), cursor_); }
void EditBuffer::kill_word_right() { kill(cursor_, word_behind()); }
void EditBuffer::kill_to_line_begin() { kill(begin_of_line(cursor_), cursor_); }

void EditBuffer::kill_to_line_end() {
  const auto end = end_of_line(cursor_);
  kill(cursor_, end == cursor_ && end < text_.size() ? end + 1 : end);
}

void EditBuffer::transpose() {
  const auto middle = cursor_ == text_.size() ? before(cursor_) : cursor_;
  const auto first = before(middle), last = behind(middle);
  if (first == middle || middle == last) return;
  remember(Change::other);
  std::rotate(text_.begin() + static_cast<std::ptrdiff_t>(first),
              text_.begin() + static_cast<std::ptrdiff_t>(middle),
              text_.begin() + static_cast<std::ptrdiff_t>(last));
  cursor_ = last;
}

}  // namespace quern::cli
