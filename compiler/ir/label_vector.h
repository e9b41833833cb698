#pragma once
// Labels that are vectors: as many numbers a row as a network has outputs. A stored one has the
// type of a list with its size, whether training read lists or text like "1, 2.5, 3".

#include <cstdint>
#include <string_view>

#include "compiler/ir/statement.h"

namespace quern::ir {

/// The label's column holds lists, or text where the statement says how many numbers a label has.
bool has_vector_label(const Train& statement);

/// Numbers of a row's label: those that model.n_out, model.label_dimension, the last layer of
/// model.layers or the column's type say, in this order; 1 of a plain label, 0 where nothing tells.
std::int32_t label_width(const Train& statement);

inline bool is_vector(const Label& label) {
  return label.task == Task::regression && label.type.kind == TypeKind::list;
}
/// Numbers of a row's label; 1 of a class.
inline std::int32_t label_width(const Label& label) {
  return is_vector(label) ? label.type.size : 1;
}

/// The attribute by which an estimator is told the width; "" where none tells.
std::string_view width_attribute(const EstimatorDescriptor& estimator);

}  // namespace quern::ir
