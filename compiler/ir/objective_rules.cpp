// Source: `ProbToMargin` and `RegLossParam` of XGBoost 1.7's objectives.

#include "compiler/ir/objective_rules.h"

#include <algorithm>
#include <array>

namespace quern::ir {
namespace {

constexpr std::array<std::string_view, 2> kProbabilities = {"binary:logistic", "reg:logistic"};
constexpr std::array<std::string_view, 5> kMeans = {"count:poisson", "reg:gamma", "reg:tweedie",
                                                    "survival:cox", "survival:aft"};

constexpr std::array<std::string_view, 5> kScaled = {"binary:logistic", "binary:logitraw",
                                                     "reg:logistic", "reg:squarederror",
                                                     "reg:squaredlogerror"};

template <typename Names>
bool among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string_view unmet_by_base_score(const Objective& objective, double value) {
  if (among(kProbabilities, objective.name) && !(value > 0 && value < 1))
    return "above 0 and below 1";
  if (among(kMeans, objective.name) && !(value > 0)) return "above 0";
  return "";
}

bool scales_positives(const Objective& objective) { return among(kScaled, objective.name); }

}  // namespace quern::ir
