#pragma once
// Draws the text that is edited: prompts, wrapped lines, colours, the lines below it, the cursor.
// Only rows that changed are sent, and never more than the terminal has: of a longer text, what is
// around the cursor.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/editor/style.h"

namespace quern::cli {

/// A styled stretch of the text, in bytes.
struct StyledSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  Style style = Style::plain;
};

/// What is to be seen.
struct Frame {
  std::string_view first_prompt;  ///< without escapes
  std::string_view next_prompt;   ///< of each further line
  std::string_view text;
  std::size_t cursor = 0;
  std::vector<StyledSpan> styles = {};  ///< in order, not overlapping
  std::vector<std::string> below = {};  ///< lines under the text, at most as wide as the terminal
};

class Screen {
 public:
  Screen(std::size_t columns, std::size_t rows, bool colour)
      : columns_(columns), rows_(rows), colour_(colour) {}

  std::size_t columns() const { return columns_; }
  std::size_t rows() const { return rows_; }

  /// The bytes that turn what was drawn before into `frame`.
  std::string draw(const Frame& frame);
  /// The same, without lines below, and the cursor on a line of its own behind the text.
  std::string leave(Frame frame);
  /// What was drawn is gone or scrolled away: the next frame begins where the cursor is.
  void forget();
  /// The terminal has another size: clears what was drawn, as well as that can be known.
  std::string resize(std::size_t columns, std::size_t rows);

 private:
  struct Row {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t width = 0;
    bool first_of_line = true;
  };
  struct Layout {
    std::vector<Row> rows;
    std::size_t cursor_row = 0;
    std::size_t cursor_column = 0;
  };
  Layout lay_out(const Frame& frame) const;
  std::string row_text(const Frame& frame, const Row& row, bool very_first) const;
  std::string replace_rows(const std::vector<std::string>& rows,
                           const std::vector<std::size_t>& widths);

  std::size_t columns_;
  std::size_t rows_;
  bool colour_;
  std::vector<std::string> shown_;
  std::vector<std::size_t> widths_;  ///< of `shown_`
  std::size_t shown_cursor_ = 0;     ///< row of `shown_`
  std::size_t top_ = 0;              ///< first row of the layout that is shown
};

}  // namespace quern::cli
