#pragma once
// TO PREDICT, run: scan, score, sink; or inside the database, where that calls the model.

#include <cstdint>

#include "compiler/plan/plan.h"
#include "connectors/connector.h"
#include "runtime/pipeline/train.h"
#include "runtime/sinks/sink.h"

namespace quern::runtime {

/// Scores every row of the query and writes kept columns and results to `sink`, in the query's
/// order. NULLs follow the model's default directions; an unseen category has a code of its own.
/// Returns the number of rows. Errors: Q4xxx, Q5xxx, corrupt_model.
Result<std::int64_t> run_predict(const plan::Predict& plan, Connection& connection, Sink& sink,
                                 const Control& control);

/// The same of a plan that runs inside the database: the result is its table `target`.
Result<std::int64_t> run_predict_inside(const plan::Predict& plan, const TableName& target,
                                        Connection& connection, const Control& control);

}  // namespace quern::runtime
