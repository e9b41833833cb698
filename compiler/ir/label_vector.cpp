// How many numbers a label has.

#include "compiler/ir/label_vector.h"

#include "compiler/ir/network_choice.h"
#include "compiler/ir/scripted_module.h"

namespace quern::ir {
namespace {

/// What the statement itself says; 0: nothing.
std::int32_t stated_width(const Train& statement) {
  const auto name = width_attribute(*statement.estimator);
  if (const auto* setting = find_setting(statement.settings, name))
    return static_cast<std::int32_t>(std::get<std::int64_t>(setting->value));
  if (statement.module) return outputs_of(*statement.module);
  const auto* layers = find_setting(statement.settings, "model.layers");
  if (layers == nullptr) return 0;
  // The last layer is Linear(inputs, outputs).
  return static_cast<std::int32_t>(std::stol(std::get<NameGroups>(layers->value).back().at(2)));
}

const ColumnType& label_type(const Train& statement) {
  return statement.query.description.schema[*statement.label_column].type;
}

}  // namespace

std::string_view width_attribute(const EstimatorDescriptor& estimator) {
  if (!estimator.is_network() || !has_chosen_layers(estimator)) return "";
  if (estimator.booster == "time_series") return "model.n_out";
  return estimator.label_role == LabelRole::number ? "model.label_dimension" : "";
}

bool has_vector_label(const Train& statement) {
  if (!statement.label_column || statement.estimator == nullptr ||
      !statement.estimator->is_network())
    return false;
  const auto kind = label_type(statement).kind;
  if (kind == TypeKind::list) return statement.label_role != LabelRole::classes;
  return kind == TypeKind::text && statement.label_role == LabelRole::number &&
         stated_width(statement) > 0;
}

std::int32_t label_width(const Train& statement) {
  if (!has_vector_label(statement)) return 1;
  const auto stated = stated_width(statement);
  return stated > 0 ? stated : label_type(statement).size;
}

}  // namespace quern::ir
