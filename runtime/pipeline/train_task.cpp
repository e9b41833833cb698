// A plan and what was fitted, as a task for the engine.

#include "runtime/pipeline/train_task.h"

#include "compiler/ir/tensors.h"
#include "runtime/pipeline/network_task.h"

namespace quern::runtime {

namespace {

/// Attributes that shape a network.
const ir::Setting* layer_setting(const ir::Train& statement) {
  for (const auto& setting : statement.settings) {
    const std::string_view name = setting.spec->name;
    if (name.starts_with("model.") && !name.ends_with("optimizer")) return &setting;
  }
  return nullptr;
}

}  // namespace

Result<void> keep_network(const ir::Train& statement, const TrainTask& task, ir::Network& network) {
  QUERN_TRY(const auto tensors, ir::read_tensors(task.start));
  const auto* text = tensors.text("network");
  if (text == nullptr) return Diagnostic{Code::corrupt_model, "the model holds no network"};
  QUERN_TRY(auto stored, ir::network_from_json(*text));
  const auto* setting = layer_setting(statement);
  const auto layers_of = [](const ir::Network& n) {
    std::vector<std::vector<ir::Layer>> out;
    for (const auto& tower : n.towers) out.push_back(tower.layers);
    return out;
  };
  if (setting != nullptr && layers_of(stored) != layers_of(network)) {
    return Diagnostic{
        Code::attribute_conflict,
        "attribute " + setting->spec->name + " asks for other layers than the model has",
        setting->span, "leave it out: the model's own layers go on"};
  }
  network = std::move(stored);
  return {};
}

Result<void> add_network(const plan::Train& plan, const Fitted& fitted, TrainTask& task) {
  if (!plan.statement.network) return {};
  const auto rows = task.train->rows();
  QUERN_TRY(auto network, make_network_task(plan, fitted, rows));
  if (!task.start.empty()) QUERN_CHECK(keep_network(plan.statement, task, network.network));
  if (task.rounds == 0) task.rounds = default_epochs(rows, network.batch_rows);
  task.network = std::make_shared<const NetworkTask>(std::move(network));
  return {};
}

TrainTask make_task(const plan::Train& plan, Fitted& fitted) {
  TrainTask task{.train = fitted.train ? fitted.train.get() : fitted.pages.get(),
                 .validation = fitted.validation.get(),
                 .rounds = plan.statement.rounds,
                 .early_stopping = plan.statement.early_stopping};
  if (fitted.validation_pages) task.validation = fitted.validation_pages.get();
  task.test = fitted.test.get();
  task.on_rows_taken = [&fitted] {
    fitted.pages->release();
    if (fitted.validation_pages) fitted.validation_pages->release();
  };
  for (const auto& group : fitted.program.groups) task.group_widths.push_back(group.width);
  for (const auto& feature : fitted.program.features) {
    if (feature.hidden) break;
    task.feature_names.push_back(feature.name);
    task.feature_kinds.push_back(feature.is_category() ? FeatureKind::category
                                                       : FeatureKind::number);
  }
  task.margins = static_cast<std::int32_t>(plan.statement.extras.base_margin.size());
  task.params = plan::engine_parameters(plan.statement);
  if (plan.statement.network) return task;
  task.params.emplace_back("objective", fitted.objective->name);
  if (fitted.objective->task == ir::Task::multiclass) {
    task.params.emplace_back("num_class", std::to_string(fitted.label.classes.size()));
  }
  if (const auto* bins = ir::find_setting(plan.statement.settings, "max_bin")) {
    task.max_bin = static_cast<int>(std::get<std::int64_t>(bins->value));
  }
  return task;
}

}  // namespace quern::runtime
