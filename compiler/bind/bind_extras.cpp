// Groups of ranking, base margins, upper bounds of survival times.

#include "compiler/bind/bind_extras.h"

#include <algorithm>

#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"

namespace quern::binding {
namespace {

const Field& field(const ir::Train& out, std::size_t column) {
  return out.query.description.schema[column];
}

/// Looks up one column that an attribute names; the label only where it may be.
std::optional<std::size_t> bind_column(const ir::Train& out, const ir::Setting& setting,
                                       const std::string& name, bool may_be_label,
                                       Diagnostics& errors) {
  auto column = find_column(out.query.description.schema, name, setting.value_span);
  if (!column) {
    append(errors, column.errors());
    return std::nullopt;
  }
  if (*column == out.label_column && !may_be_label) {
    errors.push_back({Code::attribute_conflict,
                      "the label cannot be the " + setting.spec->name + ": " + name,
                      setting.value_span});
    return std::nullopt;
  }
  return *column;
}

void check_number(const ir::Train& out, const ir::Setting& setting, std::size_t column,
                  Diagnostics& errors) {
  const auto& of = field(out, column);
  if (is_number(of.type.kind)) return;
  errors.push_back({Code::column_type,
                    "attribute " + setting.spec->name + " takes a column of numbers: the type of " +
                        of.name + " is " + of.type.sql_name,
                    setting.value_span});
}

/// Values that can be told apart by a hash of their canonical form.
bool can_be_group(TypeKind kind) { return kind != TypeKind::other && kind != TypeKind::blob; }

void bind_group(ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "group");
  if (setting == nullptr) return;
  const auto column =
      bind_column(out, *setting, std::get<std::string>(setting->value), false, errors);
  if (!column) return;
  if (!can_be_group(field(out, *column).type.kind)) {
    errors.push_back({Code::column_type,
                      "column " + field(out, *column).name + " cannot be a group: its type is " +
                          field(out, *column).type.sql_name,
                      setting->value_span, "cast it to a number or to text in the query"});
  }
  out.extras.group = column;
}

void bind_margins(ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "base_margin");
  if (setting == nullptr) return;
  const auto& names = std::get<std::vector<std::string>>(setting->value);
  if (names.empty()) {
    errors.push_back({Code::attribute_type, "attribute base_margin takes at least one column",
                      setting->value_span});
  }
  for (const auto& name : names) {
    const auto column = bind_column(out, *setting, name, false, errors);
    if (!column) continue;
    check_number(out, *setting, *column, errors);
    auto& columns = out.extras.base_margin;
    if (std::find(columns.begin(), columns.end(), *column) != columns.end()) {
      errors.push_back({Code::attribute_conflict,
                        "attribute base_margin names a column twice: " + name,
                        setting->value_span});
      continue;
    }
    columns.push_back(*column);
  }
}

void bind_upper_bound(ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "label_upper_bound");
  if (setting == nullptr) return;
  const auto column =
      bind_column(out, *setting, std::get<std::string>(setting->value), true, errors);
  if (!column) return;
  check_number(out, *setting, *column, errors);
  out.extras.upper_bound = column;
}

void check_group(const ObjectiveInForce& in_force, const std::vector<ir::Setting>& settings,
                 Diagnostics& errors) {
  const bool ranking = in_force.objective != nullptr && in_force.objective->is_ranking();
  const auto* setting = ir::find_setting(settings, "group");
  if (ranking && setting == nullptr) {
    errors.push_back({Code::attribute_conflict,
                      "objective " + std::string(in_force.objective->name) +
                          " ranks the rows of a group: the attribute group is missing",
                      in_force.span, "add group = column, and ORDER BY it in the query"});
  }
  if (ranking || setting == nullptr) return;
  errors.push_back({Code::attribute_conflict, "attribute group belongs to objectives of ranking",
                    setting->span, "use xgboost.XGBRanker"});
}

void check_upper_bound(const ObjectiveInForce& in_force, const std::vector<ir::Setting>& settings,
                       Diagnostics& errors) {
  const bool aft = in_force.objective != nullptr && in_force.objective->name == "survival:aft";
  const auto* setting = ir::find_setting(settings, "label_upper_bound");
  if (aft && setting == nullptr) {
    errors.push_back({Code::attribute_conflict,
                      "objective survival:aft learns from intervals: the attribute "
                      "label_upper_bound is missing",
                      in_force.span,
                      "add label_upper_bound = column; the label itself where all is known"});
  }
  if (aft || setting == nullptr) return;
  errors.push_back({Code::attribute_conflict,
                    "attribute label_upper_bound belongs to objective survival:aft",
                    setting->span});
}

/// The base score is where margins begin without a base margin.
void check_base_score(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* score = ir::find_setting(settings, "base_score");
  if (score == nullptr || ir::find_setting(settings, "base_margin") == nullptr) return;
  errors.push_back({Code::attribute_conflict,
                    "attribute base_score has no effect with base_margin, which takes its place",
                    score->span, "leave one of them out"});
}

}  // namespace

ObjectiveInForce objective_in_force(const ir::EstimatorDescriptor& estimator, SourceSpan span,
                                    const std::vector<ir::Setting>& settings) {
  const auto* setting = ir::find_setting(settings, "objective");
  if (setting != nullptr)
    return {ir::find_objective(std::get<std::string>(setting->value)), setting->value_span};
  return {estimator.objective == nullptr ? nullptr : ir::find_objective(estimator.objective), span};
}

void check_extras(const ObjectiveInForce& in_force, const std::vector<ir::Setting>& settings,
                  Diagnostics& errors) {
  check_group(in_force, settings, errors);
  check_upper_bound(in_force, settings, errors);
  check_base_score(settings, errors);
}

void bind_extras(ir::Train& out, Diagnostics& errors) {
  bind_group(out, errors);
  bind_margins(out, errors);
  bind_upper_bound(out, errors);
}

std::vector<std::size_t> columns_of(const ir::RowExtras& extras) {
  auto out = extras.base_margin;
  if (extras.group) out.push_back(*extras.group);
  if (extras.upper_bound) out.push_back(*extras.upper_bound);
  return out;
}

}  // namespace quern::binding
