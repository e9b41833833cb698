#pragma once
// TO EVALUATE of models without a label: sizes, distances and silhouettes of clusters, errors of
// what components and encodings give back.

#include "compiler/ir/statement.h"
#include "connectors/connector.h"
#include "runtime/evaluate/evaluate.h"
#include "runtime/sinks/sink.h"

namespace quern::runtime {

/// Rows whose silhouettes are computed, at most: of more a sample is drawn, by a seed of its own.
inline constexpr std::size_t kMostCompared = 10000;

/// Holds sums, and of rows to compare their points. Errors: no_rows, assertion_failed, Q4xxx,
/// Q5xxx, corrupt_model.
Result<EvaluateSummary> evaluate_unlabelled(const ir::Evaluate& statement, Connection& connection,
                                            Sink& sink, const Control& control);

}  // namespace quern::runtime
