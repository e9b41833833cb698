#pragma once
// What became of one trial of a search: a line of SHOW TRIALS.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compiler/ir/scalar.h"
#include "compiler/ir/search.h"

namespace quern::ir {

/// A table of a model store, made by the first search.
inline constexpr const char* kTrialTable = "quern_trials";

enum class TrialState : std::uint8_t {
  done,
  stopped,  ///< halving went on without it
  failed,   ///< the library refused it
};

struct Trial {
  int number = 0;  ///< from 1
  TrialState state = TrialState::done;
  std::vector<std::pair<std::string, Scalar>> values = {};  ///< by name of attribute
  int budget = 0;                    ///< rounds that it was given; fewer than all by halving
  std::string metric = {};           ///< that is searched by; "" where it failed
  std::optional<double> value = {};  ///< of the metric; none where it failed
  int rounds = 0;                    ///< in the model; fewer than given by early stopping
  double seconds = 0;
  std::string message = {};  ///< why it failed
};

std::string_view state_name(TrialState state);
/// nullopt for a word that names none.
std::optional<TrialState> find_state(std::string_view name);

/// The values as those of a trial; lists as text.
std::vector<std::pair<std::string, Scalar>> scalars_of(const ChosenValues& values);

/// {"eta":0.1,"max_depth":4}: values as JSON, and back. Errors: corrupt_model.
std::string values_to_json(const std::vector<std::pair<std::string, Scalar>>& values);
Result<std::vector<std::pair<std::string, Scalar>>> values_from_json(std::string_view text);

/// True where `a` is a better trial than `b` by values of the metric; done goes before stopped,
/// that with more rounds first, and failed is last. Of equal ones the first is the better.
bool is_better(const Trial& a, const Trial& b, bool larger_is_better);

/// The last word of each trial, of the largest budget it was given; the best first.
std::vector<Trial> ranked(std::vector<Trial> trials, bool larger_is_better);

}  // namespace quern::ir
