// Row by row.

#include "codegen/interpret/sparse_rows.h"

namespace quern::codegen {
namespace {

bool read_dense(const ir::SparseGroup& group, std::string_view text, SparseRows& out) {
  std::vector<double> numbers;
  if (!parse_numbers(text, ",", numbers) || numbers.size() != group.width) return false;
  for (std::uint32_t i = 0; i < group.width; ++i)
    out.entries.push_back({i, static_cast<float>(numbers[i])});
  return true;
}

/// False where the text has no such entries.
bool read_text(const ir::SparseGroup& group, std::string_view text, SparseRows& out) {
  if (const auto* ngrams = std::get_if<ir::Ngrams>(&group.source)) {
    count_ngrams(text, ngrams->words, group.width, out.entries);
    return true;
  }
  if (std::holds_alternative<ir::DenseText>(group.source)) return read_dense(group, text, out);
  const auto& form = std::get<ir::SparseText>(group.source);
  const auto first = out.entries.size();
  if (!parse_entries(text, form.delimiter, form.key_delimiter, out.entries)) return false;
  if (form.weighted) return true;
  for (auto i = first; i < out.entries.size(); ++i) out.entries[i].value = 1;
  return true;
}

}  // namespace

void read_texts(const ir::SparseGroup& group, const Column& column, SparseRows& out,
                BadTexts& bad) {
  for (std::int64_t r = 0; r < column.length; ++r) {
    if (!column.is_null(r) && !read_text(group, column.text(r), out)) bad.add(column.text(r));
    out.end_row();
  }
}

void read_codes(const float* codes, std::int64_t rows, std::uint32_t width, SparseRows& out) {
  for (std::int64_t r = 0; r < rows; ++r) {
    if (codes[r] >= 0 && codes[r] < static_cast<float>(width))
      out.entries.push_back({static_cast<std::uint32_t>(codes[r]), 1});
    out.end_row();
  }
}

}  // namespace quern::codegen
