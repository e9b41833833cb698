#pragma once
// The page about an evaluation: metrics, confusion, curves, calibration; of numbers predicted
// against true.

#include "compiler/ir/model_use.h"
#include "runtime/evaluate/judge.h"
#include "runtime/report/about.h"

namespace quern::runtime {

/// The whole page. Curves of up to eight classes are drawn, tables are of up to 40.
std::string evaluate_page(const ir::Evaluate& statement, const JudgedRows& judged,
                          const RowsSeen& seen);

}  // namespace quern::runtime
