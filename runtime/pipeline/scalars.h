#pragma once
// Classes as values of a result column.

#include "base/column_builder.h"
#include "compiler/ir/scalar.h"

namespace quern::runtime {

/// Appends a class of a label in the label's own type.
void append_scalar(ColumnBuilder& out, const Scalar& value, const ColumnType& type);

}  // namespace quern::runtime
