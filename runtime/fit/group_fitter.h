#pragma once
// Groups of sparse features while rows pass.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "codegen/interpret/sparse_rows.h"
#include "runtime/dataset/pages.h"

namespace quern::runtime {

/// Reads the texts of groups into the pages, and finds how wide the groups are. Not thread-safe.
class GroupFitter {
 public:
  /// \param fixed  the program is that of a model to go on from: widths stay as they are.
  GroupFitter(const ir::FeatureProgram& program, bool fixed);

  /// \param columns for each input of the program, the column of the batches that holds it.
  void add(const ir::FeatureProgram& program, const ColumnBatch& batch,
           const std::vector<std::size_t>& columns, const PageStore::Slot& slot);

  /// Errors: bad_vector_text, bad_category_id.
  Diagnostics check(const ir::FeatureProgram& program, SourceSpan span) const;

  /// Sets the widths and makes groups of the codes of hidden features, which are final by now.
  /// Errors: too_many_values.
  Result<void> finish(ir::FeatureProgram& program, PageStore& pages, SourceSpan span);

 private:
  struct State {
    codegen::BadTexts bad = {};
    std::uint32_t end = 0;    ///< one more than the largest key
    std::int64_t beyond = 0;  ///< keys that a given width has no room for
  };
  bool fixed_;
  std::vector<State> states_;  ///< one a group
};

}  // namespace quern::runtime
