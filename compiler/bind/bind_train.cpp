// Binding of TO TRAIN.

#include <cmath>

#include "base/similar.h"
#include "compiler/bind/bind_extras.h"
#include "compiler/bind/bind_label_vector.h"
#include "compiler/bind/bind_network.h"
#include "compiler/bind/bind_search.h"
#include "compiler/bind/bind_split.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "compiler/bind/settings.h"
#include "compiler/ir/category_rules.h"
#include "compiler/ir/constraints.h"
#include "compiler/ir/label_vector.h"
#include "compiler/ir/objective_rules.h"
#include "compiler/ir/training_metrics.h"

namespace quern::binding {
namespace {

using ir::LabelRole;

/// What the objective's task says of the label; the estimator's name speaks only where it is
/// silent.
void settle_role(ir::Train& out) {
  out.label_role = out.estimator->label_role;
  if (out.estimator->objective != nullptr)
    out.objective = ir::find_objective(out.estimator->objective);
  if (!out.estimator->needs_label()) return;
  if (out.estimator->is_network()) {
    out.objective = loss_objective(*out.estimator, out.settings);
    const auto* loss = ir::find_setting(out.settings, "loss");
    if (loss == nullptr) return;
    out.objective_span = loss->value_span;
    const bool number = out.objective != nullptr && out.objective->task == ir::Task::regression;
    out.label_role = number ? LabelRole::number : LabelRole::classes;
    return;
  }
  const auto* setting = ir::find_setting(out.settings, "objective");
  if (setting == nullptr) return;
  out.objective = ir::find_objective(std::get<std::string>(setting->value));
  out.objective_span = setting->value_span;
  const bool number = out.objective->task == ir::Task::regression;
  out.label_role = number ? LabelRole::number : LabelRole::classes;
}

/// The estimator for classes where this one is for numbers.
std::string classifier_for(const ir::Train& out) {
  const auto& name = out.estimator->name;
  if (!out.estimator->is_network()) return "xgboost.XGBClassifier";
  if (!name.ends_with("Regressor")) return "DNNClassifier";
  return name.substr(0, name.size() - std::string_view("Regressor").size()) + "Classifier";
}

void check_label_type(const ir::Train& out, Diagnostics& errors) {
  check_label_width(out, errors);
  if (ir::has_vector_label(out)) return;
  const auto& field = out.query.description.schema[*out.label_column];
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
                    "use " + classifier_for(out) + ", or cast the label to a number in the query"});
}

/// Finds the label. \param excluded  gets the columns that are no features then.
void bind_label(ir::Train& out, const ast::Name& written, std::vector<std::size_t>& excluded,
                Diagnostics& errors) {
  const auto& schema = out.query.description.schema;
  out.label_span = written.span;
  const auto label = find_column(schema, written.text(), out.label_span);
  if (label) {
    out.label_column = *label;
    excluded.push_back(*label);
    settle_vector_label(out);
    return check_label_type(out, errors);
  }
  append(errors, label.errors());
  // What cannot be the label because it is there twice is no feature either.
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (equal_ignoring_case(schema[i].name, written.text())) excluded.push_back(i);
  }
}

void bind_weight(ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "weight");
  if (setting == nullptr) return;
  out.weight_span = setting->value_span;
  out.weight_column = find_weight(out.query.description.schema, *setting, out.label_column, errors);
}

/// Rows of one label would all be on one side.
void check_key(const ir::Train& out, Diagnostics& errors) {
  if (!out.split.key || out.split.key != out.label_column) return;
  errors.push_back({Code::attribute_conflict,
                    "the label cannot be the key of the split: " +
                        out.query.description.schema[*out.label_column].name,
                    out.split.span});
}

/// What a column says of rows is TRUE and FALSE, a number or a word.
void check_split_column(const ir::Train& out, Diagnostics& errors) {
  if (out.split.method != ir::SplitMethod::column || !out.split.key) return;
  const auto& field = out.query.description.schema[*out.split.key];
  const auto kind = field.type.kind;
  if (kind == TypeKind::boolean || kind == TypeKind::text || is_number(kind)) return;
  errors.push_back(
      {Code::column_type,
       "column " + field.name + " cannot say where rows go: its type is " + field.type.sql_name,
       out.split.span, "use a boolean: TRUE is a row of validation"});
}

/// A group is on one side of the split: its column is the key, and no other can be.
void check_group_key(ir::Train& out, Diagnostics& errors) {
  if (!out.extras.group) return;
  const auto* setting = ir::find_setting(out.settings, "split.column");
  if (setting != nullptr && out.split.key != out.extras.group) {
    errors.push_back({Code::attribute_conflict,
                      "attribute split.column does not go with group: a group is never divided",
                      setting->span, "leave it out"});
  }
  if (out.split.method != ir::SplitMethod::stratified) return;
  errors.push_back({Code::attribute_conflict,
                    "split.method stratified does not go with group: a group is never divided",
                    out.split.span, "use split.method = group"});
}

