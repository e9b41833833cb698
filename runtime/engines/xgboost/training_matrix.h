#pragma once
// Turns pages of rows into the library's training matrices.

#include "base/cancel.h"
#include "runtime/engines/engine.h"
#include "runtime/engines/xgboost/xgboost_library.h"

namespace quern::runtime::xgboost {

/// What a matrix needs to know beside its rows.
struct MatrixOptions {
  const TrainTask* task = nullptr;  ///< names and kinds of the features
  std::string max_bin = "256";
  std::string threads = "0";  ///< 0: all
};

/// Reads pages two to four times and keeps a byte or two a value: for tree_method hist.
/// Errors: those of `pages`, engine_failed, out_of_memory, cancelled.
Result<Handle> quantile_matrix(const Library& library, const MatrixOptions& options,
                               PageSource& pages, const CancelToken& cancel);

/// Reads pages once and keeps every value, at the peak twice: for the tree methods that need them.
/// Errors: as above.
Result<Handle> plain_matrix(const Library& library, const MatrixOptions& options, PageSource& pages,
                            const CancelToken& cancel);

}  // namespace quern::runtime::xgboost
