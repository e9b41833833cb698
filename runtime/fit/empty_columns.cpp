// One warning for all of them.

#include "runtime/fit/empty_columns.h"

#include <algorithm>
#include <cmath>

#include "runtime/fit/column_warning.h"

namespace quern::runtime {
namespace {

/// A date has all of its parts or none: it is named once, by its column.
const std::string& name_of(const ir::FeatureProgram& program, const ir::Feature& feature) {
  const bool part = std::holds_alternative<ir::DatePart>(feature.transform);
  return part ? program.inputs[feature.input].name : feature.name;
}

}  // namespace

bool has_value(const float* values, std::int64_t rows) {
  return std::any_of(values, values + rows, [](float v) { return !std::isnan(v); });
}

void note_empty_columns(const ir::FeatureProgram& program, const std::vector<bool>& seen,
                        SourceSpan span, Diagnostics& notes) {
  std::vector<Finding> names;
  for (std::size_t f = 0; f < program.features.size(); ++f) {
    if (seen[f]) continue;
    const auto& name = name_of(program, program.features[f]);
    if (names.empty() || names.back().column != name) names.push_back({name});
  }
  if (names.empty()) return;
  notes.push_back({.code = Code::column_empty,
                   .message = (names.size() == 1 ? "a column is" : "columns are") +
                              std::string(" NULL in every row, the model learns nothing from ") +
                              (names.size() == 1 ? "it: " : "them: ") + listed(names),
                   .span = span,
                   .severity = Severity::warning});
}

}  // namespace quern::runtime
