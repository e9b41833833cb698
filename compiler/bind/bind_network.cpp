// Optimizers, losses and sizes, and layers that the statement lists.

#include "compiler/bind/bind_network.h"

#include <algorithm>
#include <array>

#include "base/similar.h"
#include "compiler/bind/bind_layers.h"
#include "compiler/bind/constants.h"
#include "compiler/ir/metrics.h"
#include "compiler/ir/network_choice.h"
#include "compiler/ir/scripted_module.h"

namespace quern::binding {
namespace {

/// The numbers that each optimizer knows. Rule: network_engine.h.
struct OptimizerNumbers {
  std::string_view name;
  std::vector<std::string_view> numbers;
};

const std::vector<OptimizerNumbers>& optimizers() {
  static const std::vector<OptimizerNumbers> all = {
      {"SGD", {"momentum", "nesterov"}},
      {"Adam", {"beta_1", "beta_2", "epsilon", "amsgrad"}},
      {"AdamW", {"beta_1", "beta_2", "epsilon", "amsgrad", "weight_decay"}},
      {"Adamax", {"beta_1", "beta_2", "epsilon"}},
      {"Nadam", {"beta_1", "beta_2", "epsilon", "momentum_decay"}},
      {"Adagrad", {"initial_accumulator_value", "epsilon"}},
      {"Adadelta", {"rho", "epsilon"}},
      {"RMSprop", {"rho", "epsilon", "momentum", "centered"}},
      {"Ftrl",
       {"learning_rate_power", "initial_accumulator_value", "l1_regularization_strength",
        "l2_regularization_strength", "beta"}}};
  return all;
}

/// The values that a setting may have: its own, or the choices of a search.
std::vector<ir::AttributeValue> values_of(const ir::Setting& setting) {
  if (!setting.search || setting.search->range) return {setting.value};
  return setting.search->choices;
}

/// The same of a setting of words; the usual one where it is not given.
std::vector<std::string> words_of(const std::vector<ir::Setting>& settings, const std::string& name,
                                  const char* otherwise) {
  const auto* setting = ir::find_setting(settings, name);
  if (setting == nullptr) return {otherwise};
  std::vector<std::string> out;
  for (const auto& value : values_of(*setting)) out.push_back(std::get<std::string>(value));
  return out;
}

/// Checks `prefix.number` against the optimizer, or each of them, that `name` chooses.
void check_optimizer(const std::vector<ir::Setting>& settings, const std::string& name,
                     const std::string& prefix, Diagnostics& errors) {
  for (const auto& chosen : words_of(settings, name, "Adam")) {
    const auto known = std::find_if(optimizers().begin(), optimizers().end(),
                                    [&](const auto& o) { return o.name == chosen; });
    for (const auto& setting : settings) {
      const std::string_view of = setting.spec->name;
      if (!of.starts_with(prefix)) continue;
      const auto number = of.substr(prefix.size());
      const auto& numbers = known->numbers;
      const bool fits = number == "learning_rate" ||
                        std::find(numbers.begin(), numbers.end(), number) != numbers.end();
      if (fits) continue;
      std::string takes = "learning_rate";
      for (const auto& n : numbers) takes += ", " + std::string(n);
      errors.push_back(
          {Code::attribute_conflict,
           "attribute " + setting.spec->name + " does not go with the optimizer " + chosen,
           setting.span, chosen + " takes " + takes});
    }
  }
}

void check_sizes(const std::vector<ir::Setting>& settings, const std::string& name,
                 Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, name);
  if (setting == nullptr) return;
  for (const auto& value : values_of(*setting)) {
    if (ir::layer_sizes(value)) continue;
    errors.push_back({Code::attribute_range,
                      "attribute " + name + " takes up to " + std::to_string(ir::kMostLayers) +
                          " whole numbers from 1 to " + std::to_string(ir::kWidestLayer) +
                          ", found " + ir::format_attribute(value),
                      setting->value_span});
  }
}

bool is_of_classes(const ir::EstimatorDescriptor& estimator) {
  return estimator.label_role == ir::LabelRole::classes;
}

void check_loss(const ir::EstimatorDescriptor& estimator, const std::vector<ir::Setting>& settings,
                Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "loss");
  if (setting == nullptr || estimator.label_role == ir::LabelRole::by_data) return;
  const auto* objective = loss_objective(estimator, settings);
  const bool number = objective != nullptr && objective->task == ir::Task::regression;
  if (number != is_of_classes(estimator)) return;
  errors.push_back({Code::attribute_conflict,
                    "loss " + std::get<std::string>(setting->value) + " is of " +
                        (number ? "numbers, " : "classes, ") + estimator.name + " predicts " +
                        (number ? "a class" : "a number"),
                    setting->value_span,
                    number ? "use cross_entropy or hinge"
                           : "use squared_error, absolute_error, huber, log_cosh or poisson"});
}

/// Those that labels in deviations from their mean have, too: see runtime/pipeline/scaled_labels.h.
bool has_while_training(ir::Metric metric) {
  using enum ir::Metric;
  return metric == rmse || metric == mae || metric == mse || metric == r2 ||
         metric == median_absolute_error || metric == max_error || metric == explained_variance;
}

}  // namespace

bool has_metric(const ir::EstimatorDescriptor& estimator, const std::string& name) {
  if (estimator.label_role == ir::LabelRole::by_data) return ir::is_metric(name);
  if (!is_of_classes(estimator)) {
    const auto* metric = ir::find_metric(name, ir::Judged::number);
    return metric != nullptr && has_while_training(metric->metric);
  }
  return ir::find_metric(name, ir::Judged::binary) != nullptr ||
         ir::find_metric(name, ir::Judged::multiclass) != nullptr;
}

