// Walks over all weights that have a derivative: parameters whole, tables by the rows they have one
// for.

#include "runtime/engines/torch/stepper.h"

#include <algorithm>
#include <cmath>

namespace quern::runtime::training {
namespace {

/// Numbers of a table up to which a step changes all of it, as the library's optimizers would: a
/// step of Adam then costs a millisecond at most.
constexpr std::size_t kWholeTable = std::size_t{1} << 20;

std::vector<float*> pointers(std::vector<std::vector<float>>& states) {
  std::vector<float*> out;
  for (auto& state : states) out.push_back(state.data());
  return out;
}

/// Calls `take(gradient, count)` for each piece.
template <typename Take>
void each_gradient(LiveNetwork& network, Take take) {
  for (auto& parameter : network.parameters()) {
    if (parameter.gradient != nullptr) take(parameter.gradient, parameter.size);
  }
  for (auto& table : network.tables()) {
    take(table.gradient().data(), static_cast<std::int64_t>(table.gradient().size()));
  }
}

}  // namespace

Result<std::unique_ptr<Stepper>> Stepper::make(const NetworkTask& task, LiveNetwork& network) {
  auto out = std::unique_ptr<Stepper>(new Stepper(task, network));
  const auto towers = network.network().towers.size();
  if (task.optimizers.size() != 1 && task.optimizers.size() != towers) {
    return Diagnostic{Code::engine_failed, "there are " + std::to_string(task.optimizers.size()) +
                                               " optimizers for " + std::to_string(towers) +
                                               " towers"};
  }
  for (std::size_t t = 0; t < towers; ++t) {
    const auto& optimizer = task.optimizers[task.optimizers.size() == 1 ? 0 : t];
    QUERN_TRY(auto rule, make_update_rule(optimizer));
    out->rules_.push_back(std::move(rule));
  }
  out->begin_states();
  return out;
}

void Stepper::begin_states() {
  for (const auto& parameter : network_.parameters()) {
    const auto& rule = rule_of(parameter.tower);
    auto& states = states_.emplace_back();
    if (!parameter.trained) continue;
    const auto size = static_cast<std::size_t>(parameter.size);
    states.assign(static_cast<std::size_t>(rule.states()), std::vector<float>(size));
    rule.begin(parameter.values, pointers(states).data(), parameter.size);
  }
  table_towers_.resize(network_.tables().size());
  for (std::size_t t = 0; t < network_.layout().towers.size(); ++t) {
    for (const auto& piece : network_.layout().towers[t].pieces) {
      if (piece.table < 0) continue;
      const auto table = static_cast<std::size_t>(piece.table);
      table_towers_[table] = t;
      begin_table(network_.tables()[table], rule_of(t));
    }
  }
}

void Stepper::begin_table(Table& table, const UpdateRule& rule) const {
  const bool moves = !rule.rests() || task_.weight_decay != 0 || task_.l1 != 0;
  table.begin(rule, moves && table.values().size() <= kWholeTable);
}

UpdateRule& Stepper::rule_of(std::size_t tower) { return *rules_[tower]; }

void Stepper::step(double factor) {
  for (auto& rule : rules_) rule->begin_step(rule->learning_rate() * factor);
  clip();
  update_parameters();
  update_tables();
}

void Stepper::clip() {
  if (task_.clip_value > 0) {
    const auto most = static_cast<float>(task_.clip_value);
    each_gradient(network_, [&](float* gradient, std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) gradient[i] = std::clamp(gradient[i], -most, most);
    });
  }
  if (task_.clip_norm <= 0) return;
  double sum = 0;
  each_gradient(network_, [&](const float* gradient, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) sum += double{gradient[i]} * gradient[i];
  });
  const double norm = std::sqrt(sum);
  if (norm <= task_.clip_norm) return;
  const auto factor = static_cast<float>(task_.clip_norm / norm);
  each_gradient(network_, [&](float* gradient, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) gradient[i] *= factor;
  });
}

void Stepper::add_penalties(const float* weights, float* gradient, std::int64_t count) const {
  const auto decay = static_cast<float>(task_.weight_decay);
  const auto l1 = static_cast<float>(task_.l1);
  if (decay != 0) {
    for (std::int64_t i = 0; i < count; ++i) gradient[i] += decay * weights[i];
  }
  if (l1 == 0) return;
  for (std::int64_t i = 0; i < count; ++i) {
    if (weights[i] != 0) gradient[i] += std::copysign(l1, weights[i]);
  }
}

void Stepper::update_parameters() {
  auto& parameters = network_.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    auto& parameter = parameters[i];
    if (!parameter.trained || parameter.gradient == nullptr) continue;
    if (parameter.penalised) add_penalties(parameter.values, parameter.gradient, parameter.size);
    rule_of(parameter.tower)
        .update(parameter.values, parameter.gradient, pointers(states_[i]).data(), parameter.size);
  }
}

void Stepper::update_tables() {
  for (std::size_t t = 0; t < network_.tables().size(); ++t) {
    const auto& rule = rule_of(table_towers_[t]);
    auto& table = network_.tables()[t];
    table.each_run([&](float* weights, float* gradient, float* const* states, std::int64_t count) {
      add_penalties(weights, gradient, count);
      rule.update(weights, gradient, states, count);
    });
    table.forget();
  }
}

}  // namespace quern::runtime::training
