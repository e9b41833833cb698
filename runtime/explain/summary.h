#pragma once
// TO EXPLAIN of models without a label: what clusters have in common, what components are made of,
// which columns an encoding loses.

#include "compiler/ir/statement.h"
#include "connectors/connector.h"
#include "runtime/pipeline/train.h"
#include "runtime/sinks/sink.h"

namespace quern::runtime {

/// Writes the table of Explainer::summary; the number of its rows. Errors: no_rows, those of
/// open_unlabelled(), of scan() and of the sink.
Result<std::int64_t> explain_summary(const ir::Explain& statement, Connection& connection,
                                     Sink& sink, const Control& control);

}  // namespace quern::runtime