/// The model that is gone on from has seen the rows of every fold.
void check_folds(const ir::Train& out, const ast::Train& train, Diagnostics& errors) {
  if (out.split.method != ir::SplitMethod::kfold || !train.start) return;
  errors.push_back({Code::attribute_conflict,
                    "split.method kfold does not go with USING: the model knows the rows of each "
                    "fold",
                    out.split.span, "leave one of them out"});
}

/// Where the model goes is checked now: training may take hours.
void check_into(const ir::Train& out, Catalog& catalog, Diagnostics& errors) {
  const auto& into = out.into;
  const auto place = check_place(into.where, into.span, catalog);
  if (!place) return append(errors, place.errors());
  const auto writable = catalog.check_store(into, out.tuning.has_value());
  if (!writable) return append(errors, placed(writable.errors(), into.span));
  const auto store = catalog.model_names(into);
  if (!store) append(errors, placed(store.errors(), into.span));
}

void check_positive_class(const ir::Train& out, Diagnostics& errors) {
  if (!out.positive_class || out.label_role != LabelRole::number) return;
  errors.push_back({Code::attribute_conflict,
                    "positive_class is for classes, the label is a number", out.positive_class_span,
                    "use " + classifier_for(out)});
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
                    setting->span, "use " + classifier_for(out)});
}

void bind_options(ir::Train& out) {
  out.rounds = out.estimator->default_rounds;
  const bool network = out.estimator->is_network();
  if (const auto* s = ir::find_setting(out.settings, network ? "train.epoch" : "num_round")) {
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

/// XGBoost's exact method ignores what belongs to histograms.
void check_exact(const ir::Train& out, Diagnostics& errors) {
  const auto* method = ir::find_setting(out.settings, "tree_method");
  if (method == nullptr || std::get<std::string>(method->value) != "exact") return;
  for (const char* name : {"max_bin", "max_leaves", "grow_policy"}) {
    refuse(ir::find_setting(out.settings, name), "has no effect with tree_method exact",
           "use tree_method = hist", errors);
  }
}

/// The library ignores or refuses late what does not go together in a linear model.
void check_linear(const ir::Train& out, Diagnostics& errors) {
  if (out.booster != "gblinear") return;
  const auto text = [&](const char* name, const char* otherwise) {
    const auto* setting = ir::find_setting(out.settings, name);
    return setting == nullptr ? std::string(otherwise) : std::get<std::string>(setting->value);
  };
  const auto selector = text("feature_selector", "cyclic");
  if (selector != "greedy" && selector != "thrifty") {
    refuse(ir::find_setting(out.settings, "top_k"),
           "has no effect with feature_selector " + selector, "use greedy or thrifty", errors);
  }
  if (text("updater", "coord_descent") != "shotgun") return;
  if (selector != "cyclic" && selector != "shuffle") {
    refuse(ir::find_setting(out.settings, "feature_selector"),
           "is cyclic or shuffle with updater shotgun, found " + selector, "use coord_descent",
           errors);
  }
  const auto* threads = ir::find_setting(out.settings, "nthread");
  if (threads == nullptr || std::get<std::int64_t>(threads->value) == 1) return;
  refuse(threads, "is 1 with updater shotgun: with more, each training gives another model",
         "use coord_descent", errors);
}

/// Parameters of one objective that the library would ignore elsewhere without a word.
void check_objective_parameters(const ir::Train& out, Diagnostics& errors) {
  const auto name = out.objective != nullptr ? out.objective->name : "";
  if (out.objective != nullptr && !ir::scales_positives(*out.objective)) {
    refuse(ir::find_setting(out.settings, "scale_pos_weight"),
           "has no effect with objective " + std::string(name), "use class_weight or weight",
           errors);
  }
  if (name != "reg:tweedie") {
    refuse(ir::find_setting(out.settings, "tweedie_variance_power"),
           "belongs to objective reg:tweedie", "", errors);
  }
  if (name != "survival:aft") {
    for (const char* attribute : {"aft_loss_distribution", "aft_loss_distribution_scale"}) {
      refuse(ir::find_setting(out.settings, attribute), "belongs to objective survival:aft", "",
             errors);
    }
  }
  if (name != "reg:pseudohubererror") {
    refuse(ir::find_setting(out.settings, "huber_slope"),
           "belongs to objective reg:pseudohubererror", "", errors);
  }
}

/// Metrics of groups and of intervals mean nothing elsewhere, and the library computes them all the
/// same.
void check_metrics(const ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "eval_metric");
  if (setting == nullptr) return;
  const auto objective = out.objective != nullptr ? out.objective->name : "";
  for (const auto& item : std::get<std::vector<std::string>>(setting->value)) {
    const auto needed = ir::needed_objective(item);
    if (needed.empty() || objective.starts_with(needed)) continue;
    errors.push_back({Code::attribute_conflict,
                      "metric " + item + " belongs to objectives " + std::string(needed) +
                          (needed.ends_with(":") ? "*" : ""),
                      setting->value_span});
  }
}

/// Without a metric there is nothing by which to stop.
void check_metric_of_stopping(const ir::Train& out, Diagnostics& errors) {
  const auto* off = ir::find_setting(out.settings, "disable_default_eval_metric");
  if (off == nullptr || !std::get<bool>(off->value) || out.early_stopping == 0) return;
  if (ir::find_setting(out.settings, "eval_metric") != nullptr) return;
  refuse(off, "leaves train.early_stopping no metric", "name one with eval_metric", errors);
}

/// An objective that the rows settle is checked against them.
void check_base_score(const ir::Train& out, Diagnostics& errors) {
  const auto* setting = ir::find_setting(out.settings, "base_score");
  if (setting == nullptr || out.objective == nullptr) return;
  const auto words = ir::unmet_by_base_score(*out.objective, std::get<double>(setting->value));
  if (words.empty()) return;
  errors.push_back({Code::attribute_range,
                    "attribute base_score must be " + std::string(words) + " for " +
                        std::string(out.objective->name) + ": " +
                        ir::format_attribute(setting->value),
                    setting->value_span});
}

/// Clusters and components learn from all rows: nothing could be checked on others.
bool validates(const ir::EstimatorDescriptor& estimator) {
  return estimator.needs_label() || estimator.booster == "autoencoder";
}

/// A module has learned from numbers as they are.
bool standardizes(const ir::Train& train) {
  const auto* setting = ir::find_setting(train.settings, "standardize");
  if (setting == nullptr) return train.estimator->booster != "module";
  return std::get<bool>(setting->value);
}

}  // namespace