namespace {

void check_metrics(const ir::EstimatorDescriptor& estimator,
                   const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "validation.metrics");
  if (setting == nullptr) return;
  for (const auto& name : std::get<std::vector<std::string>>(setting->value)) {
    if (has_metric(estimator, name)) continue;
    errors.push_back({Code::attribute_range,
                      "attribute validation.metrics has no value " + name + " for a model of " +
                          (is_of_classes(estimator) ? "classes" : "numbers"),
                      setting->value_span,
                      is_of_classes(estimator)
                          ? "docs/attributes.md lists the metrics of TO EVALUATE"
                          : "it has rmse, mae, mse, r2, median_absolute_error, max_error, "
                            "explained_variance; TO EVALUATE has all"});
  }
}

/// Numbers of a schedule that is not chosen.
void check_schedule(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto belongs = [&](const char* name, const std::vector<std::string>& kinds) {
    const auto* setting = ir::find_setting(settings, name);
    if (setting == nullptr) return;
    for (const auto& kind : words_of(settings, "train.lr_schedule", "constant")) {
      if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) continue;
      errors.push_back(
          {Code::attribute_conflict,
           "attribute " + std::string(name) + " has no effect with train.lr_schedule " + kind,
           setting->span});
    }
  };
  belongs("train.lr_factor", {"step", "exponential", "plateau"});
  belongs("train.lr_epochs", {"step", "plateau"});
}

/// The statement's own layers; numbers and one-hot categories go in.
ir::TowerPlan listed(const std::vector<ir::Setting>& settings) {
  const auto* setting = ir::find_setting(settings, "model.layers");
  const auto& value = std::get<ir::NameGroups>(setting->value);
  ir::TowerPlan out{.name = "dnn", .layers = layers_of(value), .embeds = false, .last = {}};
  out.inputs = inputs_of(value);
  out.last = {out.layers.back()};
  out.layers.pop_back();
  return out;
}

}  // namespace

std::vector<std::string_view> targets_of(const ir::EstimatorDescriptor& estimator) {
  if (!estimator.is_network() || estimator.booster != "combined") return {};
  return {"linear_feature_columns", "dnn_feature_columns"};
}

std::optional<std::int32_t> tower_of(const ir::EstimatorDescriptor& estimator,
                                     std::string_view target) {
  if (equal_ignoring_case(target, "feature_columns")) return -1;
  const auto targets = targets_of(estimator);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    if (equal_ignoring_case(target, targets[t])) return static_cast<std::int32_t>(t);
  }
  return std::nullopt;
}

void check_network(const ir::EstimatorDescriptor& estimator, SourceSpan span,
                   const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  if (!estimator.is_network()) return;
  check_sizes(settings, "model.hidden_units", errors);
  check_sizes(settings, "model.dnn_hidden_units", errors);
  check_sizes(settings, "model.stack_units", errors);
  check_sizes(settings, "model.pretrain_dims", errors);
  check_optimizer(settings, "model.optimizer", "optimizer.", errors);
  check_optimizer(settings, "model.dnn_optimizer", "dnn_optimizer.", errors);
  check_optimizer(settings, "model.linear_optimizer", "linear_optimizer.", errors);
  if (estimator.booster == "sequential" && ir::find_setting(settings, "model.layers") == nullptr) {
    errors.push_back({Code::attribute_conflict, "torch.Sequential needs model.layers", span,
                      "add model.layers = [Linear(20, 64), ReLU(), Linear(64, 1)]"});
  }
  check_loss(estimator, settings, errors);
  check_metrics(estimator, settings, errors);
  check_schedule(settings, errors);
}

void check_module(const ast::Train& train, const ir::EstimatorDescriptor& estimator,
                  Diagnostics& errors) {
  if (estimator.booster != "module") return;
  const bool file = ir::is_module_file(train.estimator.text());
  if (file == !train.start) return;
  errors.push_back({Code::attribute_conflict,
                    file ? "a module of a file has weights of its own, and does not go with USING"
                         : estimator.name + " needs a file, or a model to go on from",
                    file ? train.start->span : train.estimator.span,
                    file ? "torch.jit.ScriptModule goes on from a model that a file began"
                         : "write TO TRAIN 'model.pt', or add USING m"});
}

void bind_module(ir::Train& out, const ast::Train& train, Catalog& catalog, Diagnostics& errors) {
  const auto path = train.estimator.text();
  if (out.estimator->booster != "module" || !ir::is_module_file(path)) return;
  auto module = catalog.read_module(path);
  if (!module) return append(errors, placed(std::move(module).errors(), train.estimator.span));
  out.module = std::make_shared<const ir::ScriptedModule>(*std::move(module));
}

const ir::Objective* loss_objective(const ir::EstimatorDescriptor& estimator,
                                    const std::vector<ir::Setting>& settings) {
  const auto* setting = ir::find_setting(settings, "loss");
  if (setting != nullptr) return ir::find_loss(std::get<std::string>(setting->value));
  const bool number = estimator.label_role == ir::LabelRole::number;
  return number ? ir::find_objective("squared_error") : nullptr;
}

ir::NetworkPlan plan_network(const ir::EstimatorDescriptor& estimator,
                             const std::vector<ir::Setting>& settings) {
  if (estimator.booster == "sequential") return {{listed(settings)}};
  if (estimator.booster == "module") return {};
  return ir::choose_network(estimator, settings);
}

}  // namespace quern::binding
