// Words, JSON and order of trials.

#include "compiler/ir/trial.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/box.h"

namespace quern::ir {
namespace {

using Values = std::vector<std::pair<std::string, Scalar>>;

constexpr std::array kStates{TrialState::done, TrialState::stopped, TrialState::failed};

Scalar read_value(const nlohmann::json& j) {
  if (j.is_boolean()) return j.get<bool>();
  if (j.is_number_integer()) return j.get<std::int64_t>();
  if (j.is_number()) return j.get<double>();
  return j.get<std::string>();
}

}  // namespace

std::string_view state_name(TrialState state) {
  switch (state) {
    case TrialState::done: return "done";
    case TrialState::stopped: return "stopped";
    case TrialState::failed: return "failed";
  }
  return "";
}

std::optional<TrialState> find_state(std::string_view name) {
  for (const auto state : kStates) {
    if (state_name(state) == name) return state;
  }
  return std::nullopt;
}

Values scalars_of(const ChosenValues& values) {
  Values out;
  for (const auto& [spec, value] : values) {
    std::visit(
        [&, &name = spec->name](const auto& v) {
          if constexpr (std::is_constructible_v<Scalar, decltype(v)>)
            out.emplace_back(name, Scalar(v));
          else
            out.emplace_back(name, format_attribute(AttributeValue(v)));
        },
        value);
  }
  return out;
}

std::string values_to_json(const Values& values) {
  auto j = nlohmann::json::object();
  for (const auto& [name, value] : values) {
    std::visit([&j, &key = name](const auto& v) { j[key] = v; }, value);
  }
  return j.dump();
}

Result<Values> values_from_json(std::string_view text) {
  try {
    Values out;
    const auto j = nlohmann::json::parse(text);
    for (const auto& [name, value] : j.items()) out.emplace_back(name, read_value(value));
    return out;
  } catch (const std::exception& e) {
    return Diagnostic{Code::corrupt_model,
                      std::string("the values of a trial are corrupt: ") + e.what()};
  }
}

bool is_better(const Trial& a, const Trial& b, bool larger_is_better) {
  if (a.state != b.state) return a.state < b.state;
  if (a.state == TrialState::stopped && a.budget != b.budget) return a.budget > b.budget;
  if (a.value && b.value && *a.value != *b.value)
    return larger_is_better ? *a.value > *b.value : *a.value < *b.value;
  return a.number < b.number;
}

std::vector<Trial> ranked(std::vector<Trial> trials, bool larger_is_better) {
  std::stable_sort(trials.begin(), trials.end(), [](const Trial& a, const Trial& b) {
    return std::tie(a.number, b.budget) < std::tie(b.number, a.budget);
  });
  const auto same = [](const Trial& a, const Trial& b) { return a.number == b.number; };
  trials.erase(std::unique(trials.begin(), trials.end(), same), trials.end());
  std::stable_sort(trials.begin(), trials.end(), [&](const Trial& a, const Trial& b) {
    return is_better(a, b, larger_is_better);
  });
  return trials;
}

}  // namespace quern::ir
