#pragma once
// A page for the browser that needs nothing but itself: text, tables and drawings, no scripts.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quern::runtime {

/// Text as HTML and SVG show it: markup and control characters are escaped, bytes that are no UTF-8
/// become U+FFFD.
std::string escape_markup(std::string_view text);

/// A number as the pages show it: four significant digits, "-" for NaN.
std::string short_number(double value);

/// Builds a page from the top down. All texts are escaped; drawings are put in as they are.
class HtmlPage {
 public:
  explicit HtmlPage(std::string title) : title_(std::move(title)) {}

  void heading(std::string_view text);
  void paragraph(std::string_view text);
  void code(std::string_view text);
  /// Names in the first column, what they stand for in the second.
  void facts(const std::vector<std::pair<std::string, std::string>>& facts);

  struct Cell {
    std::string text;
    double shade = 0;     ///< of the background, 0 to 1
    bool number = false;  ///< stands to the right
  };
  void table(const std::vector<std::string>& header, const std::vector<std::vector<Cell>>& rows);
  /// \param svg  of chart.h.
  void drawing(const std::string& svg, std::string_view caption);

  /// The whole page, which begins with kPageMark.
  std::string finish() const;

 private:
  std::string title_;
  std::string body_;
};

/// What pages of ours begin with; only such a file is replaced unasked.
inline constexpr std::string_view kPageMark = "<!DOCTYPE html>\n<!-- a report of quern -->\n";

}  // namespace quern::runtime
