// Source of the label domains: the checks in XGBoost 1.7's objective functions, and for ranking,
// where it checks nothing, what they compute with.

#include "compiler/ir/objectives.h"

#include <array>
#include <cmath>

#include "base/similar.h"

namespace quern::ir {
namespace {

using enum Task;
using enum LabelDomain;

constexpr std::array kObjectives{
    Objective{"reg:squarederror", regression, any, true},
    Objective{"reg:squaredlogerror", regression, above_minus_one, true},
    Objective{"reg:logistic", regression, unit_interval, true},
    Objective{"reg:pseudohubererror", regression, any, true},
    Objective{"reg:absoluteerror", regression, any, true},
    Objective{"reg:gamma", regression, positive, true},
    Objective{"reg:tweedie", regression, not_negative, true},
    Objective{"count:poisson", regression, not_negative, true},
    Objective{"binary:logistic", binary, any, true},
    Objective{"binary:logitraw", binary, any, true},
    Objective{"binary:hinge", binary, any, true},
    Objective{"multi:softprob", multiclass, any, true},
    Objective{"multi:softmax", multiclass, any, true},
    Objective{"survival:cox", regression, any, true},
    Objective{"survival:aft", regression, not_negative, true},
    Objective{"rank:pairwise", regression, not_negative, true},
    Objective{"rank:ndcg", regression, grade, true},
    Objective{"rank:map", regression, zero_one, true},
};

/// What networks minimise. Classes give their margins to logistic, one for two of them, or to
/// cross_entropy, one each.
constexpr std::array kOfNetworks{
    Objective{"logistic", binary, any, true},
    Objective{"cross_entropy", multiclass, any, true},
    Objective{"hinge", binary, any, true},
    Objective{"squared_error", regression, any, true},
    Objective{"absolute_error", regression, any, true},
    Objective{"huber", regression, any, true},
    Objective{"log_cosh", regression, any, true},
    Objective{"poisson", regression, not_negative, true},
};

/// What models without a label make small, but for `variance`, which components make large.
constexpr std::array kWithoutLabel{
    Objective{"inertia", clusters, any, true},
    Objective{"divergence", clusters, any, true},
    Objective{"variance", vector, any, true},
    Objective{"reconstruction", vector, any, true},
};

struct LossName {
  std::string_view name;
  std::string_view objective;  ///< "": by the number of classes
};

/// Ours first, then Keras' and torch's.
constexpr std::array kLosses{
    LossName{"cross_entropy", ""},
    LossName{"hinge", "hinge"},
    LossName{"squared_error", "squared_error"},
    LossName{"absolute_error", "absolute_error"},
    LossName{"huber", "huber"},
    LossName{"log_cosh", "log_cosh"},
    LossName{"poisson", "poisson"},
    LossName{"binary_crossentropy", "logistic"},
    LossName{"categorical_crossentropy", ""},
    LossName{"sparse_categorical_crossentropy", ""},
    LossName{"BinaryCrossentropy", "logistic"},
    LossName{"CategoricalCrossentropy", ""},
    LossName{"SparseCategoricalCrossentropy", ""},
    LossName{"CrossEntropyLoss", ""},
    LossName{"BCEWithLogitsLoss", "logistic"},
    LossName{"mean_squared_error", "squared_error"},
    LossName{"MeanSquaredError", "squared_error"},
    LossName{"MSELoss", "squared_error"},
    LossName{"mse", "squared_error"},
    LossName{"mean_absolute_error", "absolute_error"},
    LossName{"MeanAbsoluteError", "absolute_error"},
    LossName{"L1Loss", "absolute_error"},
    LossName{"mae", "absolute_error"},
    LossName{"HuberLoss", "huber"},
    LossName{"LogCosh", "log_cosh"},
    LossName{"logcosh", "log_cosh"},
};

}  // namespace

const Objective* find_objective(std::string_view name) {
  if (equal_ignoring_case(name, "reg:linear")) name = "reg:squarederror";
  for (const auto& objective : kObjectives) {
    if (equal_ignoring_case(objective.name, name)) return &objective;
  }
  for (const auto& objective : kOfNetworks) {
    if (equal_ignoring_case(objective.name, name)) return &objective;
  }
  for (const auto& objective : kWithoutLabel) {
    if (equal_ignoring_case(objective.name, name)) return &objective;
  }
  return nullptr;
}

std::vector<std::string> loss_names() {
  std::vector<std::string> out;
  for (const auto& loss : kLosses) out.emplace_back(loss.name);
  return out;
}

const Objective* find_loss(std::string_view name) {
  for (const auto& loss : kLosses) {
    if (equal_ignoring_case(loss.name, name))
      return loss.objective.empty() ? nullptr : find_objective(loss.objective);
  }
  return nullptr;
}

std::vector<std::string> objective_names() {
  std::vector<std::string> names;
  for (const auto& objective : kObjectives) names.emplace_back(objective.name);
  names.emplace_back("reg:linear");
  return names;
}

bool in_domain(LabelDomain domain, double value) {
  switch (domain) {
    case any: return true;
    case above_minus_one: return value > -1;
    case not_negative: return value >= 0;
    case positive: return value > 0;
    case unit_interval: return value >= 0 && value <= 1;
    case grade: return value >= 0 && value <= 31 && value == std::floor(value);
    case zero_one: return value == 0 || value == 1;
  }
  return true;
}

std::string_view domain_words(LabelDomain domain) {
  switch (domain) {
    case any: return "numbers";
    case above_minus_one: return "numbers above -1";
    case not_negative: return "numbers not below 0";
    case positive: return "numbers above 0";
    case unit_interval: return "numbers from 0 to 1";
    case grade: return "whole numbers from 0 to 31";
    case zero_one: return "0 and 1";
  }
  return "numbers";
}

std::string_view task_name(Task task) {
  switch (task) {
    case regression: return "regression";
    case binary: return "binary classification";
    case multiclass: return "multiclass classification";
    case clusters: return "clusters";
    case vector: return "vector";
  }
  return "regression";
}

}  // namespace quern::ir
