#pragma once
// What an XGBoost objective means for scoring: the link function, and the space its base score is
// in.

#include <string_view>

#include "codegen/forest/forest.h"

namespace quern::codegen {

/// The function that takes a stored base score to a margin.
enum class BaseScore : std::uint8_t { margin, probability, mean };

struct ObjectiveRule {
  std::string_view name;
  Link link;
  BaseScore base_score;
};

/// The rule of an objective by XGBoost's name for it, or null. Rule: XGBoost 1.7 `ObjFunction`,
/// `PredTransform` and `ProbToMargin`; pinned by tests/property.
const ObjectiveRule* find_objective(std::string_view name);

/// The margin of a base score, in float32 as XGBoost computes it. Not finite if the score is
/// outside the objective's domain.
float base_margin(BaseScore kind, float score);

}  // namespace quern::codegen
