#pragma once
// Dates and timestamps, taken apart.

#include "base/column.h"
#include "compiler/ir/feature_program.h"

namespace quern::codegen {

/// Writes one part of each value as float32; NULL as NaN. `out` has `column.length` elements.
/// Rule: SQL's extract(), in UTC; epoch_days is float32(double(microseconds) / 86,400,000,000), and
/// of an infinite value +-infinity, where all other parts are NaN.
void run_date_part(const Column& column, ir::Part part, float* out);

/// The same of one value: a date in days, or a timestamp of any kind in microseconds.
float date_part(TypeKind kind, double value, ir::Part part);

}  // namespace quern::codegen
