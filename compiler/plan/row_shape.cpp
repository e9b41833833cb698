// Shapes of rows, from statements.

#include "compiler/plan/row_shape.h"

#include <algorithm>

#include "compiler/ir/category_rules.h"
#include "compiler/ir/label_vector.h"

namespace quern::plan {
namespace {

bool waits(const ir::Feature& feature) {
  return std::any_of(feature.steps.begin(), feature.steps.end(), ir::is_fitted);
}

/// Text whose rows may show that it is a vector.
std::int64_t open_texts(const ir::FeatureProgram& program) {
  return std::count_if(program.features.begin(), program.features.end(), [&](const auto& feature) {
    return ir::may_be_vector(feature, program.inputs[feature.input]);
  });
}

}  // namespace

RowShape row_shape(const ir::RowExtras& extras, bool weighted, bool marked) {
  return {.weighted = weighted,
          .marked = marked,
          .grouped = extras.group.has_value(),
          .bounded = extras.upper_bound.has_value(),
          .margins = static_cast<std::int32_t>(extras.base_margin.size())};
}

RowShape row_shape(const ir::Train& statement) {
  const auto& program = statement.program;
  auto shape = row_shape(statement.extras, statement.weight_column || statement.class_weight,
                         statement.split.method != ir::SplitMethod::none);
  shape.labels = ir::label_width(statement);
  shape.drawn = ir::is_ranked(statement.split.method);
  shape.sparse = program.groups.size();
  if (statement.start) return shape;  // its program is fitted
  shape.waiting = static_cast<std::int32_t>(
      std::count_if(program.features.begin(), program.features.end(), waits));
  shape.sparse += static_cast<std::size_t>(open_texts(program));
  return shape;
}

std::int64_t row_columns(const RowShape& shape, std::int64_t features) {
  const auto one_if = [](bool has) { return has ? 1 : 0; };
  return features + shape.labels + shape.margins + one_if(shape.weighted) + one_if(shape.bounded) +
         one_if(shape.grouped) + one_if(shape.marked) + 2 * one_if(shape.drawn) +
         2 * std::int64_t{shape.waiting};
}

}  // namespace quern::plan
