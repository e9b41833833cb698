// A table of GitHub Flavored Markdown, printed row by row; an empty line between two results.

#include "cli/printers.h"

namespace quern::cli {
namespace {

/// What Markdown would read as its own stands behind a backslash; a line break is <br>.
std::string cell(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\n' || c == '\r') {
      out += "<br>";
      continue;
    }
    if (std::string_view("\\|<*`[&").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

class MarkdownPrinter final : public Printer {
 public:
  explicit MarkdownPrinter(std::FILE* out) : out_(out) {}

  void begin(const Schema& schema) override {
    std::string lines = first_ ? "|" : "\n|";
    first_ = false;
    for (const auto& field : schema) lines += " " + cell(field.name) + " |";
    lines += "\n|";
    for (const auto& field : schema) lines += is_number(field.type.kind) ? " ---: |" : " --- |";
    print(lines + "\n");
  }

  void rows(const ColumnBatch& batch) override {
    std::string lines;
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      lines += '|';
      for (const auto& column : batch.columns) lines += " " + cell(format_value(column, r)) + " |";
      lines += '\n';
    }
    print(lines);
  }

  void end(std::optional<std::size_t> /*bars*/) override { std::fflush(out_); }

 private:
  void print(const std::string& lines) { std::fwrite(lines.data(), 1, lines.size(), out_); }

  std::FILE* out_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<Printer> make_markdown_printer(std::FILE* out) {
  return std::make_unique<MarkdownPrinter>(out);
}

}  // namespace quern::cli
