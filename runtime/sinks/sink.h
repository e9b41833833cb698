#pragma once
// Where the rows of a statement go.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/cancel.h"
#include "base/column.h"
#include "base/result.h"
#include "compiler/plan/plan.h"
#include "connectors/connector.h"

namespace quern::runtime {

class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(ColumnBatch batch) = 0;
  /// Makes what was written visible, all at once. A sink destroyed before has written nothing.
  virtual Result<void> finish() = 0;
  /// What the user should hear of it, behind finish().
  virtual Diagnostics take_notes() { return {}; }
};

/// How an output's table is to be written. Its write is not Write::rows.
TableOrder table_order(const plan::Output& output);

/// Hands batches to the caller as they come.
std::unique_ptr<Sink> make_rows_sink(std::function<void(const ColumnBatch&)> on_batch);

/// Writes the output's table: created, replaced or appended to in one transaction, and marked as
/// ours. A spooling output keeps all batches until finish(): in memory up to `memory` bytes (unset:
/// all), the others in a temporary file. Indexes of a replaced table are made anew on the new rows.
/// `output` must outlive the sink; its write is not Write::rows.
/// Errors: database_error, read_only, cancelled.
Result<std::unique_ptr<Sink>> make_table_sink(const plan::Output& output, Connection& user,
                                              const CancelToken& cancel,
                                              std::optional<std::int64_t> memory);

}  // namespace quern::runtime
