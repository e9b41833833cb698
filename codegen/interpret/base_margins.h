#pragma once
// The columns that a row's margins begin with.

#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "compiler/ir/feature_program.h"

namespace quern::codegen {

/// Reads base margins, f32 [batch.rows, columns.size()], row-major; empty where there are no
/// columns. \param inputs  their names, for messages.
/// Errors: bad_base_margin (NULL, NaN, or beyond float32), without a span.
Result<std::vector<float>> read_base_margins(const ColumnBatch& batch,
                                             const std::vector<std::size_t>& columns,
                                             const std::vector<ir::Input>& inputs);

}  // namespace quern::codegen
