#pragma once
// Tuning: which values attributes may have, and which of them each trial gets. A trial's values are
// a function of the seed, the trial's number and the attributes' names, so that they depend neither
// on threads nor on the order of attributes, and a longer search begins like a shorter one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/attributes.h"

namespace quern::ir {

enum class TuneAlgorithm : std::uint8_t {
  random,   ///< each trial's values are drawn
  grid,     ///< every combination of the choices
  halving,  ///< drawn; the best third of the trials goes on with three times the rounds
};

/// How a training is tuned; what is searched stands in its settings.
struct Tuning {
  TuneAlgorithm algorithm = TuneAlgorithm::random;
  int trials = 10;  ///< at most; grid: all combinations
  /// The metric on validation rows by which trials are compared; "": the last one that training
  /// reports.
  std::string objective = {};
  std::optional<double> time_limit = {};  ///< seconds after which no trial begins
};

/// A value that a trial gave an attribute.
struct ChosenValue {
  const AttributeSpec* spec = nullptr;
  AttributeValue value;
};
using ChosenValues = std::vector<ChosenValue>;

std::string_view algorithm_name(TuneAlgorithm algorithm);

/// Settings with a value to search, by name.
std::vector<const Setting*> searched(const std::vector<Setting>& settings);

/// How many combinations of values there are; infinity where a number of RANGE has fractions.
double combinations(const std::vector<Setting>& settings);

/// The values of each trial, by name of attribute. Of grid the last name changes fastest. Drawn
/// values differ from trial to trial as long as there are others; numbers with fractions have six
/// significant digits, so that they can be written as they are shown.
std::vector<ChosenValues> trials_of(const Tuning& tuning, const std::vector<Setting>& settings,
                                    std::int64_t seed);

/// Gives the settings the values of a trial, as if they had been written so.
void choose(std::vector<Setting>& settings, const ChosenValues& values);

/// As format_double(), whole numbers without a fraction.
std::string format_number(double value);

/// "eta 0.1, max_depth 4"
std::string format_values(const ChosenValues& values);

/// "RANGE(0.01, 0.3, 'log')", "CHOICE(3, 4)"
std::string format_search(const SearchSpace& space);

}  // namespace quern::ir
