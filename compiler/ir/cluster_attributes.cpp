// The declarations of what clusters and components take: KMeans, DeepEmbeddingClusterModel, PCA.
// Names: SQLFlow's, with those of scikit-learn and BigQuery ML as aliases.

#include <map>

#include "compiler/ir/attribute_parts.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/network.h"

namespace quern::ir {
namespace {

using namespace parts;

constexpr double kMostSteps = 1000000000;

/// What all rows are read by.
Specs begin_table() {
  Specs out;
  add_standardize(out);
  out.back().aliases.insert(out.back().aliases.end(), {"standardize_features", "scale_features"});
  add_weight(out);
  add_order(out);
  return out;
}

void add_seed(Specs& out, const char* doc) {
  out.push_back(
      engine("seed", {"random_state", "train.seed"}, integer, between(0, 2147483647), "0", doc));
}

void add_clusters(Specs& out, const char* count, const char* restarts) {
  out.push_back(engine("model.n_clusters",
                       {"n_clusters", "num_clusters", "center_count", "model.center_count"},
                       integer, between(2, 10000), count, "clusters to find"));
  out.push_back(engine("model.kmeans_init", {"kmeans_init", "n_init", "model.n_init"}, integer,
                       between(1, 10000), restarts,
                       "beginnings of k-means, of which the best is kept"));
}

/// Those of a training that needs no rows apart.
void add_refused(Specs& out) {
  const char* const whole = "all rows are learned from: there is no label to check against";
  for (const char* name : {"split.method", "validation.select"})
    out.push_back(refused(name, whole));
  out.push_back(refused_but("train.verbose", {"0", "1", "2"}, "progress is shown by the session"));
  out.push_back(refused_but("train.num_workers", {"1"}, "one process trains"));
}

Specs make_kmeans() {
  auto out = begin_table();
  add_clusters(out, "8", "10");
  out.push_back(engine("model.max_iter", {"max_iter", "max_iterations", "iterations"}, integer,
                       between(1, 1000000), "300", "the most passes of each beginning"));
  out.push_back(engine("model.tol", {"tol", "tolerance", "min_rel_progress"}, real, at_least(0),
                       "1e-4",
                       "a pass that moves the centres by less ends it: their squared shifts, by "
                       "the mean variance of the columns"));
  add_seed(out, "seed of the first centres");
  out.push_back(refused("idx_table_name", "TO PREDICT gives each row its cluster"));
  out.push_back(refused("excluded_columns", "COLUMN names the features: COLUMN * EXCEPT (a)"));
  add_refused(out);
  return out;
}

void add_pretraining(Specs& out) {
  out.push_back(engine("model.run_pretrain", {"run_pretrain"}, boolean, {}, "true",
                       "train the encoder first to give rows back"));
  out.push_back(engine("model.pretrain_dims", {"pretrain_dims"}, scalars, {}, "[100, 100, 10]",
                       "outputs of the encoder's layers; clusters are found in the last"));
  std::vector<std::string> activations;
  for (int a = 0; a <= static_cast<int>(Activation::swish); ++a)
    activations.emplace_back(activation_name(static_cast<Activation>(a)));
  out.push_back(engine_choice("model.pretrain_activation_func", {"pretrain_activation_func"},
                              std::move(activations), "relu",
                              "function behind each of them but the last"));
  out.push_back(engine("model.pretrain_epochs", {"pretrain_epochs"}, integer, between(1, 1000000),
                       "30", "passes over the rows while the encoder is trained"));
  out.push_back(engine("model.pretrain_lr", {"pretrain_lr"}, real, above(0), "0.001",
                       "size of its steps, by Adam"));
}

void add_refinement(Specs& out) {
  out.push_back(
      engine("model.train_lr", {"train_lr"}, real, above(0), "0.01",
             "size of the steps towards clearer clusters, by SGD with a momentum of 0.9"));
  out.push_back(engine("model.train_max_iters", {"train_max_iters"}, integer,
                       between(0, kMostSteps), "8000", "the most of these steps"));
  out.push_back(engine("model.update_interval", {"update_interval"}, integer,
                       between(1, kMostSteps), "100", "steps between looks at all rows"));
  out.push_back(engine("model.tol", {"tol", "tolerance"}, real, {0, 1, false, true}, "1e-4",
                       "share of rows that change cluster between looks, below which it ends"));
  out.push_back(engine("train.batch_size",
                       {"batch_size", "model.train_batch_size", "train_batch_size"}, integer,
                       between(1, kMostSteps), "256", "rows of a step"));
}

Specs make_dec() {
  auto out = begin_table();
  add_clusters(out, "10", "20");
  add_pretraining(out);
  add_refinement(out);
  add_seed(out, "seed of first weights, centres and order");
  out.push_back(engine("nthread", {"n_jobs", "threads"}, integer, between(1, 1024),
                       "what suits the network", "threads of the training library"));
  out.push_back(refused("model.existed_pretrain_model", "the encoder is trained here"));
  out.push_back(
      refused_but("model.pretrain_use_callbacks", {"false"}, "pretraining goes on for its epochs"));
  out.push_back(refused("model.pretrain_initializer", "weights begin as torch's layers do"));
  add_refused(out);
  return out;
}

Specs make_pca() {
  auto out = begin_table();
  out.push_back(engine("model.n_components", {"n_components", "num_principal_components"}, integer,
                       between(1, 65536), "as many as columns, at most 10",
                       "components, those of the largest variance"));
  out.push_back(engine("model.whiten", {"whiten"}, boolean, {}, "false",
                       "divide each component by its deviation"));
  add_refused(out);
  return out;
}

}  // namespace

std::span<const AttributeSpec> cluster_attributes(std::string_view kind) {
  static const std::map<std::string, Specs, std::less<>> tables = {
      {"kmeans", make_kmeans()}, {"dec", make_dec()}, {"pca", make_pca()}};
  const auto found = tables.find(kind);
  return found == tables.end() ? std::span<const AttributeSpec>() : found->second;
}

}  // namespace quern::ir
