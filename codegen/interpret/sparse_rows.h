#pragma once
// The groups of a feature program, interpreted: rows as the entries that are there.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/column.h"
#include "codegen/interpret/text_vectors.h"
#include "compiler/ir/feature_program.h"

namespace quern::codegen {

/// One group's entries of some rows, by rising keys in each.
struct SparseRows {
  std::vector<std::int64_t> offsets = {0};
  std::vector<SparseEntry> entries;

  std::int64_t rows() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
  std::span<const SparseEntry> row(std::int64_t r) const {
    const auto begin = static_cast<std::size_t>(offsets[static_cast<std::size_t>(r)]);
    const auto end = static_cast<std::size_t>(offsets[static_cast<std::size_t>(r) + 1]);
    return std::span(entries).subspan(begin, end - begin);
  }
  void end_row() { offsets.push_back(static_cast<std::int64_t>(entries.size())); }
  void clear() {
    offsets.resize(1);
    entries.clear();
  }
};

/// Texts that are not what they should be.
struct BadTexts {
  std::int64_t count = 0;
  std::string first;
  void add(std::string_view text) {
    if (count++ == 0) first = text;
  }
};

/// Appends the entries of one text of a group that is no OneHot; false, with `out` as it was, where
/// the text is not of the group's form. \param numbers  room that is kept from text to text.
bool read_entries(const ir::SparseGroup& group, std::string_view text, std::vector<double>& numbers,
                  std::vector<SparseEntry>& out);

/// Appends the entries of a group of SparseText or Ngrams; NULL and bad texts have none.
void read_texts(const ir::SparseGroup& group, const Column& column, SparseRows& out, BadTexts& bad);

/// Appends the entries of a OneHot: 1 at the code; none where it is NaN or not below `width`.
void read_codes(const float* codes, std::int64_t rows, std::uint32_t width, SparseRows& out);

}  // namespace quern::codegen
