// CSV as RFC 4180 has it.

#include <algorithm>
#include <string>
#include <string_view>

#include "cli/printers.h"

namespace quern::cli {
namespace {

/// RFC 4180 with line feeds; NULL is an empty field, the empty text is "".
class CsvPrinter final : public Printer {
 public:
  explicit CsvPrinter(std::FILE* out) : out_(out) {}

  void begin(const Schema& schema) override {
    text_.clear();
    for (std::size_t c = 0; c < schema.size(); ++c) {
      if (c) text_ += ',';
      append(schema[c].name);
    }
    text_ += '\n';
    print();
  }

  void rows(const ColumnBatch& batch) override {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        if (c) text_ += ',';
        append(batch.columns[c], r);
      }
      text_ += '\n';
    }
    print();
  }

  void end(std::optional<std::size_t> /*bars*/) override { std::fflush(out_); }

 private:
  void append(const Column& column, std::int64_t row) {
    if (column.is_null(row)) return;
    const auto kind = column.type.kind;
    if (kind == TypeKind::text) return append(column.text(row));
    if (is_number(kind) || kind == TypeKind::date)
      text_ += format_value(column, row);  // nothing in it can need quotes
    else
      append(format_value(column, row));
  }

  static bool needs_quotes(char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; }

  void append(std::string_view value) {
    if (!value.empty() && std::none_of(value.begin(), value.end(), needs_quotes)) {
      text_ += value;
      return;
    }
    text_ += '"';
    for (const char c : value) {
      if (c == '"') text_ += '"';
      text_ += c;
    }
    text_ += '"';
  }

  /// A batch at a time: a call for each value would cost more than the value.
  void print() {
    std::fwrite(text_.data(), 1, text_.size(), out_);
    text_.clear();
  }

  std::string text_;
  std::FILE* out_;
};

}  // namespace

std::unique_ptr<Printer> make_csv_printer(std::FILE* out) {
  return std::make_unique<CsvPrinter>(out);
}

}  // namespace quern::cli
