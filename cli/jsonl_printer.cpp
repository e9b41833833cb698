// One JSON object a row and a line (JSON Lines; RFC 8259). Numbers keep every digit: 64-bit
// integers and decimals are written as they are, for readers that do not go through doubles.

#include <cmath>
#include <set>
#include <vector>

#include "cli/json_text.h"
#include "cli/printers.h"

namespace quern::cli {
namespace {

/// Names that repeat would overwrite each other in most readers: the second `a` is `a_2`.
std::vector<std::string> unique_names(const Schema& schema) {
  std::set<std::string> taken;
  for (const auto& field : schema) taken.insert(field.name);
  std::set<std::string> used;
  std::vector<std::string> names;
  for (const auto& field : schema) {
    auto name = field.name;
    for (int n = 2; used.contains(name); ++n) {
      auto next = field.name + "_" + std::to_string(n);
      if (!taken.contains(next)) name = std::move(next);
    }
    used.insert(name);
    names.push_back(std::move(name));
  }
  return names;
}

/// JSON has no NaN and no infinity.
bool is_finite(const Column& column, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  if (column.type.kind == TypeKind::float32) return std::isfinite(column.as<float>()[at]);
  if (column.type.kind == TypeKind::float64) return std::isfinite(column.as<double>()[at]);
  return true;
}

std::string json_value(const Column& column, std::int64_t row);

std::string json_list(const Column& column, std::int64_t row) {
  std::string out = "[";
  for (auto i = column.offset(row); i < column.offset(row + 1); ++i)
    out += (out.size() > 1 ? "," : "") + json_value(*column.elements, i);
  return out + "]";
}

std::string json_value(const Column& column, std::int64_t row) {
  if (column.is_null(row) || !is_finite(column, row)) return "null";
  if (column.type.kind == TypeKind::list) return json_list(column, row);
  auto text = format_value(column, row);
  const auto kind = column.type.kind;
  return is_number(kind) || kind == TypeKind::boolean ? text : json_text(text);
}

class JsonlPrinter final : public Printer {
 public:
  explicit JsonlPrinter(std::FILE* out) : out_(out) {}

  void begin(const Schema& schema) override {
    keys_.clear();
    for (const auto& name : unique_names(schema)) keys_.push_back(json_text(name) + ":");
  }

  void rows(const ColumnBatch& batch) override {
    std::string lines;
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      lines += '{';
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        if (c) lines += ',';
        lines += keys_[c] + json_value(batch.columns[c], r);
      }
      lines += "}\n";
    }
    std::fwrite(lines.data(), 1, lines.size(), out_);
  }

  void end(std::optional<std::size_t> /*bars*/) override { std::fflush(out_); }

 private:
  std::FILE* out_;
  std::vector<std::string> keys_;  ///< with quotes and colon
};

}  // namespace

std::unique_ptr<Printer> make_jsonl_printer(std::FILE* out) {
  return std::make_unique<JsonlPrinter>(out);
}

}  // namespace quern::cli
