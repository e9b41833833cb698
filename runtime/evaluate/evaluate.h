#pragma once
// TO EVALUATE, run: scan, score, judge, sink.

#include <cstdint>

#include "compiler/plan/plan.h"
#include "connectors/connector.h"
#include "runtime/pipeline/train.h"
#include "runtime/sinks/sink.h"

namespace quern::runtime {

struct EvaluateSummary {
  std::int64_t rows = 0;   ///< written
  Diagnostics notes = {};  ///< why a metric is NULL
};

/// Writes the report that the plan asks for to `sink`. But for the reports confusion and rows it
/// holds of each row the label and the prediction: 8 bytes for two classes, 4 and 4 a class for
/// more, 12 for numbers; 8 more where there are weights.
/// Errors: no_rows, those of LabelEncoder, bad_weight, Q4xxx, Q5xxx, corrupt_model.
Result<EvaluateSummary> run_evaluate(const plan::Evaluate& plan, Connection& connection, Sink& sink,
                                     const Control& control);

}  // namespace quern::runtime
