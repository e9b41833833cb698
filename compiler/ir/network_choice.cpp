// Layers from attributes.

#include "compiler/ir/network_choice.h"

namespace quern::ir {
namespace {

template <typename T>
T value_of(const std::vector<Setting>& settings, const std::string& name, const T& otherwise) {
  const auto* setting = find_setting(settings, name);
  return setting == nullptr ? otherwise : std::get<T>(setting->value);
}

Activation activation_of(const std::vector<Setting>& settings, const std::string& name) {
  constexpr std::string_view kTensorFlow = "tf.nn.";
  std::string_view word = "relu";
  const auto* setting = find_setting(settings, name);
  if (setting != nullptr) word = std::get<std::string>(setting->value);
  if (word.starts_with(kTensorFlow)) word.remove_prefix(kTensorFlow.size());
  for (int a = 0; a <= static_cast<int>(Activation::swish); ++a) {
    if (activation_name(static_cast<Activation>(a)) == word) return static_cast<Activation>(a);
  }
  return Activation::relu;
}

std::vector<std::int32_t> sizes_or(const std::vector<Setting>& settings, const std::string& name,
                                   std::vector<std::int32_t> otherwise) {
  const auto* setting = find_setting(settings, name);
  return setting == nullptr ? std::move(otherwise) : *layer_sizes(setting->value);
}

/// \param of  "" or "dnn_", as the attributes have it.
std::vector<Layer> stack_layers(const std::vector<Setting>& settings, const std::string& of) {
  const auto activation = activation_of(settings, "model." + of + "activation_fn");
  const auto dropout = value_of(settings, "model." + of + "dropout", 0.0);
  std::vector<Layer> out;
  for (const auto outputs : sizes_or(settings, "model." + of + "hidden_units", {128, 64})) {
    out.emplace_back(LinearLayer{outputs});
    if (value_of(settings, "model.batch_norm", false)) out.emplace_back(BatchNormLayer{});
    out.emplace_back(ActivationLayer{activation});
    if (dropout > 0) out.emplace_back(DropoutLayer{static_cast<float>(dropout)});
  }
  return out;
}

/// An encoder of deep clusters: the last of its layers has no function behind it.
std::vector<Layer> encoder_layers(const std::vector<Setting>& settings) {
  const auto activation = activation_of(settings, "model.pretrain_activation_func");
  std::vector<Layer> out;
  for (const auto outputs : sizes_or(settings, "model.pretrain_dims", {100, 100, 10})) {
    if (!out.empty()) out.emplace_back(ActivationLayer{activation});
    out.emplace_back(LinearLayer{outputs});
  }
  return out;
}

/// What stands before the last layer, whose outputs are known with the rows. Categories are ones
/// among zeros: there is no label by which vectors of them could be learned.
TowerPlan unlabelled(const EstimatorDescriptor& estimator, const std::vector<Setting>& settings) {
  TowerPlan out{.name = "encoder", .layers = {}, .embeds = false, .last = {}};
  if (estimator.booster == "kmeans") out.name = "clusters";
  if (estimator.booster == "pca") out.name = "components";
  if (estimator.booster == "autoencoder") out.layers = stack_layers(settings, "");
  if (estimator.booster == "dec") out.layers = encoder_layers(settings);
  return out;
}

TowerPlan stack(const std::vector<Setting>& settings, const std::string& of) {
  return {.name = "dnn", .layers = stack_layers(settings, of), .embeds = true, .last = {}};
}

Cell cell_of(const std::vector<Setting>& settings) {
  const auto name = value_of(settings, "model.model_type", std::string("rnn"));
  return name == "lstm" ? Cell::lstm : name == "gru" ? Cell::gru : Cell::rnn;
}

/// Layers of cells, then, of a classifier, one of hidden outputs.
TowerPlan cells(const EstimatorDescriptor& estimator, const std::vector<Setting>& settings) {
  const bool series = estimator.booster == "time_series";
  const auto units = sizes_or(settings, "model.stack_units", {series ? 64 : 32});
  const bool both = value_of(settings, "model.bidirectional", false);
  const auto dropout = static_cast<float>(value_of(settings, "model.dropout", 0.0));
  TowerPlan out{.name = "rnn", .layers = {}, .embeds = true, .numbers = 1, .last = {}};
  out.numbers = static_cast<std::int32_t>(value_of(settings, "model.n_features", std::int64_t{1}));
  for (std::size_t i = 0; i < units.size(); ++i) {
    out.layers.emplace_back(
        RecurrentLayer{cell_of(settings), units[i], both, i + 1 < units.size()});
    if (dropout > 0) out.layers.emplace_back(DropoutLayer{dropout});
  }
  if (series) return out;
  const auto hidden = value_of(settings, "model.hidden_size", std::int64_t{64});
  out.layers.emplace_back(LinearLayer{static_cast<std::int32_t>(hidden)});
  out.layers.emplace_back(ActivationLayer{Activation::relu});
  return out;
}

}  // namespace

std::optional<std::vector<std::int32_t>> layer_sizes(const AttributeValue& value) {
  std::vector<std::int32_t> out;
  for (const auto& item : std::get<std::vector<Scalar>>(value)) {
    const auto* size = std::get_if<std::int64_t>(&item);
    if (size == nullptr || *size < 1 || *size > kWidestLayer) return std::nullopt;
    out.push_back(static_cast<std::int32_t>(*size));
  }
  if (out.empty() || out.size() > kMostLayers) return std::nullopt;
  return out;
}

bool has_chosen_layers(const EstimatorDescriptor& estimator) {
  return estimator.booster != "sequential" && estimator.booster != "module";
}

NetworkPlan choose_network(const EstimatorDescriptor& estimator,
                           const std::vector<Setting>& settings) {
  if (!estimator.needs_label()) return {{unlabelled(estimator, settings)}};
  const TowerPlan linear{.name = "linear", .layers = {}, .embeds = false, .last = {}};
  if (estimator.booster == "linear") return {{linear}};
  if (estimator.reads_steps()) return {{cells(estimator, settings)}};
  if (estimator.booster == "combined") return {{linear, stack(settings, "dnn_")}};
  return {{stack(settings, "")}};
}

}  // namespace quern::ir
