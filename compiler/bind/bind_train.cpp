// Binding of TO TRAIN.

#include <cmath>

#include "base/similar.h"
#include "compiler/bind/bind_split.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "compiler/bind/settings.h"

namespace quern::binding {
namespace {

using ir::LabelRole;

/// What the objective's task says of the label; the estimator's name speaks only where it is
/// silent.
void settle_role(ir::Train& out) {
  out.label_role = out.estimator->label_role;
  const auto* setting = ir::find_setting(out.settings, "objective");
  if (setting == nullptr) return;
  out.objective = ir::find_objective(std::get<std::string>(setting->value));
  out.objective_span = setting->value_span;
  const bool number = out.objective->task == ir::Task::regression;
  out.label_role = number ? LabelRole::number : LabelRole::classes;
}

void check_label_type(const ir::Train& out, Diagnostics& errors) {
  const auto& field = out.query.description.schema[out.label_column];
  const bool text = field.type.kind == TypeKind::text;
  const bool usable = text || is_number(field.type.kind) || field.type.kind == TypeKind::boolean;
  if (!usable) {
    errors.push_back(
        {Code::column_type,
         "column " + field.name + " cannot be a label: its type is " + field.type.sql_name,
         out.label_span, "cast it to a number or to text in the query"});
    return;
  }
  if (out.label_role != LabelRole::number || !text) return;
  errors.push_back({Code::column_type,
                    "a text label is a class, " +
                        (out.objective != nullptr ? "objective " + std::string(out.objective->name)
                                                  : out.estimator->name) +
                        " predicts a number: " + field.name,
                    out.label_span,
                    "use xgboost.XGBClassifier, or cast the label to a number in the query"});
}

void bind_weight(ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "weight");
  if (setting == nullptr) return;
  out.weight_span = setting->value_span;
  out.weight_column = find_weight(out.query.description.schema, *setting, out.label_column, errors);
}

/// Rows of one label would all be on one side.
void check_key(const ir::Train& out, Diagnostics& errors) {
  if (!out.split.key || *out.split.key != out.label_column) return;
  errors.push_back({Code::attribute_conflict,
                    "the label cannot be the key of the split: " +
                        out.query.description.schema[out.label_column].name,
                    out.split.span});
}

/// Where the model goes is checked now: training may take hours.
void check_into(const ir::ModelRef& into, Catalog& catalog, Diagnostics& errors) {
  const auto place = check_place(into.where, into.span, catalog);
  if (!place) return append(errors, place.errors());
  const auto writable = catalog.check_store(into);
  if (!writable) return append(errors, placed(writable.errors(), into.span));
  const auto store = catalog.model_names(into);
  if (!store) append(errors, placed(store.errors(), into.span));
}

void check_positive_class(const ir::Train& out, Diagnostics& errors) {
  if (!out.positive_class || out.label_role != LabelRole::number) return;
  errors.push_back({Code::attribute_conflict,
                    "positive_class is for classes, the label is a number", out.positive_class_span,
                    "use xgboost.XGBClassifier"});
}

void bind_class_weight(ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "class_weight");
  if (setting == nullptr) return;
  const auto* word = std::get_if<std::string>(&setting->value);
  if (word != nullptr && *word == "none") return;
  ir::ClassWeight weight{.span = setting->value_span};
  weight.balanced = word != nullptr;
  if (word == nullptr) weight.factors = std::get<ir::NumberMap>(setting->value);
  out.class_weight = std::move(weight);
  if (out.label_role != LabelRole::number) return;
  errors.push_back({Code::attribute_conflict, "class_weight is for classes, the label is a number",
                    setting->span, "use xgboost.XGBClassifier"});
}

void bind_options(ir::Train& out) {
  out.rounds = out.estimator->default_rounds;
  if (const auto* s = ir::find_setting(out.settings, "num_round")) {
    out.rounds = static_cast<int>(std::get<std::int64_t>(s->value));
  }
  if (const auto* s = ir::find_setting(out.settings, "train.early_stopping")) {
    out.early_stopping = static_cast<int>(std::get<std::int64_t>(s->value));
  }
  const auto* s = ir::find_setting(out.settings, "positive_class");
  if (s == nullptr) return;
  out.positive_class_span = s->value_span;
  std::visit(
      [&](const auto& v) {
        if constexpr (std::is_constructible_v<Scalar, decltype(v)>) out.positive_class = Scalar(v);
      },
      s->value);
}

void refuse(const ir::Setting* setting, const std::string& why, const std::string& hint,
            Diagnostics& errors) {
  if (setting == nullptr) return;
  errors.push_back({Code::attribute_conflict, "attribute " + setting->spec->name + " " + why,
                    setting->span, hint});
}

