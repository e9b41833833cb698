// The record, value by value, for rows that are wider than a screen.

#include <algorithm>
#include <string>
#include <vector>

#include "cli/editor/style.h"
#include "cli/printers.h"
#include "cli/visible_text.h"

namespace quern::cli {
namespace {

class ExpandedPrinter final : public Printer {
 public:
  ExpandedPrinter(std::FILE* out, PrintOptions options) : out_(out), options_(std::move(options)) {}

  void begin(const Schema& schema) override {
    names_.clear();
    std::size_t width = 0;
    for (const auto& field : schema) {
      names_.push_back(visible(field.name));
      width = std::max(width, display_width(names_.back()));
    }
    for (auto& name : names_) name.append(width - display_width(name), ' ');
    count_ = 0;
  }

  void rows(const ColumnBatch& batch) override {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      std::string text = rule();
      for (std::size_t c = 0; c < batch.columns.size(); ++c)
        text += names_[c] + " | " + value(batch.columns[c], r) + "\n";
      std::fwrite(text.data(), 1, text.size(), out_);
    }
    if (options_.live) std::fflush(out_);
  }

  void end(std::optional<std::size_t> /*bars*/) override {
    std::fprintf(out_, "(%s)\n", counted(count_, "row").c_str());
    std::fflush(out_);
  }

 private:
  std::string rule() {
    auto out = "-[ row " + std::to_string(++count_) + " ]";
    const auto width = options_.columns == 0 ? 40 : std::min<std::size_t>(options_.columns, 72);
    if (out.size() < width) out.append(width - out.size(), '-');
    return out + "\n";
  }

  std::string value(const Column& column, std::int64_t row) const {
    if (column.is_null(row)) return styled(options_.null, Style::comment, options_.colour);
    return visible(format_value(column, row));
  }

  std::FILE* out_;
  PrintOptions options_;
  std::vector<std::string> names_;
  std::int64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Printer> make_expanded_printer(std::FILE* out, PrintOptions options) {
  return std::make_unique<ExpandedPrinter>(out, std::move(options));
}

}  // namespace quern::cli
