// The table: columns as wide as their first rows, numbers to the right.

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "cli/bars.h"
#include "cli/editor/style.h"
#include "cli/printers.h"
#include "cli/table_cut.h"
#include "cli/visible_text.h"

namespace quern::cli {
namespace {

/// Rows that settle the widths of a table; later ones are printed as they come.
constexpr std::size_t kRowsForWidths = 1000;

constexpr std::size_t kLeastBar = 8;  ///< columns; shorter ones tell nothing
constexpr std::size_t kLongestBar = 40;
constexpr std::size_t kMostNames = 5;  ///< of columns that are left out

bool right_aligned(const ColumnType& type) { return is_number(type.kind); }

struct Cell {
  std::string text;
  bool null = false;
};

class TablePrinter final : public Printer {
 public:
  TablePrinter(std::FILE* out, PrintOptions options) : out_(out), options_(std::move(options)) {}

  void begin(const Schema& schema) override {
    schema_ = schema;
    held_.clear();
    widths_.clear();
    for (const auto& field : schema_) widths_.push_back(display_width(visible(field.name)));
    header_printed_ = false;
    count_ = 0;
  }

  void rows(const ColumnBatch& batch) override {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      std::vector<Cell> row;
      for (const auto& column : batch.columns) row.push_back(cell(column, r));
      ++count_;
      if (header_printed_) {
        print_row(row);
        continue;
      }
      for (std::size_t c = 0; c < row.size(); ++c)
        widths_[c] = std::max(widths_[c], display_width(row[c].text));
      held_.push_back(std::move(row));
      if (held_.size() == kRowsForWidths) flush();
    }
    if (options_.live && batch.rows > 0 && !wants_bars()) {
      flush();
      std::fflush(out_);
    }
  }

  void end(std::optional<std::size_t> bars) override {
    flush(bars ? draw(*bars) : std::vector<std::string>{});
    std::fprintf(out_, "(%s%s)\n", counted(count_, "row").c_str(), left_out().c_str());
    std::fflush(out_);
  }

 private:
  /// Few rows, of which one may be drawn beside: those of an explanation, which come at once.
  bool wants_bars() const { return options_.bars > 0 && count_ < 100; }

  Cell cell(const Column& column, std::int64_t row) const {
    if (column.is_null(row)) return {options_.null, true};
    return {visible(format_value(column, row)), false};
  }

  void flush(const std::vector<std::string>& beside = {}) {
    if (header_printed_) return;
    header_printed_ = true;
    std::vector<TableColumn> table;
    for (std::size_t c = 0; c < schema_.size(); ++c)
      table.push_back({widths_[c], !right_aligned(schema_[c].type)});
    cut_ = cut_table(table, options_.columns);
    print_header();
    for (std::size_t r = 0; r < held_.size(); ++r)
      print_row(held_[r], r < beside.size() ? beside[r] : "");
    held_.clear();
  }

  /// A bar beside each held row, in what the terminal leaves.
  std::vector<std::string> draw(std::size_t column) const {
    std::size_t used = 2;
    for (const auto width : widths_) used += width + 3;
    if (options_.bars < used + kLeastBar) return {};
    std::vector<double> values;
    for (const auto& row : held_) values.push_back(std::strtod(row[column].text.c_str(), nullptr));
    return draw_bars(values, std::min(options_.bars - used, kLongestBar));
  }

  std::string left_out() const {
    if (cut_.left_out == 0) return "";
    std::string out = "; not shown: ";
    const auto last = cut_.shown.back();
    const auto first = last - cut_.left_out;
    for (auto c = first; c < std::min(last, first + kMostNames); ++c)
      out += (c == first ? "" : ", ") + visible(schema_[c].name);
    if (cut_.left_out > kMostNames) {
      out += " and " + counted(static_cast<std::int64_t>(cut_.left_out - kMostNames), "column") +
             " more";
    }
    return out + "; \\x shows all";
  }

  /// True in front of the last column where some are left out.
  bool gap_before(std::size_t i) const {
    return cut_.left_out > 0 && i + 1 == cut_.shown.size() && i > 0;
  }

  void print_header() {
    std::string line, rule;
    for (std::size_t i = 0; i < cut_.shown.size(); ++i) {
      if (gap_before(i)) {
        line += "| … ";
        rule += "+---";
      }
      const auto name = fitted(visible(schema_[cut_.shown[i]].name), cut_.widths[i]);
      const std::string pad(cut_.widths[i] - std::min(cut_.widths[i], display_width(name)), ' ');
      line += (i ? "| " : " ") + styled(name, Style::strong, options_.colour) + pad + " ";
      rule += (i ? "+" : "") + std::string(cut_.widths[i] + 2, '-');
    }
    print_line(line);
    print_line(rule);
  }

  /// Values wider than the column push what follows aside, unless the table is cut.
  std::string fitted(const std::string& text, std::size_t width) const {
    if (options_.columns == 0 || width == 0 || display_width(text) <= width) return text;
    return std::string(prefix_within(text, width - 1)) + "…";
  }

  void print_row(const std::vector<Cell>& row, const std::string& beside = {}) {
    std::string line;
    for (std::size_t i = 0; i < cut_.shown.size(); ++i) {
      if (gap_before(i)) line += "| … ";
      const auto c = cut_.shown[i];
      const bool right = right_aligned(schema_[c].type);
      const auto text = right ? row[c].text : fitted(row[c].text, cut_.widths[i]);
      const auto width = display_width(text);
      const std::string pad(cut_.widths[i] > width ? cut_.widths[i] - width : 0, ' ');
      const auto shown = styled(text, row[c].null ? Style::comment : Style::plain, options_.colour);
      line += (i ? "| " : " ") + (right ? pad + shown : shown + pad) + " ";
    }
    print_line(line + " " + beside);
  }

  void print_line(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), out_);
  }

  std::FILE* out_;
  PrintOptions options_;
  Schema schema_;
  std::vector<std::size_t> widths_;
  TableCut cut_;
  std::vector<std::vector<Cell>> held_;
  bool header_printed_ = false;
  std::int64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Printer> make_table_printer(std::FILE* out, PrintOptions options) {
  return std::make_unique<TablePrinter>(out, std::move(options));
}

}  // namespace quern::cli
