#pragma once
// Classes, numbers and vectors of them as values of a result column.

#include <span>

#include "base/column_builder.h"
#include "compiler/ir/scalar.h"

namespace quern::runtime {

/// Appends a class of a label in the label's own type.
void append_scalar(ColumnBuilder& out, const Scalar& value, const ColumnType& type);

/// Appends numbers as a list where the column, of type `type`, holds lists, else the only one.
template <typename T>
void append_numbers(ColumnBuilder& out, std::span<const T> numbers, TypeKind type) {
  if (type != TypeKind::list) return out.append_double(numbers.front());
  for (const T number : numbers) out.elements().append_double(number);
  out.end_list();
}

}  // namespace quern::runtime
