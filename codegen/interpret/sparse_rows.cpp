// Row by row.

#include "codegen/interpret/sparse_rows.h"

namespace quern::codegen {
namespace {

bool read_dense(const ir::SparseGroup& group, std::string_view text, std::vector<double>& numbers,
                std::vector<SparseEntry>& out) {
  numbers.clear();
  if (!parse_numbers(text, ",", numbers) || numbers.size() != group.width) return false;
  for (std::uint32_t i = 0; i < group.width; ++i)
    out.push_back({i, static_cast<float>(numbers[i])});
  return true;
}

}  // namespace

bool read_entries(const ir::SparseGroup& group, std::string_view text, std::vector<double>& numbers,
                  std::vector<SparseEntry>& out) {
  if (const auto* ngrams = std::get_if<ir::Ngrams>(&group.source)) {
    count_ngrams(text, ngrams->words, group.width, out);
    return true;
  }
  if (std::holds_alternative<ir::DenseText>(group.source))
    return read_dense(group, text, numbers, out);
  const auto& form = std::get<ir::SparseText>(group.source);
  const auto first = out.size();
  if (!parse_entries(text, form.delimiter, form.key_delimiter, out)) return false;
  if (form.weighted) return true;
  for (auto i = first; i < out.size(); ++i) out[i].value = 1;
  return true;
}

void read_texts(const ir::SparseGroup& group, const Column& column, SparseRows& out,
                BadTexts& bad) {
  std::vector<double> numbers;
  for (std::int64_t r = 0; r < column.length; ++r) {
    if (!column.is_null(r) && !read_entries(group, column.text(r), numbers, out.entries))
      bad.add(column.text(r));
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
