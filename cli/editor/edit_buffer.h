#pragma once
// The text that is being edited, and what keys do to it. Knows nothing of terminals.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quern::cli {

/// UTF-8 text of any number of lines with a cursor in it. The cursor moves by what a reader takes
/// for one character: a code point with the marks that combine with it.
class EditBuffer {
 public:
  const std::string& text() const { return text_; }
  std::size_t cursor() const { return cursor_; }  ///< bytes

  /// Replaces everything; the cursor goes to the end.
  void set(std::string text);
  void set(std::string text, std::size_t cursor);
  void insert(std::string_view text);
  /// Replaces `[begin, end)`; the cursor goes behind what is put there.
  void replace(std::size_t begin, std::size_t end, std::string_view text);

  void left();
  void right();
  void word_left() { cursor_ = word_before(); }
  void word_right() { cursor_ = word_behind(); }
  void line_begin() { cursor_ = begin_of_line(cursor_); }
  void line_end() { cursor_ = end_of_line(cursor_); }
  void begin() { cursor_ = 0; }
  void end() { cursor_ = text_.size(); }
  /// To the line above or below, as near to the same column as it goes; false where there is none.
  bool up();
  bool down();

  void erase_left();
  void erase_right();
  /// These keep what they take, for yank().
  void kill_word_left();
  void kill_word_right();
  void kill_to_line_begin();
  void kill_to_line_end();
  void yank() { insert(killed_); }
  /// Swaps the two characters around the cursor.
  void transpose();
  /// Takes the last change back; changes of one kind in a row are one.
  void undo();

 private:
  struct State {
    std::string text;
    std::size_t cursor;
  };
  enum class Change { none, insert, erase, other };

  std::size_t before(std::size_t at) const;
  std::size_t behind(std::size_t at) const;
  std::size_t word_before() const;
  std::size_t word_behind() const;
  std::size_t begin_of_line(std::size_t at) const;
  std::size_t end_of_line(std::size_t at) const;
  std::size_t column() const;
  std::size_t at_column(std::size_t line, std::size_t column) const;
  void kill(std::size_t begin, std::size_t end);
  void remember(Change change);

  std::string text_;
  std::size_t cursor_ = 0;
  std::string killed_;
  std::vector<State> past_;
  Change last_ = Change::none;
};

}  // namespace quern::cli
