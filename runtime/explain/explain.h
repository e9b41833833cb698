#pragma once
// TO EXPLAIN, run: scan, attribute, sink.

#include <cstdint>

#include "compiler/plan/plan.h"
#include "connectors/connector.h"
#include "runtime/pipeline/train.h"
#include "runtime/sinks/sink.h"

namespace quern::runtime {

/// Writes the explanation that the plan asks for to `sink`; returns the number of rows written.
/// Errors: no_rows (global and permutation), those of LabelEncoder (permutation), Q4xxx,
/// Q5xxx, corrupt_model.
Result<std::int64_t> run_explain(const plan::Explain& plan, Connection& connection, Sink& sink,
                                 const Control& control);

}  // namespace quern::runtime
