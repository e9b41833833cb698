// Attributes that every kind of training has.

#include "compiler/ir/attribute_parts.h"

#include <algorithm>

namespace quern::ir::parts {

void add_weight(Specs& out) {
  out.push_back(ours("weight", {"weight_column", "train.weight", "model.weight_column"}, column, {},
                     "", "column of row weights, not below zero; not a feature"));
}

void add_label(Specs& out) {
  out.push_back(ours("positive_class", {}, scalar, {}, "the last class",
                     "the class whose probability a binary model gives"));
  add_weight(out);
  out.push_back(ours("class_weight", {"class_weights", "auto_class_weights"}, number_map,
                     at_least(0), "1 for each class",
                     "factor of the weight of each row by its class: {class: number}, or balanced, "
                     "which gives every class the same sum"));
  out.back().choices = {"balanced", "none"};
}

void add_classes(Specs& out) {
  out.push_back(ours("num_class", {"num_classes", "model.n_classes"}, integer, between(2, 10000),
                     "as the rows tell", "classes that the label must have"));
}

void add_order(Specs& out) {
  out.push_back(ours("train.order_by", {}, text, {}, "the query's",
                     "order of the training rows, as behind ORDER BY: 'a, b DESC'"));
}

void add_standardize(Specs& out) {
  out.push_back(ours("standardize", {"train.standardize"}, boolean, {}, "true",
                     "numbers less their mean, divided by their deviation, where COLUMN has no "
                     "function that scales them; a missing number is the mean"));
}

void add_validation(Specs& out) {
  out.push_back(ours("split.method", {"data_split_method"}, choice, {},
                     "random from 500 rows on, else none",
                     "which rows are kept apart for validation"));
  out.back().choices = {"random", "sequential", "none", "column", "stratified", "group", "kfold"};
  out.push_back(ours("split.eval", {"data_split_eval_fraction"}, real, {0, 1, true, true}, "0.2",
                     "share of the rows that are kept apart for validation"));
  out.push_back(ours("split.test", {"data_split_test_fraction"}, real, {0, 1, true, true}, "none",
                     "share of the rows that are kept apart for a last test of the model"));
  out.push_back(ours("split.folds", {"n_splits", "cv"}, integer, between(2, 100), "5",
                     "parts of a kfold split, each of which is kept apart once"));
  out.push_back(ours("split.seed", {}, integer, between(0, 9007199254740991.0), "0",
                     "seed of a split that is drawn"));
  add_order(out);
  out.push_back(ours("validation.select", {"validation.query"}, text, {}, "",
                     "query of the validation rows, in place of a split"));
  out.push_back(
      ours("split.column", {"data_split_col"}, column, {}, "",
           "key of a drawn split: rows of one value stay together; of split.method column: "
           "what says where a row goes; no feature unless COLUMN names it"));
}

void add_tuning(Specs& out, const std::string& usual, const std::string& metrics) {
  out.push_back(ours("tune.trials", {"num_trials"}, integer, between(1, 10000),
                     "10; grid all combinations", "most trainings of a search"));
  out.push_back(ours("tune.algorithm", {}, choice, {},
                     "grid where CHOICE alone is searched, else random",
                     "how RANGE and CHOICE are searched"));
  out.back().choices = {"random", "grid", "halving"};
  out.push_back(ours("tune.objective", {}, text, {}, usual,
                     "metric on validation rows by which trials are compared; " + metrics +
                         " where that is not given"));
  out.push_back(ours("tune.time_limit", {"time_limit"}, duration, above(0), "none",
                     "time after which no trial begins; seconds, or text like 90s, 10m, 2h, 1d"));
}

void mark_tunable(Specs& specs, const std::vector<std::string>& names) {
  for (auto& spec : specs)
    spec.tunable = std::find(names.begin(), names.end(), spec.name) != names.end();
}

}  // namespace quern::ir::parts
