#pragma once
// What XGBoost can minimise, and what each objective asks of a label.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quern::ir {

/// What a model predicts.
enum class Task : std::uint8_t {
  regression,
  binary,
  multiclass,
  clusters,  ///< one of several groups of rows that no label names
  vector,    ///< several numbers, which no label gives: components, an encoding
};

/// A model of it was trained without a label.
constexpr bool is_unlabelled(Task task) { return task == Task::clusters || task == Task::vector; }

/// Which numbers a regression label may hold.
enum class LabelDomain : std::uint8_t {
  any,
  above_minus_one,
  not_negative,
  positive,
  unit_interval,
  grade,     ///< whole numbers from 0 to 31
  zero_one,  ///< 0 and 1
};

struct Objective {
  std::string_view name;
  Task task;
  LabelDomain domain;
  bool available;  ///< false: named by the language, built later
  bool is_ranking() const { return name.starts_with("rank:"); }
};

/// The objective by name, case ignored (`reg:linear` is `reg:squarederror`); nullptr when unknown.
/// Those of networks have names of their own: logistic, cross_entropy, squared_error, ...
const Objective* find_objective(std::string_view name);
/// XGBoost's, and what networks may be told to minimise, where Keras' names are known too.
std::vector<std::string> objective_names();
std::vector<std::string> loss_names();
/// A network's objective by one of loss_names(); null for cross entropy, which the number of
/// classes settles.
const Objective* find_loss(std::string_view name);

/// True where the domain holds `value`, which is finite.
bool in_domain(LabelDomain domain, double value);
/// The domain in words: "numbers above 0".
std::string_view domain_words(LabelDomain domain);

std::string_view task_name(Task task);

}  // namespace quern::ir
