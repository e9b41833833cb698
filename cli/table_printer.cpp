// The table: columns as wide as their first rows, numbers to the right.

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "cli/bars.h"
#include "cli/printers.h"

namespace quern::cli {
namespace {

/// Rows that settle the widths of a table; later ones are printed as they come.
constexpr std::size_t kRowsForWidths = 1000;

constexpr std::size_t kLeastBar = 8;  ///< columns; shorter ones tell nothing
constexpr std::size_t kLongestBar = 40;

bool right_aligned(const ColumnType& type) { return is_number(type.kind); }

/// Line breaks and tabs would break the table: they are shown as escapes.
std::string on_one_line(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else
      out += c;
  }
  return out;
}

class TablePrinter final : public Printer {
 public:
  explicit TablePrinter(std::FILE* out) : out_(out) {}

  void begin(const Schema& schema) override {
    schema_ = schema;
    held_.clear();
    widths_.clear();
    for (const auto& field : schema_) widths_.push_back(display_width(on_one_line(field.name)));
    header_printed_ = false;
    count_ = 0;
  }

  void rows(const ColumnBatch& batch) override {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      std::vector<std::string> row;
      for (const auto& column : batch.columns) row.push_back(on_one_line(format_value(column, r)));
      ++count_;
      if (header_printed_) {
        print_row(row);
        continue;
      }
      for (std::size_t c = 0; c < row.size(); ++c)
        widths_[c] = std::max(widths_[c], display_width(row[c]));
      held_.push_back(std::move(row));
      if (held_.size() == kRowsForWidths) flush();
    }
  }

  void end(std::optional<std::size_t> bars) override {
    flush(bars && isatty(fileno(out_)) == 1 ? draw(*bars) : std::vector<std::string>{});
    std::fprintf(out_, "(%lld row%s)\n", static_cast<long long>(count_), count_ == 1 ? "" : "s");
    std::fflush(out_);
  }

 private:
  void flush(const std::vector<std::string>& beside = {}) {
    if (header_printed_) return;
    header_printed_ = true;
    print_header();
    for (std::size_t r = 0; r < held_.size(); ++r)
      print_row(held_[r], r < beside.size() ? beside[r] : "");
    held_.clear();
  }

  /// A bar beside each held row, in what the terminal leaves.
  std::vector<std::string> draw(std::size_t column) const {
    std::size_t used = 2;
    for (const auto width : widths_) used += width + 3;
    const auto terminal = terminal_width(fileno(out_));
    if (terminal < used + kLeastBar) return {};
    std::vector<double> values;
    for (const auto& row : held_) values.push_back(std::strtod(row[column].c_str(), nullptr));
    return draw_bars(values, std::min(terminal - used, kLongestBar));
  }

  void print_header() {
    std::string line, rule;
    for (std::size_t c = 0; c < schema_.size(); ++c) {
      const auto name = on_one_line(schema_[c].name);
      line += (c ? "| " : " ") + name + std::string(widths_[c] - display_width(name), ' ') + " ";
      rule += (c ? "+" : "") + std::string(widths_[c] + 2, '-');
    }
    print_line(line);
    print_line(rule);
  }

  void print_row(const std::vector<std::string>& row, const std::string& beside = {}) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const auto width = display_width(row[c]);
      const std::string pad(widths_[c] > width ? widths_[c] - width : 0, ' ');
      const bool right = right_aligned(schema_[c].type);
      line += (c ? "| " : " ") + (right ? pad + row[c] : row[c] + pad) + " ";
    }
    print_line(line + " " + beside);
  }

  void print_line(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), out_);
  }

  std::FILE* out_;
  Schema schema_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> held_;
  bool header_printed_ = false;
  std::int64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Printer> make_table_printer(std::FILE* out) {
  return std::make_unique<TablePrinter>(out);
}

}  // namespace quern::cli