/// XGBoost's exact method ignores what belongs to histograms, and takes categories for numbers.
void check_exact(const ir::Train& out, Diagnostics& errors) {
  const auto* method = ir::find_setting(out.settings, "tree_method");
  if (method == nullptr || std::get<std::string>(method->value) != "exact") return;
  for (const char* name : {"max_bin", "max_leaves", "grow_policy"}) {
    refuse(ir::find_setting(out.settings, name), "has no effect with tree_method exact",
           "use tree_method = hist", errors);
  }
  for (const auto& feature : out.program.features) {
    if (!feature.is_category()) continue;
    errors.push_back({Code::attribute_conflict,
                      "tree_method exact cannot split categories: " + feature.name + " is text",
                      method->span, "use tree_method = hist"});
    return;
  }
}

/// Parameters of one objective that the library would ignore elsewhere without a word.
void check_objective_parameters(const ir::Train& out, Diagnostics& errors) {
  const auto name = out.objective != nullptr ? out.objective->name : "";
  if (name != "reg:tweedie") {
    refuse(ir::find_setting(out.settings, "tweedie_variance_power"),
           "belongs to objective reg:tweedie", "", errors);
  }
  if (name != "reg:pseudohubererror") {
    refuse(ir::find_setting(out.settings, "huber_slope"),
           "belongs to objective reg:pseudohubererror", "", errors);
  }
}

/// base_score is in the unit of the result: the link must be able to invert it.
void check_base_score(const ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "base_score");
  if (setting == nullptr || out.objective == nullptr) return;
  const double value = std::get<double>(setting->value);
  const auto name = out.objective->name;
  const bool probability = name == "binary:logistic" || name == "reg:logistic";
  const bool logarithm = name == "count:poisson" || name == "reg:gamma" || name == "reg:tweedie" ||
                         name == "survival:cox";
  if (probability && !(value > 0 && value < 1)) {
    errors.push_back({Code::attribute_range,
                      "attribute base_score must be above 0 and below 1 for " + std::string(name) +
                          ": " + ir::format_attribute(setting->value),
                      setting->value_span});
  }
  if (logarithm && !(value > 0)) {
    errors.push_back({Code::attribute_range,
                      "attribute base_score must be above 0 for " + std::string(name) + ": " +
                          ir::format_attribute(setting->value),
                      setting->value_span});
  }
}

}  // namespace

Result<ir::Statement> bind_train(const ast::Train& train, Catalog& catalog) {
  QUERN_TRY(auto query, describe(train.query, catalog));
  QUERN_TRY(auto into, to_model_ref(train.into));
  ir::Train out;
  out.query = std::move(query);
  out.into = std::move(into);
  out.estimator = ir::find_estimator(train.estimator.text());
  out.estimator_span = train.estimator.span;
  const auto& schema = out.query.description.schema;

  Diagnostics errors;
  out.settings = bind_training_settings(train.with, *out.estimator, errors);
  settle_role(out);
  out.label_span = train.label->span;
  auto label = find_column(schema, train.label->text(), out.label_span);
  std::vector<std::size_t> excluded;
  if (label) {
    out.label_column = *label;
    excluded.push_back(*label);
    check_label_type(out, errors);
  } else {
    append(errors, label.errors());
    // What cannot be the label because it is there twice is no feature either.
    for (std::size_t i = 0; i < schema.size(); ++i) {
      if (equal_ignoring_case(schema[i].name, train.label->text())) excluded.push_back(i);
    }
  }
  bind_weight(out, errors);
  if (out.weight_column) excluded.push_back(*out.weight_column);
  out.split = bind_split(out.settings, schema, errors);
  check_key(out, errors);
  // A key tells rows apart and is worth nothing to a model that meets new ones.
  if (out.split.key && train.columns.empty()) excluded.push_back(*out.split.key);
  auto features = bind_features(schema, train.columns, excluded, train.query.span, errors);
  out.program = std::move(features.program);
  out.input_columns = std::move(features.columns);
  bind_options(out);
  bind_start(out, train, catalog, errors);
  check_positive_class(out, errors);
  check_into(out.into, catalog, errors);
  bind_class_weight(out, errors);
  bind_constraints(out, errors);
  bind_validation(out, catalog, errors);
  check_exact(out, errors);
  check_objective_parameters(out, errors);
  check_base_score(out, errors);
  if (!errors.empty()) return first_ten(std::move(errors));
  return ir::Statement(std::move(out));
}

}  // namespace quern::binding
