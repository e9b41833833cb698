// Two rules of XGBoost's: its linear models know no categories, its exact method takes them for
// numbers.

#include "compiler/ir/category_rules.h"

#include <string>
#include <variant>
#include <vector>

namespace quern::ir {
namespace {

std::string words(const FeatureProgram& program, const Feature& feature) {
  const bool column = program.inputs[feature.input].name == feature.name;
  return feature.name + (column ? " is text" : " is one");
}

std::vector<const Feature*> categories(const FeatureProgram& program, bool settled) {
  std::vector<const Feature*> out;
  for (const auto& feature : program.features) {
    const bool open = !settled && may_be_vector(feature, program.inputs[feature.input]);
    if (feature.is_category() && !feature.hidden && !open) out.push_back(&feature);
  }
  return out;
}

}  // namespace

bool may_be_vector(const Feature& feature, const Input& input) {
  const auto* category = std::get_if<Category>(&feature.transform);
  return category != nullptr && category->most == 0 && !category->for_null && !feature.hidden &&
         feature.name == input.name && input.kind == TypeKind::text;
}

Diagnostics check_categories(const Train& train, const FeatureProgram& program, bool settled) {
  const auto* method = find_setting(train.settings, "tree_method");
  const bool exact = method != nullptr && std::get<std::string>(method->value) == "exact";
  const bool linear = train.booster == "gblinear";
  Diagnostics errors;
  if (!exact && !linear) return errors;
  for (const auto* feature : categories(program, settled)) {
    if (linear) {
      errors.push_back(
          {Code::attribute_conflict,
           "a linear model has no categories: " + words(program, *feature), train.estimator_span,
           "use INDICATOR(" + program.inputs[feature->input].name + "), or xgboost.gbtree"});
    } else if (errors.empty()) {
      errors.push_back({Code::attribute_conflict,
                        "tree_method exact cannot split categories: " + words(program, *feature),
                        method->span, "use tree_method = hist"});
    }
  }
  return errors;
}

}  // namespace quern::ir
