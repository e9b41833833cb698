#pragma once
// The metrics that the training library reports after each round, and which way is better.

#include <string>
#include <string_view>
#include <vector>

namespace quern::ir {

/// Names for eval_metric, without parameters such as the cut of error@0.7.
std::vector<std::string> training_metric_names();

/// What the name of an objective begins with for which alone the metric has a meaning; "" for any.
/// `name` may carry a parameter, and the - of ndcg@5-.
std::string_view needed_objective(std::string_view name);

/// True where a larger value is a better one, of the library's metrics and of those of TO EVALUATE,
/// which networks report. `name` may carry a parameter: "auc", "error@0.7".
bool larger_is_better(std::string_view name);

}  // namespace quern::ir
