// One function a rule.

#include "runtime/fit/settled_checks.h"

#include "base/format.h"
#include "compiler/ir/objective_rules.h"

namespace quern::runtime {
namespace {

void check_base_score(const ir::Train& statement, const ir::Objective& objective,
                      Diagnostics& errors) {
  const auto* setting = ir::find_setting(statement.settings, "base_score");
  if (setting == nullptr) return;
  const auto words = ir::unmet_by_base_score(objective, std::get<double>(setting->value));
  if (words.empty()) return;
  errors.push_back({Code::attribute_range,
                    "attribute base_score must be " + std::string(words) + " for " +
                        std::string(objective.name) + ": " + ir::format_attribute(setting->value),
                    setting->value_span, "the label has two values, which chose the objective"});
}

void check_scale(const ir::Train& statement, const ir::Objective& objective, Diagnostics& errors) {
  const auto* setting = ir::find_setting(statement.settings, "scale_pos_weight");
  if (setting == nullptr || ir::scales_positives(objective)) return;
  errors.push_back({Code::attribute_conflict,
                    "attribute scale_pos_weight has no effect with objective " +
                        std::string(objective.name) + ", which the label chose",
                    setting->span, "use class_weight"});
}

void check_margins(const ir::Train& statement, const ir::Label& label, Diagnostics& errors) {
  const auto given = statement.extras.base_margin.size();
  const auto needed = label.task == ir::Task::multiclass ? label.classes.size() : 1;
  if (given == 0 || given == needed) return;
  const auto* setting = ir::find_setting(statement.settings, "base_margin");
  errors.push_back({Code::class_count,
                    "base_margin names " + counted(static_cast<std::int64_t>(given), "column") +
                        ", label " + label.column + " needs " + std::to_string(needed) +
                        (needed == 1 ? "" : ": one for each of its classes, in their order"),
                    setting->value_span});
}

void check_num_class(const ir::Train& statement, const ir::Label& label, Diagnostics& errors) {
  const auto* setting = ir::find_setting(statement.settings, "num_class");
  if (setting == nullptr) return;
  const auto asked = std::get<std::int64_t>(setting->value);
  const auto found = static_cast<std::int64_t>(label.classes.size());
  if (found == asked) return;
  errors.push_back({Code::class_count,
                    found == 0 ? "num_class is for classes, label " + label.column + " is a number"
                               : "num_class is " + std::to_string(asked) + ", label " +
                                     label.column + " has " + std::to_string(found) + " classes",
                    setting->value_span,
                    found == 0 ? "use xgboost.XGBClassifier" : "leave it out: the rows tell"});
}

}  // namespace

Diagnostics check_settled(const ir::Train& statement, const ir::Label& label,
                          const ir::Objective& objective) {
  Diagnostics errors;
  check_base_score(statement, objective, errors);
  check_scale(statement, objective, errors);
  check_margins(statement, label, errors);
  check_num_class(statement, label, errors);
  return errors;
}

}  // namespace quern::runtime
