#pragma once
// The tables of TO EVALUATE.

#include "compiler/ir/statement.h"
#include "runtime/evaluate/evaluate.h"
#include "runtime/evaluate/judge.h"
#include "runtime/sinks/sink.h"

namespace quern::runtime {

/// Writes a report on all rows: any but Report::rows. A number that is not defined is NULL.
/// Errors: cancelled, those of the sink.
Result<EvaluateSummary> write_report(const ir::Evaluate& statement, const JudgedRows& judged,
                                     Sink& sink, const Control& control);

/// Streams Report::rows. Errors: no_rows, those of Judge::check(), cancelled, those of the sink and
/// of scan().
Result<EvaluateSummary> write_rows(const ir::Evaluate& statement, Judge& judge,
                                   Connection& connection, Sink& sink, const Control& control);

}  // namespace quern::runtime
