#pragma once
// Estimator descriptors: what `TO TRAIN name` can be, and what each name means to its engine.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/ir/attributes.h"

namespace quern::ir {

/// How the estimator's name settles the kind of label.
enum class LabelRole : std::uint8_t {
  by_data,  ///< text, boolean or two distinct values: classes; else a number
  classes,
  number,
  none,  ///< trained without a label
};

struct EstimatorDescriptor {
  std::string name;                  ///< canonical: "xgboost.gbtree"
  std::vector<std::string> aliases;  ///< other accepted spellings
  std::string engine = "xgboost";
  /// What it trains: what is boosted, or the kind of network.
  std::string booster = "gbtree";
  LabelRole label_role = LabelRole::by_data;
  /// Parameters under the library's own names that replace its defaults.
  std::vector<std::pair<std::string, std::string>> presets = {};
  /// Attribute names that mean another attribute here than elsewhere: {alias, canonical}.
  std::vector<std::pair<std::string, std::string>> renames = {};
  int default_rounds = 10;          ///< 0: by the number of rows
  bool available = true;            ///< false: named by the language, built later
  bool any_booster = false;         ///< the attribute `booster` may choose another
  const char* objective = nullptr;  ///< in force where none is given; null: by the label

  /// Trained as a network: "dnn", "linear", "combined", "clusters", ... by `booster`.
  bool is_network() const { return engine != "xgboost"; }
  bool needs_label() const { return label_role != LabelRole::none; }
  /// Its first layer may learn vectors of categories; else they are ones among zeros.
  bool embeds() const { return is_network() && needs_label(); }
  /// Its network goes through sequences: "rnn", "time_series".
  bool reads_steps() const { return booster == "rnn" || booster == "time_series"; }
  std::span<const AttributeSpec> attributes() const;
};

std::span<const EstimatorDescriptor> estimators();

/// The booster in force: the attribute's, else the estimator's own.
std::string booster_of(const EstimatorDescriptor& estimator, const std::vector<Setting>& settings);

/// Finds by name or alias, case ignored; `sqlflow_models.` and `quern.` prefixes are taken off. A
/// name that is_module_file() takes finds the estimator of modules.
const EstimatorDescriptor* find_estimator(std::string_view name);

/// What to use in place of an estimator that another system has and the language has not; "" for
/// any other name. SQLFlow's and BigQuery ML's, case ignored.
std::string_view substitute_for(std::string_view name);

}  // namespace quern::ir
