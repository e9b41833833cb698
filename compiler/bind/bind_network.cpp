// Layers and optimizers from attributes.

#include "compiler/bind/bind_network.h"

#include <algorithm>
#include <array>

#include "base/similar.h"
#include "compiler/bind/bind_layers.h"
#include "compiler/bind/bind_unlabelled.h"
#include "compiler/bind/constants.h"
#include "compiler/ir/metrics.h"

namespace quern::binding {
namespace {

constexpr std::int64_t kWidest = 65536;
constexpr std::size_t kDeepest = 100;

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

template <typename T>
T value_of(const std::vector<ir::Setting>& settings, const std::string& name, const T& otherwise) {
  const auto* setting = ir::find_setting(settings, name);
  return setting == nullptr ? otherwise : std::get<T>(setting->value);
}

/// Checks `prefix.number` against the optimizer that `name` chooses.
void check_optimizer(const std::vector<ir::Setting>& settings, const std::string& name,
                     const std::string& prefix, Diagnostics& errors) {
  const auto chosen = value_of(settings, name, std::string("Adam"));
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

/// Whole numbers from 1 to the widest layer.
std::optional<std::vector<std::int32_t>> sizes_of(const ir::Setting& setting) {
  std::vector<std::int32_t> out;
  for (const auto& item : std::get<std::vector<Scalar>>(setting.value)) {
    const auto* size = std::get_if<std::int64_t>(&item);
    if (size == nullptr || *size < 1 || *size > kWidest) return std::nullopt;
    out.push_back(static_cast<std::int32_t>(*size));
  }
  if (out.empty()) return std::nullopt;
  return out.size() <= kDeepest ? std::optional(std::move(out)) : std::nullopt;
}

void check_sizes(const std::vector<ir::Setting>& settings, const std::string& name,
                 Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, name);
  if (setting == nullptr || sizes_of(*setting)) return;
  errors.push_back({Code::attribute_range,
                    "attribute " + name + " takes up to " + std::to_string(kDeepest) +
                        " whole numbers from 1 to " + std::to_string(kWidest) + ", found " +
                        ir::format_attribute(setting->value),
                    setting->value_span});
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

/// Of classes it may turn out only with the rows whether there are two.
bool has_metric(const ir::EstimatorDescriptor& estimator, const std::string& name) {
  if (estimator.label_role == ir::LabelRole::by_data) return ir::is_metric(name);
  if (!is_of_classes(estimator)) {
    const auto* metric = ir::find_metric(name, ir::Judged::number);
    return metric != nullptr && has_while_training(metric->metric);
  }
  return ir::find_metric(name, ir::Judged::binary) != nullptr ||
         ir::find_metric(name, ir::Judged::multiclass) != nullptr;
}

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
  const auto kind = value_of(settings, "train.lr_schedule", std::string("constant"));
  const auto belongs = [&](const char* name, const std::vector<std::string>& kinds) {
    const auto* setting = ir::find_setting(settings, name);
    if (setting == nullptr || std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return;
    errors.push_back(
        {Code::attribute_conflict,
         "attribute " + std::string(name) + " has no effect with train.lr_schedule " + kind,
         setting->span});
  };
  belongs("train.lr_factor", {"step", "exponential", "plateau"});
  belongs("train.lr_epochs", {"step", "plateau"});
}

ir::Activation activation_of(const std::vector<ir::Setting>& settings, const std::string& name) {
  constexpr std::string_view kTensorFlow = "tf.nn.";
  std::string_view word = "relu";
  const auto* setting = ir::find_setting(settings, name);
  if (setting != nullptr) word = std::get<std::string>(setting->value);
  if (word.starts_with(kTensorFlow)) word.remove_prefix(kTensorFlow.size());
  for (int a = 0; a <= static_cast<int>(ir::Activation::swish); ++a) {
    if (ir::activation_name(static_cast<ir::Activation>(a)) == word)
      return static_cast<ir::Activation>(a);
  }
  return ir::Activation::relu;
}

std::vector<std::int32_t> sizes_or(const std::vector<ir::Setting>& settings,
                                   const std::string& name, std::vector<std::int32_t> otherwise) {
  const auto* setting = ir::find_setting(settings, name);
  return setting == nullptr ? std::move(otherwise) : *sizes_of(*setting);
}

/// \param of  "" or "dnn_", as the attributes have it.
ir::TowerPlan stack(const std::vector<ir::Setting>& settings, const std::string& of) {
  return {.name = "dnn", .layers = stack_layers(settings, of), .embeds = true, .last = {}};
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

ir::Cell cell_of(const std::vector<ir::Setting>& settings) {
  const auto name = value_of(settings, "model.model_type", std::string("rnn"));
  return name == "lstm" ? ir::Cell::lstm : name == "gru" ? ir::Cell::gru : ir::Cell::rnn;
}

/// Layers of cells, then, of a classifier, one of hidden outputs.
ir::TowerPlan cells(const ir::EstimatorDescriptor& estimator,
                    const std::vector<ir::Setting>& settings) {
  const bool series = estimator.booster == "time_series";
  std::vector<std::int32_t> units{series ? 64 : 32};
  if (const auto* setting = ir::find_setting(settings, "model.stack_units"))
    units = *sizes_of(*setting);
  const bool both = value_of(settings, "model.bidirectional", false);
  const auto dropout = static_cast<float>(value_of(settings, "model.dropout", 0.0));
  ir::TowerPlan out{.name = "rnn", .layers = {}, .embeds = true, .numbers = 1, .last = {}};
  out.numbers = static_cast<std::int32_t>(value_of(settings, "model.n_features", std::int64_t{1}));
  for (std::size_t i = 0; i < units.size(); ++i) {
    out.layers.emplace_back(
        ir::RecurrentLayer{cell_of(settings), units[i], both, i + 1 < units.size()});
    if (dropout > 0) out.layers.emplace_back(ir::DropoutLayer{dropout});
  }
  if (series) return out;
  const auto hidden = value_of(settings, "model.hidden_size", std::int64_t{64});
  out.layers.emplace_back(ir::LinearLayer{static_cast<std::int32_t>(hidden)});
  out.layers.emplace_back(ir::ActivationLayer{ir::Activation::relu});
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

std::vector<ir::Layer> stack_layers(const std::vector<ir::Setting>& settings,
                                    const std::string& of) {
  const auto activation = activation_of(settings, "model." + of + "activation_fn");
  const auto dropout = value_of(settings, "model." + of + "dropout", 0.0);
  std::vector<ir::Layer> out;
  for (const auto outputs : sizes_or(settings, "model." + of + "hidden_units", {128, 64})) {
    out.emplace_back(ir::LinearLayer{outputs});
    if (value_of(settings, "model.batch_norm", false)) out.emplace_back(ir::BatchNormLayer{});
    out.emplace_back(ir::ActivationLayer{activation});
    if (dropout > 0) out.emplace_back(ir::DropoutLayer{static_cast<float>(dropout)});
  }
  return out;
}

std::vector<ir::Layer> encoder_layers(const std::vector<ir::Setting>& settings) {
  const auto activation = activation_of(settings, "model.pretrain_activation_func");
  std::vector<ir::Layer> out;
  for (const auto outputs : sizes_or(settings, "model.pretrain_dims", {100, 100, 10})) {
    if (!out.empty()) out.emplace_back(ir::ActivationLayer{activation});
    out.emplace_back(ir::LinearLayer{outputs});
  }
  return out;
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
  if (!estimator.needs_label()) return {{plan_unlabelled(estimator, settings)}};
  const ir::TowerPlan linear{.name = "linear", .layers = {}, .embeds = false, .last = {}};
  if (estimator.booster == "linear") return {{linear}};
  if (estimator.booster == "sequential") return {{listed(settings)}};
  if (estimator.reads_steps()) return {{cells(estimator, settings)}};
  if (estimator.booster == "combined") return {{linear, stack(settings, "dnn_")}};
  return {{stack(settings, "")}};
}

}  // namespace quern::binding
