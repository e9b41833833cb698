#pragma once
// The door of fitting: rows wait here until they have told how long their lists are, and then go on
// to the fitter.

#include <optional>
#include <vector>

#include "runtime/fit/fit.h"
#include "runtime/fit/list_lengths.h"

namespace quern::runtime {

/// Feed it every batch of the query, in order, then finish. Without lists it is the fitter itself;
/// with them it holds the rows before the first list that has elements. Not thread-safe.
class ListFitter {
 public:
  /// The plan's program gets the features of lists when their length is known. `plan` must outlive
  /// the fitter. \param memory  bytes, as of Fitter::keep_in_memory().
  ListFitter(plan::Train& plan, std::optional<std::int64_t> memory);

  /// Errors: those of plan::settle_lists().
  Result<void> add(ColumnBatch batch);

  /// Errors: those of ListLengths::check(), settle_lists() and Fitter::finish().
  Result<Fitted> finish();

 private:
  Result<void> begin();
  void open();

  plan::Train& plan_;
  std::optional<std::int64_t> memory_;
  ListLengths lengths_;
  std::vector<ColumnBatch> held_;
  std::optional<Fitter> fitter_;
};

}  // namespace quern::runtime
