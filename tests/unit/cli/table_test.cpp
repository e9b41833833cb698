// How tables are cut, what is made visible, and charts whose points are known.

#include <catch2/catch.hpp>
#include <random>

#include "cli/charts/charts.h"
#include "cli/table_cut.h"
#include "cli/visible_text.h"

namespace quern::cli {

TEST_CASE("tables fit") {
  CHECK(cut_table({{3, false}, {4, true}}, 0).widths == std::vector<std::size_t>{3, 4});
  CHECK(cut_table({{3, false}, {400, true}}, 0).widths == std::vector<std::size_t>{3, 400});
  CHECK(cut_table({{3, false}, {4, true}}, 12).widths == std::vector<std::size_t>{3, 4});
  const auto cut = cut_table({{3, false}, {400, true}}, 40);
  CHECK(cut.widths == std::vector<std::size_t>{3, 32});
  CHECK(cut.left_out == 0);
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    std::vector<TableColumn> table(1 + random() % 30);
    for (auto& column : table) column = {1 + random() % 60, random() % 2 == 0};
    const std::size_t columns = 20 + random() % 100;
    const auto found = cut_table(table, columns);
    REQUIRE(found.shown.size() == found.widths.size());
    REQUIRE(found.shown.size() + found.left_out == table.size());
    std::size_t used = 0;
    for (std::size_t c = 0; c < found.shown.size(); ++c) {
      REQUIRE(found.widths[c] <= table[found.shown[c]].width);
      used += found.widths[c] + 3;
    }
    if (found.shown.size() > 1) REQUIRE(used - 1 + (found.left_out > 0 ? 4 : 0) <= columns);
    if (found.shown.size() > 1) REQUIRE(found.shown.back() + 1 == table.size());
  }
}

TEST_CASE("what steers a terminal is shown") {
  CHECK(visible("plain") == "plain");
  CHECK(visible("日\u0301") == "日\u0301");
  CHECK(visible("\x1b[2J\a\r\n\t\x7f") == "\\x1b[2J\\x07\\r\\n\\t\\x7f");
  CHECK(visible("\xc2\x9b") == "\\u009b");
  CHECK(visible("\u202e") == "\\u202e");
  CHECK(visible("\xff") == "\\xff");
  CHECK(visible_lines("a\n\tb\x1b") == "a\n\tb\\x1b");
}

TEST_CASE("a line is drawn where it is") {
  const auto chart = [](std::vector<std::pair<double, double>> points) {
    return draw_lines({"y", "x", {{"", std::move(points)}}, true, false}, 31, false);
  };
  const auto row = [](const std::string& text, std::size_t r) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < r; ++i) at = text.find('\n', at) + 1;
    const auto bar = text.find("│", at);
    return text.substr(bar + 3, text.find('\n', at) - bar - 3);
  };
  const auto flat = chart({{0, 1}, {1, 1}});
  CHECK(row(flat, 1).substr(0, 6) == "⠉⠉");  // dots 1 and 4: the upper edge
  CHECK(row(flat, 12).find_first_not_of(' ') == std::string::npos);
  const auto low = chart({{0, 0}, {1, 0}});
  CHECK(row(low, 12).substr(0, 6) == "⣀⣀");  // dots 7 and 8: the lower edge
  const auto steep = chart({{0, 0}, {0, 1}});
  for (std::size_t r = 1; r <= 12; ++r) CHECK(row(steep, r).substr(0, 3) == "⡇");  // the left edge
  CHECK(chart({{0, 0}}).empty());
  CHECK(draw_lines({"y", "x", {{"", {{0, 0}, {1, 1}}}}}, 20, false).empty());
}

}  // namespace quern::cli
