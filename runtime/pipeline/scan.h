#pragma once
// Reading the query of PREDICT and its like, batch by batch.

#include <cstdint>
#include <functional>

#include "base/progress.h"
#include "compiler/ir/statement.h"
#include "connectors/connector.h"
#include "runtime/pipeline/train.h"

namespace quern::runtime {

/// Runs the query and calls `take` for its rows, batch by batch in the query's order; batches are
/// cut so that a call takes about a tenth of a second at most. The query has ended when it returns,
/// so that a sink may then write to its tables. Returns the number of rows. Errors: those of
/// `take`, cancelled, and the database's at their place in the script; one without a place gets the
/// query's.
Result<std::int64_t> scan(const ir::Query& query, Connection& connection, Progress::Stage stage,
                          const Control& control,
                          const std::function<Result<void>(const ColumnBatch&)>& take);

}  // namespace quern::runtime
