// The declarations. Names, ranges and defaults of XGBoost's parameters: XGBoost 1.7 documentation,
// "XGBoost Parameters"; aliases: SQLFlow, scikit-learn's wrapper and BigQuery ML.

#include "compiler/ir/attribute_parts.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/objectives.h"
#include "compiler/ir/training_metrics.h"

namespace quern::ir {
namespace {

using namespace parts;

/// The boosters that grow trees.
std::vector<std::string> trees() { return {"gbtree", "dart"}; }

void limit_to(Specs& out, std::size_t first, const std::vector<std::string>& boosters) {
  for (auto i = first; i < out.size(); ++i) out[i].boosters = boosters;
}

void add_training(Specs& out) {
  out.push_back(ours("num_round",
                     {"num_boost_round", "train.num_boost_round", "n_estimators", "max_iterations",
                      "train.epoch", "rounds", "model.n_trees"},
                     integer, between(1, 1000000), "10", "boosting rounds"));
  parts::add_label(out);
  out.push_back(engine("seed", {"random_state", "train.seed"}, integer, between(0, 2147483647), "0",
                       "seed of row and column sampling"));
  out.push_back(engine("seed_per_iteration", {}, boolean, {}, "false",
                       "draw rows and columns of a round by the seed and the round's number"));
  out.push_back(ours("verbosity", {}, integer, between(0, 3), "1",
                     "which of the library's own words become notes: 0 none, 1 warnings, 2 and 3 "
                     "more"));
  out.push_back(engine("nthread", {"n_jobs", "threads"}, integer, between(1, 1024), "all cores",
                       "threads of the training library"));
}

/// Columns that are neither features nor the label.
void add_extras(Specs& out) {
  out.push_back(ours("group", {"qid", "query_id", "group_column"}, column, {}, "",
                     "column of the group that a row is ranked in; rows of a group lie together; "
                     "not a feature"));
  out.push_back(ours("base_margin", {}, columns, {}, "base_score",
                     "column of the margin that a row begins with, one a class where there are "
                     "several; PREDICT needs it too; not a feature"));
  out.push_back(ours("label_upper_bound", {}, column, {}, "",
                     "column of the upper bound of a survival time whose lower bound is the label; "
                     "NULL where it is not known; not a feature"));
}

void add_objective(Specs& out) {
  out.push_back(engine_choice("booster", {"booster_type"}, {"gbtree", "dart", "gblinear"},
                              "the estimator's",
                              "what is boosted: trees, trees with dropout, or a linear model"));
  out.push_back(
      engine_choice("objective", {"loss"}, objective_names(), "by the label", "what is minimised"));
  out.push_back(engine("eval_metric", {"validation.metrics", "metric"}, texts, {},
                       "by the objective", "metrics reported after each round"));
  out.back().choices = training_metric_names();
  out.push_back(engine("disable_default_eval_metric", {}, boolean, {}, "false",
                       "report no metric where eval_metric names none"));
  parts::add_classes(out);
  out.push_back(engine("base_score", {}, real, {}, "0.5",
                       "prediction before the first tree, in the unit of the result"));
  out.push_back(engine("scale_pos_weight", {}, real, above(0), "1",
                       "weight of the positive class in binary objectives"));
  out.push_back(engine("tweedie_variance_power", {}, real, {1, 2, true, true}, "1.5",
                       "variance power of reg:tweedie"));
  out.push_back(engine("huber_slope", {}, real, above(0), "1", "slope of reg:pseudohubererror"));
  out.push_back(engine_choice("aft_loss_distribution", {}, {"normal", "logistic", "extreme"},
                              "normal", "distribution of the noise of survival:aft"));
  out.push_back(
      engine("aft_loss_distribution_scale", {}, real, above(0), "1", "scale of that distribution"));
}

void add_tree(Specs& out) {
  const auto first = out.size();
  out.push_back(engine("max_depth", {"max_tree_depth", "model.max_depth"}, integer, between(0, 64),
                       "6", "depth of a tree; 0 is unlimited"));
  out.push_back(engine("max_leaves", {"max_leaf_nodes"}, integer, at_least(0), "0",
                       "leaves of a tree; 0 is unlimited"));
  out.push_back(engine("min_child_weight", {"min_tree_child_weight", "model.min_node_weight"}, real,
                       at_least(0), "1", "least sum of second derivatives in a leaf"));
  out.push_back(engine("gamma", {"min_split_loss", "model.tree_complexity"}, real, at_least(0), "0",
                       "least gain of a split"));
  out.push_back(
      engine("max_delta_step", {}, real, at_least(0), "0", "largest leaf weight; 0 is unlimited"));
  out.push_back(engine_choice("tree_method", {}, {"auto", "hist", "approx", "exact"}, "hist",
                              "how splits are searched"));
  out.push_back(engine_choice("grow_policy", {}, {"depthwise", "lossguide"}, "depthwise",
                              "which leaf is split next"));
  out.push_back(
      engine("max_bin", {}, integer, between(2, 65536), "256", "bins of a numeric feature"));
  out.push_back(
      engine("num_parallel_tree", {}, integer, between(1, 100000), "1", "trees of one round"));
  out.push_back(engine("monotone_constraints", {"monotonic_cst"}, number_map, between(-1, 1),
                       "0 for each feature",
                       "1: the prediction never falls as the feature rises, -1: never rises; "
                       "{feature: number}, or a number for each feature as in (1,0,-1)"));
  out.push_back(engine("interaction_constraints", {"interaction_cst"}, groups, {}, "all together",
                       "features that may be used together in a branch: [[a, b], [c]], or [[0, 1], "
                       "[2]] by position"));
  out.push_back(engine("max_cat_to_onehot", {}, integer, at_least(1), "4",
                       "categories up to which one is split off at a time"));
  out.push_back(engine_choice("predictor", {}, {"auto", "cpu_predictor"}, "auto",
                              "what predicts the rows of training between rounds; gpu_predictor "
                              "needs a GPU"));
  out.push_back(engine("max_cat_threshold", {}, integer, at_least(1), "64",
                       "most categories on the smaller side of a split"));
  limit_to(out, first, trees());
}

/// Of every booster.
void add_steps(Specs& out) {
  out.push_back(
      engine("eta", {"learning_rate", "learn_rate", "train.learning_rate", "model.learning_rate"},
             real, between(0, 1), "0.3; gblinear 0.5", "shrinkage of each tree or step"));
  out.push_back(engine("lambda", {"reg_lambda", "l2_reg", "model.l2_regularization"}, real,
                       at_least(0), "1; gblinear 0", "L2 penalty on leaf weights, or on weights"));
  out.push_back(engine("alpha", {"reg_alpha", "l1_reg", "model.l1_regularization"}, real,
                       at_least(0), "0", "L1 penalty on leaf weights, or on weights"));
}

void add_linear(Specs& out) {
  const auto first = out.size();
  out.push_back(engine_choice("updater", {}, {"coord_descent", "shotgun"}, "coord_descent",
                              "how weights are fitted; shotgun runs in one thread, for with more "
                              "it gives another model each time"));
  out.push_back(engine_choice("feature_selector", {},
                              {"cyclic", "shuffle", "random", "greedy", "thrifty"}, "cyclic",
                              "order in which weights are fitted; shotgun knows cyclic and "
                              "shuffle"));
  out.push_back(engine("top_k", {}, integer, at_least(0), "0",
                       "weights that greedy and thrifty fit in a round; 0 is all"));
  limit_to(out, first, {"gblinear"});
}

void add_sampling(Specs& out) {
  const auto first = out.size();
  out.push_back(engine("subsample", {}, real, kShare, "1", "share of rows that a tree sees"));
  out.push_back(
      engine("colsample_bytree", {}, real, kShare, "1", "share of features that a tree sees"));
  out.push_back(
      engine("colsample_bylevel", {}, real, kShare, "1", "share of features that a level sees"));
  out.push_back(engine_choice("sampling_method", {}, {"uniform"}, "uniform",
                              "how rows are drawn; gradient_based needs a GPU"));
  out.push_back(
      engine("colsample_bynode", {}, real, kShare, "1", "share of features that a split sees"));
  limit_to(out, first, trees());
}

void add_dart(Specs& out) {
  const auto first = out.size();
  out.push_back(engine_choice("sample_type", {}, {"uniform", "weighted"}, "uniform",
                              "how dropped trees are chosen"));
  out.push_back(
      engine_choice("normalize_type", {}, {"tree", "forest"}, "tree", "weight of new trees"));
  out.push_back(
      engine("rate_drop", {}, real, between(0, 1), "0", "share of trees dropped in a round"));
  out.push_back(
      engine("one_drop", {}, boolean, {}, "false", "drop at least one tree in each round"));
  out.push_back(
      engine("skip_drop", {}, real, between(0, 1), "0", "chance of a round without dropping"));
  limit_to(out, first, {"dart"});
}

/// What neither decides the objective or its metrics nor how rows are read.
void mark_tunable(Specs& specs) {
  parts::mark_tunable(specs, {"num_round",
                              "eta",
                              "lambda",
                              "alpha",
                              "max_depth",
                              "max_leaves",
                              "min_child_weight",
                              "gamma",
                              "max_delta_step",
                              "grow_policy",
                              "max_bin",
                              "num_parallel_tree",
                              "max_cat_to_onehot",
                              "max_cat_threshold",
                              "subsample",
                              "colsample_bytree",
                              "colsample_bylevel",
                              "colsample_bynode",
                              "scale_pos_weight",
                              "sample_type",
                              "normalize_type",
                              "rate_drop",
                              "one_drop",
                              "skip_drop",
                              "top_k"});
}

void add_later(Specs& out) {
  for (const char* name : {"process_type", "refresh_leaf"}) {
    out.push_back(later(name, {}, "parameter of the library"));
  }
}

/// Names that XGBoost, its wrapper for scikit-learn or another version of it knows.
void add_refused(Specs& out) {
  for (const char* name :
       {"device", "quantile_alpha", "multi_strategy", "max_cached_hist_node",
        "lambdarank_pair_method", "lambdarank_num_pair_per_sample", "lambdarank_normalization",
        "lambdarank_unbiased", "lambdarank_bias_norm", "ndcg_exp_gain"}) {
    out.push_back(refused(name, "it came with XGBoost 2.0, and what trains here is 1.7"));
  }
  for (const char* name : {"gpu_id", "n_gpus", "use_rmm"}) {
    out.push_back(refused(name, "it chooses a GPU, and training runs on the CPU"));
  }
  out.push_back(refused("single_precision_histogram", "XGBoost has it no more since 1.6"));
  out.push_back(refused("sketch_eps", "XGBoost has it no more since 1.6; max_bin is in its place"));
  out.push_back(refused("silent", "XGBoost has it no more since 1.0; verbosity is in its place"));
  out.push_back(refused("validate_parameters", "it is always on"));
  out.push_back(refused("num_feature", "the columns tell"));
  out.push_back(refused("enable_categorical", "columns of text are categories by themselves"));
  out.push_back(refused("use_label_encoder", "labels of text are classes by themselves"));
  out.push_back(refused("missing",
                        "NULL is what is missing; write NULLIF(column, value) in the "
                        "query for another mark"));
  out.push_back(refused("importance_type",
                        "TO EXPLAIN ... USING XGBoostExplainer gives splits, "
                        "gain and cover"));
  out.push_back(refused("label_lower_bound", "it is the LABEL of objective survival:aft"));
}

/// Names of SQLFlow's for XGBoost and for boosted trees of TensorFlow, where not aliases.
void add_sqlflow(Specs& out) {
  out.push_back(refused_but("train.num_workers", {"1"},
                            "one process trains, with as many threads as nthread says"));
  out.push_back(refused_but("train.batch_size", {"-1"}, "a tree learns from all rows at once"));
  out.push_back(refused_but("train.disk_cache", {"false"},
                            "features beyond a quarter of memory_limit wait on disk by "
                            "themselves"));
  out.push_back(refused_but("model.n_batches_per_layer", {"1"},
                            "all rows are one batch, and a layer of a tree grows from it"));
  out.push_back(refused_but("model.train_in_memory", {"true"},
                            "features beyond a quarter of memory_limit wait on disk by "
                            "themselves"));
  out.push_back(refused_but("model.center_bias", {"false"}, "margins begin at base_score"));
  out.push_back(refused_but("model.pruning_mode", {"post"}, "gamma prunes trees that are grown"));
  out.push_back(refused("model.quantile_sketch_epsilon", "max_bin is in its place"));
  out.push_back(refused("model.label_vocabulary", "labels of text are classes by themselves"));
}

Specs make_xgboost() {
  Specs out;
  add_training(out);
  add_extras(out);
  parts::add_validation(out);
  out.push_back(ours("train.early_stopping", {"early_stopping_rounds", "early_stop"}, integer,
                     between(1, 1000000), "none",
                     "rounds without a better value of the last metric on validation rows after "
                     "which training stops; the best round is kept"));
  add_objective(out);
  add_steps(out);
  add_tree(out);
  add_sampling(out);
  add_dart(out);
  add_linear(out);
  parts::add_tuning(out, "the last of eval_metric", "eval_metric");
  add_later(out);
  add_refused(out);
  add_sqlflow(out);
  mark_tunable(out);
  return out;
}

AttributeSpec output_mode() {
  return {.name = "output.mode",
          .aliases = {},
          .type = choice,
          .owner = Owner::output,
          .choices = {"replace", "append"},
          .default_text = "an error",
          .doc = "what happens to an existing table that Quern did not write"};
}

/// An attribute of a statement that uses a model.
AttributeSpec used_by(Owner owner, std::string name, AttributeType type, AttributeRange range,
                      std::string default_text, std::string doc) {
  return {.name = std::move(name),
          .aliases = {},
          .type = type,
          .owner = owner,
          .range = range,
          .default_text = std::move(default_text),
          .doc = std::move(doc)};
}

AttributeSpec evaluating(std::string name, AttributeType type, AttributeRange range,
                         std::string default_text, std::string doc) {
  return used_by(Owner::evaluator, std::move(name), type, range, std::move(default_text),
                 std::move(doc));
}

AttributeSpec explaining(std::string name, AttributeType type, AttributeRange range,
                         std::string default_text, std::string doc) {
  return used_by(Owner::explainer, std::move(name), type, range, std::move(default_text),
                 std::move(doc));
}

Specs make_evaluate() {
  Specs out = {output_mode()};
  out.push_back(evaluating("evaluate.metrics", texts, {}, "the usual ones for the model",
                           "the metrics that are shown, in this order"));
  out.back().aliases = {"validation.metrics", "metrics"};
  out.push_back(evaluating("evaluate.report", choice, {}, "metrics", "the table that is shown"));
  out.back().choices = {"metrics",     "confusion", "roc",         "pr",
                        "calibration", "per_class", "per_cluster", "rows"};
  out.push_back(evaluating("evaluate.threshold", real, {0, 1, true, true}, "above 0.5",
                           "two classes: the probability from which a row is called positive"));
  out.push_back(evaluating("evaluate.beta", real, above(0), "",
                           "weight of recall in the metric fbeta, which needs it"));
  out.push_back(evaluating("evaluate.bins", integer, between(1, 1000), "10",
                           "calibration: bins of equal width"));
  out.push_back(evaluating("assert", texts, {}, "",
                           "bounds that metrics must keep, else the statement fails: 'auc > 0.9 "
                           "and rows >= 100'"));
  out.push_back(evaluating("report", text, {}, "", "HTML file for a page about the evaluation"));
  out.push_back(evaluating("weight", column, {}, "", "column of row weights, not below zero"));
  out.back().aliases = {"weight_column", "sample_weight"};
  return out;
}

Specs make_explain() {
  Specs out = {output_mode()};
  out.push_back(
      explaining("explain.scope", choice, {}, "local with INTO, else global",
                 "TreeExplainer: SHAP values of each row, or their mean size by feature"));
  out.back().choices = {"global", "local"};
  out.push_back(explaining("explain.expected_value", boolean, {}, "false",
                           "TreeExplainer, local: the expected margin as last column"));
  out.push_back(explaining("explain.repeats", integer, between(1, 10000), "5",
                           "permutation: shuffles of each feature"));
  out.push_back(explaining("explain.seed", integer, between(0, 2147483647), "0",
                           "permutation: seed of the shuffles"));
  out.push_back(explaining("report", text, {}, "",
                           "TreeExplainer: HTML file for a page about the explanation"));
  out.push_back(explaining("label_col", column, {}, "the model's label",
                           "column of the label, which permutation needs"));
  out.back().aliases = {"label_column"};
  out.push_back(explaining("summary.plot_type", choice, {}, "bar",
                           "chart of the global table; only bar in this version"));
  out.back().choices = {"bar",         "dot",      "violin",   "layered_violin",
                        "compact_dot", "decision", "waterfall"};
  out.back().aliases = {"shap_summary.plot_type"};
  for (const char* name : {"alpha", "sort", "max_display", "color", "title"}) {
    const std::string word = name;
    out.push_back(later("summary." + word, {"shap_summary." + word}, "look of the chart"));
    // Bars are opaque, and the longest come first.
    if (word == "alpha") out.back().harmless = {"1", "1.0"};
    if (word == "sort") out.back().harmless = {"true"};
  }
  return out;
}

AttributeSpec predicting(std::string name, AttributeType type, AttributeRange range,
                         std::string default_text, std::string doc) {
  return used_by(Owner::predictor, std::move(name), type, range, std::move(default_text),
                 std::move(doc));
}

Specs make_predict() {
  Specs out = {output_mode()};
  out.push_back(predicting("predict.proba", boolean, {}, "false",
                           "classes: with the probability of the predicted class, and of each"));
  out.push_back(
      predicting("predict.threshold", real, {0, 1, true, true}, "above 0.5",
                 "two classes: the probability from which the positive one is predicted"));
  out.push_back(predicting("predict.top_k", integer, at_least(1), "",
                           "three classes or more: with so many most probable classes and their "
                           "probabilities"));
  out.push_back(predicting("predict.distance", boolean, {}, "false",
                           "models without a label: with the distance to the cluster's centre, or "
                           "the mean squared error of what is given back"));
  out.push_back(predicting("predict.columns", columns, {}, "all, '*'",
                           "the selected columns that pass into the result; [] for none"));
  out.push_back(predicting("predict.mode", choice, {}, "auto",
                           "who predicts; auto and native are Quern's own code, sql and view are "
                           "not in this version"));
  out.back().choices = {"auto", "native", "sql", "view"};
  out.push_back(later("predict.extra_outputs", {}, "further results"));
  out.push_back(refused_but("predict.num_workers", {"1"}, "one process predicts"));
  out.push_back(refused("predict.batch_size", "rows are predicted as they come"));
  return out;
}

}  // namespace

std::span<const AttributeSpec> xgboost_attributes() {
  static const Specs specs = make_xgboost();
  return specs;
}

std::span<const AttributeSpec> evaluate_attributes() {
  static const Specs specs = make_evaluate();
  return specs;
}

std::span<const AttributeSpec> explain_attributes() {
  static const Specs specs = make_explain();
  return specs;
}

std::span<const AttributeSpec> predict_attributes() {
  static const Specs specs = make_predict();
  return specs;
}

}  // namespace quern::ir
