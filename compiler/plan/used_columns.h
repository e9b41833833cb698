#pragma once
// Which columns of its query a statement looks at.

#include <vector>

#include "compiler/ir/statement.h"

namespace quern::plan {

/// In order and each once; empty where all are. Those of a training are its features, label and
/// weight, what else it says of rows, and what splits them.
std::vector<std::size_t> used_columns(const ir::Train& statement);
/// The same of the rows that validation.select reads.
std::vector<std::size_t> used_columns(const ir::Validation& validation, std::size_t columns);
std::vector<std::size_t> used_columns(const ir::Predict& statement);
std::vector<std::size_t> used_columns(const ir::Evaluate& statement);
std::vector<std::size_t> used_columns(const ir::Explain& statement);

}  // namespace quern::plan
