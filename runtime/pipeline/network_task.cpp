// Settings, one by one.

#include "runtime/pipeline/network_task.h"

#include <algorithm>
#include <array>

#include "compiler/ir/scripted_module.h"
#include "compiler/ir/tensors.h"

namespace quern::runtime {
namespace {

using Settings = std::vector<ir::Setting>;

template <typename T>
void take(const Settings& settings, const char* name, T& out) {
  const auto* setting = ir::find_setting(settings, name);
  if (setting == nullptr) return;
  std::visit(
      [&](const auto& value) {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>)
          out = static_cast<T>(value);
      },
      setting->value);
}

/// 0 and 1 for what is a flag.
double number_of(const ir::AttributeValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return std::get<double>(value);
}

/// Linear models and parts have few weights far from zero: their steps are longer.
constexpr double kLinearRate = 0.01;

Optimizer optimizer_of(const Settings& settings, const std::string& attribute,
                       const std::string& prefix, bool linear) {
  Optimizer out;
  if (const auto* name = ir::find_setting(settings, attribute))
    out.name = std::get<std::string>(name->value);
  bool has_rate = false;
  for (const auto& setting : settings) {
    const auto& name = setting.spec->name;
    if (!name.starts_with(prefix)) continue;
    out.numbers.emplace_back(name.substr(prefix.size()), number_of(setting.value));
    has_rate |= out.numbers.back().first == "learning_rate";
  }
  if (linear && !has_rate && out.name == "Adam")
    out.numbers.emplace_back("learning_rate", kLinearRate);
  return out;
}

std::vector<Optimizer> optimizers_of(const ir::Train& statement) {
  const auto& settings = statement.settings;
  if (statement.booster != "combined") {
    return {optimizer_of(settings, "model.optimizer", "optimizer.", statement.booster == "linear")};
  }
  return {optimizer_of(settings, "model.linear_optimizer", "linear_optimizer.", true),
          optimizer_of(settings, "model.dnn_optimizer", "dnn_optimizer.", false)};
}

Schedule schedule_of(const Settings& settings) {
  using enum Schedule::Kind;
  constexpr std::array kKinds{std::pair{"constant", constant}, std::pair{"step", step},
                              std::pair{"exponential", exponential}, std::pair{"cosine", cosine},
                              std::pair{"plateau", plateau}};
  Schedule out;
  if (const auto* setting = ir::find_setting(settings, "train.lr_schedule")) {
    for (const auto& [name, kind] : kKinds) {
      if (std::get<std::string>(setting->value) == name) out.kind = kind;
    }
  }
  take(settings, "train.lr_factor", out.factor);
  take(settings, "train.lr_epochs", out.epochs);
  take(settings, "train.warmup_epochs", out.warmup);
  return out;
}

Loss loss_of(std::string_view objective) {
  constexpr std::array kLosses{std::pair{"logistic", Loss::logistic},
                               std::pair{"cross_entropy", Loss::cross_entropy},
                               std::pair{"squared_error", Loss::squared},
                               std::pair{"absolute_error", Loss::absolute},
                               std::pair{"huber", Loss::huber},
                               std::pair{"log_cosh", Loss::log_cosh},
                               std::pair{"poisson", Loss::poisson},
                               std::pair{"hinge", Loss::hinge},
                               std::pair{"reconstruction", Loss::reconstruction}};
  for (const auto& [name, loss] : kLosses) {
    if (objective == name) return loss;
  }
  return Loss::squared;
}

}  // namespace

std::int64_t block_bytes(std::optional<std::int64_t> memory) {
  constexpr std::int64_t kMost = std::int64_t{256} << 20;
  return memory ? std::min(kMost, *memory / 4) : kMost;
}

int default_epochs(std::int64_t rows, std::int64_t batch_rows) {
  constexpr std::int64_t kSteps = 3000;
  const auto steps = std::max<std::int64_t>((rows + batch_rows - 1) / batch_rows, 1);
  return static_cast<int>(std::clamp<std::int64_t>((kSteps + steps - 1) / steps, 10, 200));
}

std::int64_t default_batch_rows(std::int64_t rows) {
  return std::clamp<std::int64_t>(rows / 10, 16, 128);
}

namespace {

/// Steps that the statement counts are those that the columns make up.
Result<void> check_steps(const ir::Train& statement, const ir::Network& network) {
  const auto* setting = ir::find_setting(statement.settings, "model.n_in");
  const auto* steps = std::get_if<ir::SequenceBlock>(&network.towers.front().blocks.front());
  if (setting == nullptr || steps == nullptr) return {};
  if (std::get<std::int64_t>(setting->value) == steps->length) return {};
  return Diagnostic{Code::attribute_conflict,
                    "model.n_in is " + ir::format_attribute(setting->value) +
                        ", the columns make up " + std::to_string(steps->length) + " steps",
                    setting->span, "name n_in times n_features columns"};
}

/// The module's layers over the features, and its weights to begin with.
Result<void> take_module(const ir::ScriptedModule& read, const Fitted& fitted, std::int32_t outputs,
                         NetworkTask& out) {
  QUERN_TRY(auto module, ir::for_label(read, outputs, fitted.objective->name));
  QUERN_TRY(out.network, ir::lay_out(module.plan, fitted.program, outputs));
  out.start =
      ir::write_tensors({.metadata = {{"epochs", "0"}, {"network", ir::to_json(out.network)}},
                         .tensors = std::move(module.weights)});
  return {};
}

}  // namespace

Result<NetworkTask> make_network_task(const plan::Train& plan, const Fitted& fitted,
                                      std::int64_t rows) {
  const auto& statement = plan.statement;
  const auto& settings = statement.settings;
  const bool several = fitted.label.task == ir::Task::multiclass;
  const auto outputs =
      several ? static_cast<std::int32_t>(fitted.label.classes.size()) : fitted.label.width();
  NetworkTask out = network_settings(statement, fitted.objective->name, rows);
  out.labels = fitted.label.width();
  if (statement.module) {
    QUERN_CHECK(take_module(*statement.module, fitted, outputs, out));
    return out;
  }
  if (statement.network->towers.empty()) return out;
  auto network = ir::lay_out(*statement.network, fitted.program, outputs);
  const auto* given = ir::find_setting(settings, "model.layers");
  if (!network && given != nullptr) {
    auto errors = std::move(network).errors();
    for (auto& error : errors) error.span = given->value_span;
    return errors;
  }
  QUERN_TRY(out.network, std::move(network));
  QUERN_CHECK(check_steps(statement, out.network));
  return out;
}

NetworkTask network_settings(const ir::Train& statement, std::string_view objective,
                             std::int64_t rows) {
  const auto& settings = statement.settings;
  NetworkTask out;
  out.loss = loss_of(objective);
  out.optimizers = optimizers_of(statement);
  out.schedule = schedule_of(settings);
  out.batch_rows = default_batch_rows(rows);
  take(settings, "train.batch_size", out.batch_rows);
  take(settings, "train.shuffle", out.shuffle);
  take(settings, "train.clip_norm", out.clip_norm);
  take(settings, "train.clip_value", out.clip_value);
  take(settings, "weight_decay", out.weight_decay);
  take(settings, "l1", out.l1);
  take(settings, "seed", out.seed);
  take(settings, "nthread", out.threads);
  if (const auto* metrics = ir::find_setting(settings, "validation.metrics"))
    out.metrics = std::get<std::vector<std::string>>(metrics->value);
  return out;
}

}  // namespace quern::runtime
