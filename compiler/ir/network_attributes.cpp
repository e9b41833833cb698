// The declarations of what networks take. Names: SQLFlow's for TensorFlow's estimators, with those
// of Keras and torch as aliases; each kind of estimator has a table of its own.

#include <map>

#include "compiler/ir/attribute_parts.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/network.h"
#include "compiler/ir/objectives.h"

namespace quern::ir {
namespace {

using namespace parts;

constexpr double kMostSteps = 1000000000;

std::vector<std::string> optimizers() {
  return {"Adam", "AdamW", "Adamax", "Nadam", "SGD", "RMSprop", "Adagrad", "Adadelta", "Ftrl"};
}

/// Ours, and TensorFlow's way of writing them.
std::vector<std::string> activations() {
  std::vector<std::string> out;
  for (int a = 0; a <= static_cast<int>(Activation::swish); ++a)
    out.emplace_back(activation_name(static_cast<Activation>(a)));
  const auto own = out;
  for (const auto& name : own) out.push_back("tf.nn." + name);
  return out;
}

/// \param labelled  false: the estimator is trained without a label.
void add_training(Specs& out, bool labelled) {
  out.push_back(ours("train.epoch", {"epochs", "train.epochs", "max_iterations"}, integer,
                     between(1, 1000000), "about 3000 steps, in 10 to 200 epochs",
                     "passes over the rows to learn from"));
  out.push_back(engine("train.batch_size", {"batch_size"}, integer, between(1, kMostSteps),
                       "128; below 1280 rows a tenth of them, at least 16",
                       "rows of a step; more than there are: all"));
  out.push_back(engine("train.shuffle", {"shuffle"}, boolean, {}, "true",
                       "draw the order of the rows anew in each epoch, by the seed"));
  add_standardize(out);
  labelled ? add_label(out) : add_weight(out);
  if (labelled) add_classes(out);
  out.push_back(engine("seed", {"random_state", "train.seed", "train.tf_random_seed"}, integer,
                       between(0, 2147483647), "0", "seed of first weights, order and dropout"));
  out.push_back(engine("nthread", {"n_jobs", "threads"}, integer, between(1, 1024),
                       "what suits the network", "threads of the training library"));
}

void add_watching(Specs& out, bool labelled) {
  add_validation(out);
  out.push_back(ours("train.early_stopping", {"early_stopping_rounds", "early_stop"}, integer,
                     between(1, 1000000), "none",
                     "epochs without a lower loss on validation rows after which training stops; "
                     "the best weights are kept"));
  if (!labelled) return;
  out.push_back(engine("validation.metrics", {"eval_metric", "metrics", "metric"}, texts, {},
                       "the loss alone",
                       "metrics measured after each epoch beside the loss: those of TO EVALUATE"));
}

/// The numbers of one optimizer. Rule: torch's and Keras' classes.
void add_numbers(Specs& out, const std::string& prefix) {
  const auto number = [&](const char* name, std::vector<std::string> aliases, AttributeRange range,
                          const char* doc) {
    out.push_back(engine(prefix + name, std::move(aliases), real, range, "the optimizer's", doc));
  };
  const auto flag = [&](const char* name, const char* doc) {
    out.push_back(engine(prefix + name, {}, boolean, {}, "false", doc));
  };
  const bool only = prefix == "optimizer.";
  std::vector<std::string> rate{prefix + "lr"};
  if (only) rate.insert(rate.end(), {"learning_rate", "train.learning_rate", "eta", "learn_rate"});
  number("learning_rate", rate, above(0), "size of a step");
  out.back().default_text = "the optimizer's; Adam 0.001, of linear models and parts 0.01";
  number("momentum", {}, {0, 1, false, true}, "SGD, RMSprop: share of the step before");
  number("beta_1", {prefix + "beta1"}, {0, 1, false, true}, "Adam and its kin: decay of the mean");
  number("beta_2", {prefix + "beta2"}, {0, 1, false, true},
         "Adam and its kin: decay of the square");
  number("epsilon", {}, above(0), "what divisors are kept above");
  number("rho", {prefix + "alpha"}, {0, 1, false, true}, "RMSprop, Adadelta: decay of the square");
  number("initial_accumulator_value", {}, at_least(0), "Adagrad, Ftrl: squares begin with it");
  number("learning_rate_power", {}, {.high = 0}, "Ftrl: power of the squares' sum");
  number("l1_regularization_strength", {prefix + "l1"}, at_least(0), "Ftrl: L1 penalty");
  number("l2_regularization_strength", {prefix + "l2"}, at_least(0), "Ftrl: L2 penalty");
  number("beta", {}, at_least(0), "Ftrl: what the squares' root is raised by");
  number("weight_decay", {}, at_least(0), "AdamW: share that a step takes off the weights");
  number("momentum_decay", {}, at_least(0), "Nadam: how fast momentum changes");
  flag("nesterov", "SGD: Nesterov's momentum");
  flag("amsgrad", "Adam, AdamW: never let the squares fall");
  flag("centered", "RMSprop: squares about the mean");
}

void add_optimizer(Specs& out, const std::string& name, const std::string& prefix) {
  out.push_back(engine_choice(
      name,
      prefix == "optimizer." ? std::vector<std::string>{"optimizer"} : std::vector<std::string>{},
      optimizers(), "Adam", "the rule by which a step changes weights"));
  add_numbers(out, prefix);
}

void add_steps(Specs& out, bool labelled) {
  if (labelled) {
    out.push_back(engine_choice("loss", {"model.loss", "objective"}, loss_names(), "by the label",
                                "what is minimised"));
  }
  out.push_back(engine_choice("train.lr_schedule", {"lr_schedule"},
                              {"constant", "step", "exponential", "cosine", "plateau"}, "constant",
                              "how the learning rate changes from epoch to epoch"));
  out.push_back(engine("train.lr_factor", {}, real, {0, 1, true, true}, "0.1",
                       "step, exponential, plateau: what the rate is multiplied by"));
  out.push_back(engine("train.lr_epochs", {}, integer, between(1, 1000000), "10",
                       "step: epochs from one change to the next; plateau: of patience"));
  out.push_back(engine("train.warmup_epochs", {}, integer, between(0, 1000000), "0",
                       "epochs in which the rate rises from near 0"));
  out.push_back(engine("train.clip_norm", {"clip_norm", "optimizer.clipnorm"}, real, above(0),
                       "none", "bound of the length of all gradients together"));
  out.push_back(engine("train.clip_value", {"clip_value", "optimizer.clipvalue"}, real, above(0),
                       "none", "bound of each gradient"));
  out.push_back(engine("weight_decay", {"reg_lambda", "l2_reg", "model.l2_regularization"}, real,
                       at_least(0), "0", "penalty on half the squared sum of the weights"));
  out.push_back(engine("l1", {"reg_alpha", "l1_reg", "model.l1_regularization"}, real, at_least(0),
                       "0", "penalty on the absolute sum of the weights"));
}

/// The layers of a stack; `of` is "" or "dnn_".
void add_stack(Specs& out, const std::string& of) {
  out.push_back(engine("model." + of + "hidden_units", {of + "hidden_units"}, scalars, {},
                       "[128, 64]", "outputs of each hidden layer"));
  out.push_back(engine_choice("model." + of + "activation_fn",
                              {of + "activation_fn", "model." + of + "activation"}, activations(),
                              "relu", "function behind each hidden layer"));
  out.push_back(engine("model." + of + "dropout", {of + "dropout"}, real, {0, 1, false, true}, "0",
                       "share of a hidden layer's outputs that are left out in each step"));
}

void add_batch_norm(Specs& out) {
  out.push_back(engine("model.batch_norm", {"batch_norm"}, boolean, {}, "false",
                       "batch normalization behind each hidden layer"));
}

void add_label_width(Specs& out, const char* name, std::vector<std::string> aliases,
                     const char* doc) {
  out.push_back(engine(name, std::move(aliases), integer, between(1, 65536), "1", doc));
}

/// Names of TensorFlow's estimators and of SQLFlow's that have no meaning here.
void add_refused(Specs& out) {
  out.push_back(refused_but("train.verbose", {"0", "1", "2"}, "progress is shown by the session"));
  out.push_back(refused_but("train.max_steps", {"0"}, "train.epoch says how long"));
  out.push_back(refused_but("validation.steps", {"1"}, "all validation rows are measured"));
  out.push_back(refused_but("validation.start_delay_secs", {"0"}, "each epoch is measured"));
  out.push_back(refused_but("validation.throttle_secs", {"0"}, "each epoch is measured"));
  out.push_back(refused_but("train.save_checkpoints_steps", {"100"},
                            "the model is stored when it is done, or not at all"));
  out.push_back(refused_but("train.log_every_n_iter", {"10"}, "each epoch is reported"));
  out.push_back(refused_but("train.num_workers", {"1"},
                            "one process trains, with as many threads as nthread says"));
  out.push_back(refused("model.label_vocabulary", "labels of text are classes by themselves"));
  out.push_back(refused("model.loss_reduction", "the loss is the mean over the rows of a step"));
  out.push_back(refused("model.config", "it holds objects of TensorFlow"));
  out.push_back(refused("model.model_dir", "models lie in the database: INTO names them"));
  out.push_back(refused("model.warm_start_from", "USING names a model to go on from"));
}

/// What neither decides the loss nor what rows and features are, and can be compared by it.
void mark_tunable(Specs& specs) {
  std::vector<std::string> names{"train.epoch",
                                 "train.batch_size",
                                 "train.lr_schedule",
                                 "train.lr_factor",
                                 "train.lr_epochs",
                                 "train.warmup_epochs",
                                 "train.clip_norm",
                                 "train.clip_value",
                                 "weight_decay",
                                 "l1",
                                 "model.hidden_units",
                                 "model.activation_fn",
                                 "model.dropout",
                                 "model.batch_norm",
                                 "model.dnn_hidden_units",
                                 "model.dnn_activation_fn",
                                 "model.dnn_dropout",
                                 "model.model_type",
                                 "model.stack_units",
                                 "model.hidden_size",
                                 "model.bidirectional",
                                 "model.optimizer",
                                 "model.dnn_optimizer",
                                 "model.linear_optimizer"};
  for (const auto& spec : specs) {
    for (const char* prefix : {"optimizer.", "dnn_optimizer.", "linear_optimizer."}) {
      if (spec.name.starts_with(prefix)) names.push_back(spec.name);
    }
  }
  parts::mark_tunable(specs, names);
}

/// What every table ends with.
Specs end_table(Specs out) {
  parts::add_tuning(out, "loss", "validation.metrics");
  add_refused(out);
  mark_tunable(out);
  return out;
}

Specs begin_table(bool labelled = true) {
  Specs out;
  add_training(out, labelled);
  add_watching(out, labelled);
  add_steps(out, labelled);
  return out;
}

Specs make_dnn() {
  auto out = begin_table();
  add_label_width(out, "model.label_dimension", {}, "numbers of a label that is a list or text");
  add_stack(out, "");
  add_batch_norm(out);
  add_optimizer(out, "model.optimizer", "optimizer.");
  return end_table(std::move(out));
}

Specs make_linear() {
  auto out = begin_table();
  add_label_width(out, "model.label_dimension", {}, "numbers of a label that is a list or text");
  add_optimizer(out, "model.optimizer", "optimizer.");
  out.push_back(refused_but("model.sparse_combiner", {"sum"}, "entries of a row are added up"));
  return end_table(std::move(out));
}

Specs make_combined() {
  auto out = begin_table();
  add_label_width(out, "model.label_dimension", {}, "numbers of a label that is a list or text");
  add_stack(out, "dnn_");
  add_batch_norm(out);
  add_optimizer(out, "model.dnn_optimizer", "dnn_optimizer.");
  add_optimizer(out, "model.linear_optimizer", "linear_optimizer.");
  out.push_back(
      refused_but("model.linear_sparse_combiner", {"sum"}, "entries of a row are added up"));
  return end_table(std::move(out));
}

/// \param units  the default of stack_units.
Specs make_recurrent(const char* units) {
  auto out = begin_table();
  out.push_back(engine_choice("model.model_type", {"model_type"}, {"rnn", "lstm", "gru"}, "rnn",
                              "cells of the layers over the steps"));
  out.push_back(engine("model.stack_units", {"stack_units"}, scalars, {}, units,
                       "outputs of each layer of cells"));
  out.push_back(engine("model.dropout", {"dropout"}, real, {0, 1, false, true}, "0",
                       "share of a layer's outputs that are left out in each step"));
  out.push_back(engine("model.n_features", {"n_features"}, integer, between(1, 65536), "1",
                       "numbers of a step, where columns of numbers are the steps: those of the "
                       "first, then of the next"));
  add_optimizer(out, "model.optimizer", "optimizer.");
  return out;
}

Specs make_rnn() {
  auto out = make_recurrent("[32]");
  out.push_back(engine("model.hidden_size", {"hidden_size"}, integer, between(1, 65536), "64",
                       "outputs of the layer behind the cells"));
  out.push_back(engine("model.bidirectional", {"bidirectional"}, boolean, {}, "false",
                       "run over the steps from both ends"));
  return end_table(std::move(out));
}

Specs make_time_series() {
  auto out = make_recurrent("[64]");
  out.push_back(engine("model.n_in", {"n_in"}, integer, between(1, 65536), "as the columns tell",
                       "steps that a row has"));
  add_label_width(out, "model.n_out", {"n_out", "model.label_dimension"},
                  "steps ahead: numbers of a label that is a list or text");
  return end_table(std::move(out));
}

Specs make_sequential() {
  auto out = begin_table();
  out.push_back(
      engine("model.layers", {"layers"}, layers, {}, "",
             "the layers one behind the other, by torch's names: [Linear(20, 64), ReLU(), "
             "Linear(64, 1)]; needed"));
  add_optimizer(out, "model.optimizer", "optimizer.");
  return end_table(std::move(out));
}

/// What a module was taught of numbers as they are, it should meet again.
Specs make_module() {
  auto out = begin_table();
  for (auto& spec : out) {
    if (spec.name == "standardize") spec.default_text = "false";
  }
  add_optimizer(out, "model.optimizer", "optimizer.");
  return end_table(std::move(out));
}

Specs make_autoencoder() {
  auto out = begin_table(false);
  add_stack(out, "");
  add_batch_norm(out);
  out.push_back(engine("model.encoding_size",
                       {"encoding_size", "latent_size", "latent_dim", "encoding_dim"}, integer,
                       between(1, 65536), "half the columns, at least 1 and at most 16",
                       "numbers that a row is encoded in"));
  add_optimizer(out, "model.optimizer", "optimizer.");
  add_refused(out);
  return out;
}

}  // namespace

std::span<const AttributeSpec> network_attributes(std::string_view kind) {
  static const std::map<std::string, Specs, std::less<>> tables = {
      {"dnn", make_dnn()},
      {"linear", make_linear()},
      {"combined", make_combined()},
      {"rnn", make_rnn()},
      {"sequential", make_sequential()},
      {"module", make_module()},
      {"time_series", make_time_series()},
      {"autoencoder", make_autoencoder()}};
  const auto found = tables.find(kind);
  return found == tables.end() ? std::span<const AttributeSpec>() : found->second;
}

}  // namespace quern::ir
