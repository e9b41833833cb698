#pragma once
// Text without a function that turns out to be a vector in every row.

#include <cstdint>
#include <vector>

#include "codegen/interpret/sparse_rows.h"
#include "runtime/dataset/pages.h"

namespace quern::runtime {

/// Watches the text columns that COLUMN says nothing of. While all values so far are lists of
/// equally many numbers ("1,2,3"), or all are keys and values ("1:0.5 7:2"), they wait beside the
/// category that the column is otherwise. The first value that is neither ends the watching, so
/// that ordinary text costs nothing. Not thread-safe.
class VectorFinder {
 public:
  /// \param fixed  the program is that of a model to go on from: nothing is looked for.
  VectorFinder(const ir::FeatureProgram& program, bool fixed);

  /// \param columns for each input of the program, the column of the batches that holds it.
  void add(const ColumnBatch& batch, const std::vector<std::size_t>& columns,
           const PageStore::Slot& slot);

  /// Makes groups of the columns that are vectors in every row, and says so in a note; their
  /// categories are taken out. Before groups of hidden features are made.
  void finish(ir::FeatureProgram& program, PageStore& pages, SourceSpan span, Diagnostics& notes);

 private:
  enum class Form : std::uint8_t { unknown, numbers, entries, none };
  struct Found {
    std::size_t feature = 0;
    std::size_t input = 0;
    std::size_t slot = 0;  ///< in the pages
    Form form = Form::unknown;
    std::uint32_t width = 0;
    bool several = false;  ///< a text had two entries: "12:30" alone may be a time
  };
  static bool take(Found& found, std::string_view text, codegen::SparseRows& rows);
  static bool is_vector(const Found& found);

  std::vector<Found> found_;
};

}  // namespace quern::runtime
