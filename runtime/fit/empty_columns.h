#pragma once
// Columns that tell nothing.

#include <cstdint>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/ir/feature_program.h"

namespace quern::runtime {

/// True where one of the values is not missing.
bool has_value(const float* values, std::int64_t rows);

/// Warns of features that are missing in every row, by the names of their columns: no tree splits
/// by them. \param seen one a feature, false for these. \param span the query's.
void note_empty_columns(const ir::FeatureProgram& program, const std::vector<bool>& seen,
                        SourceSpan span, Diagnostics& notes);

}  // namespace quern::runtime
