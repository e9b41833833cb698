// CSV as RFC 4180 has it.

#include "cli/printers.h"

namespace quern::cli {
namespace {

/// RFC 4180 with line feeds; NULL is an empty field, the empty text is "".
class CsvPrinter final : public Printer {
 public:
  explicit CsvPrinter(std::FILE* out) : out_(out) {}

  void begin(const Schema& schema) override {
    std::string line;
    for (std::size_t c = 0; c < schema.size(); ++c) line += (c ? "," : "") + quoted(schema[c].name);
    print(line);
  }

  void rows(const ColumnBatch& batch) override {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      std::string line;
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        if (c) line += ',';
        if (!batch.columns[c].is_null(r)) line += quoted(format_value(batch.columns[c], r));
      }
      print(line);
    }
  }

  void end(std::optional<std::size_t> /*bars*/) override { std::fflush(out_); }

 private:
  static std::string quoted(const std::string& value) {
    const bool plain = !value.empty() && value.find_first_of(",\"\r\n") == std::string::npos;
    if (plain) return value;
    std::string out = "\"";
    for (const char c : value) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  }

  void print(std::string& line) {
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), out_);
  }

  std::FILE* out_;
};

}  // namespace

std::unique_ptr<Printer> make_csv_printer(std::FILE* out) {
  return std::make_unique<CsvPrinter>(out);
}

}  // namespace quern::cli