Result<ir::Statement> bind_train(const ast::Train& train, Catalog& catalog) {
  QUERN_TRY(auto query, describe(train.query, catalog));
  QUERN_TRY(auto into, to_model_ref(train.into, catalog.dialect()));
  ir::Train out;
  out.query = std::move(query);
  out.into = std::move(into);
  out.estimator = ir::find_estimator(train.estimator.text());
  out.estimator_span = train.estimator.span;
  const auto& schema = out.query.description.schema;

  Diagnostics errors;
  out.settings = bind_training_settings(train.with, *out.estimator, errors);
  out.booster = ir::booster_of(*out.estimator, out.settings);
  check_network(*out.estimator, out.estimator_span, out.settings, errors);
  bind_module(out, train, catalog, errors);
  settle_role(out);
  std::vector<std::size_t> excluded;
  if (train.label) bind_label(out, *train.label, excluded, errors);
  bind_weight(out, errors);
  if (out.weight_column) excluded.push_back(*out.weight_column);
  bind_order(out, catalog, errors);
  bind_extras(out, errors);
  for (const auto column : columns_of(out.extras)) {
    if (column != out.label_column) excluded.push_back(column);
  }
  out.split = bind_split(out.settings, schema, errors);
  if (!validates(*out.estimator)) out.split.method = ir::SplitMethod::none;
  check_key(out, errors);
  check_split_column(out, errors);
  check_group_key(out, errors);
  // A key tells rows apart and is worth nothing to a model that meets new ones.
  if (out.split.key && train.columns.empty()) excluded.push_back(*out.split.key);
  const FeatureStyle style{*out.estimator, standardizes(out)};
  auto features = bind_features(schema, train.columns, excluded, style, train.query.span, errors);
  out.program = std::move(features.program);
  out.input_columns = std::move(features.columns);
  bind_options(out);
  if (out.estimator->is_network() && errors.empty())
    out.network = out.module ? out.module->plan : plan_network(*out.estimator, out.settings);
  bind_start(out, train, catalog, errors);
  check_folds(out, train, errors);
  if (out.start) check_extras({out.objective, out.start->model.span}, out.settings, errors);
  check_positive_class(out, errors);
  bind_class_weight(out, errors);
  bind_tuning(out, errors);
  check_into(out, catalog, errors);
  ir::bind_constraints(out.settings, out.program, errors);
  bind_validation(out, catalog, errors);
  append(errors, ir::check_categories(out, out.program, false));
  check_exact(out, errors);
  check_linear(out, errors);
  check_objective_parameters(out, errors);
  check_metrics(out, errors);
  check_metric_of_stopping(out, errors);
  check_base_score(out, errors);
  if (!errors.empty()) return first_ten(std::move(errors));
  return ir::Statement(std::move(out));
}

}  // namespace quern::binding
