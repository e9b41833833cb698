#pragma once
// The service-provider interface of a library that trains neural networks: pages of features and a
// network without weights in, weights out.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "compiler/ir/network.h"
#include "compiler/ir/scripted_module.h"
#include "runtime/engines/engine.h"

namespace quern::runtime {

enum class Loss : std::uint8_t {
  logistic,       ///< binary cross-entropy of a margin; labels 0 and 1
  cross_entropy,  ///< of softmax; labels are classes
  squared,
  absolute,
  huber,  ///< delta 1
  log_cosh,
  poisson,        ///< of exp(margin)
  hinge,          ///< labels 0 and 1
  reconstruction  ///< mean squared difference to NetworkTask::targets, or to what is read
};

/// An optimizer and its numbers, by Keras' names. One that is not given has the default of
/// torch 1.13, of Ftrl that of Keras:
///   SGD       learning_rate 0.01, momentum 0, nesterov 0
///   Adam      learning_rate 0.001, beta_1 0.9, beta_2 0.999, epsilon 1e-8, amsgrad 0
///   AdamW     as Adam, weight_decay 0.01
///   Adamax    learning_rate 0.002, beta_1 0.9, beta_2 0.999, epsilon 1e-8
///   Nadam     learning_rate 0.002, beta_1 0.9, beta_2 0.999, epsilon 1e-8, momentum_decay 0.004
///   Adagrad   learning_rate 0.01, initial_accumulator_value 0, epsilon 1e-10
///   Adadelta  learning_rate 1, rho 0.9, epsilon 1e-6
///   RMSprop   learning_rate 0.01, rho 0.99, epsilon 1e-8, momentum 0, centered 0
///   Ftrl      learning_rate 0.001, learning_rate_power -0.5, initial_accumulator_value 0.1,
///             l1_regularization_strength 0, l2_regularization_strength 0, beta 0
/// Of a table of more than 2^20 numbers (an embedding, or weights behind a one-hot block or group),
/// a step changes only the rows that its batch has, as torch's SparseAdam does.
struct Optimizer {
  std::string name = "Adam";
  std::vector<std::pair<std::string, double>> numbers = {};
};

/// How the learning rate changes from epoch to epoch.
struct Schedule {
  enum class Kind : std::uint8_t { constant, step, exponential, cosine, plateau };
  Kind kind = Kind::constant;
  double factor = 0.1;  ///< of step, exponential and plateau
  int epochs = 10;      ///< of step: from one to the next; of plateau: patience
  int warmup = 0;       ///< epochs in which the rate rises from near 0, before the others count
};

struct NetworkTask {
  PageSource* train = nullptr;
  PageSource* validation = nullptr;  ///< may be null
  PageSource* test = nullptr;        ///< measured with the weights kept; may be null
  ir::Network network;               ///< as ir::check() accepts it
  Loss loss = Loss::squared;
  /// Columns of the feature matrix that a network without a label is to give back. Empty: the
  /// label; with Loss::reconstruction what the one tower's blocks, which learn nothing, give.
  std::vector<std::int32_t> targets = {};
  std::int32_t labels = 1;  ///< numbers of a row's label: as many as outputs, but for classes
  std::vector<Optimizer> optimizers = {{}};  ///< one for each tower, or one for all
  Schedule schedule = {};
  int epochs = 10;
  std::int64_t batch_rows = 128;  ///< more than there are rows: all of them
  double clip_norm = 0;           ///< of all gradients together; 0: none
  double clip_value = 0;          ///< of each gradient; 0: none
  double l1 = 0;                  ///< times the weights' absolute sum, biases not counted
  double weight_decay = 0;        ///< times half the weights' squared sum, biases not counted
  bool shuffle = true;            ///< rows, anew in each epoch, by `seed`
  int early_stopping = 0;  ///< epochs without a lower validation loss; best weights are kept then
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: what suits the size of the network
  /// "accuracy", "auc", "mae", "rmse", ...: measured after each epoch beside the loss.
  std::vector<std::string> metrics = {};
  /// Weights to begin with, as TrainedModel::payload has them; empty: by `seed`.
  std::vector<std::uint8_t> start = {};
  /// Larger sources are read anew in each epoch, in blocks of about this size; two are held, and
  /// rows are shuffled within one.
  std::int64_t buffer_bytes = std::int64_t{256} << 20;
};

/// Deep embedded clustering: an encoder is trained to give rows back through a mirrored decoder,
/// then encoder and centres together towards clearer clusters. Rules: Xie, Girshick and Farhadi
/// 2016, with Student's distribution of one degree of freedom; pretrained as one autoencoder.
struct DeepClusterTask {
  PageSource* train = nullptr;  ///< labels are not read
  /// One tower: blocks that learn nothing, the encoder, a linear layer of the clusters.
  ir::Network network;
  bool pretrain = true;  ///< else the encoder begins as networks do
  int pretrain_epochs = 30;
  Optimizer pretrain_optimizer = {};
  int restarts = 20;  ///< of the k-means that gives the first centres
  Optimizer optimizer = {"SGD", {{"learning_rate", 0.01}, {"momentum", 0.9}}};
  std::int64_t batch_rows = 256;
  int most_steps = 8000;
  int update_interval = 100;  ///< steps between looks at all rows
  double tolerance = 1e-3;    ///< share of rows that change clusters between looks: then it ends
  std::uint64_t seed = 0;
  int threads = 0;
  std::int64_t buffer_bytes = std::int64_t{256} << 20;  ///< as NetworkTask's
};

/// Trains networks. `on_round` is called after every epoch (a round), and may be called within one;
/// a request on `cancel` is seen within a second. The payload is "quern.network":
/// ir::write_tensors() of ir::tensor_shapes(), with the network's JSON text as metadata `network`.
/// Same rows in the same order, same seed, same library and threads: same bytes. Errors:
/// library_missing, engine_failed (a loss that is not finite: where, and what to try),
/// corrupt_model
/// (`start` of another network), out_of_memory, cancelled.
///
/// Weights begin as torch's layers do: linear ones and their biases uniform within
/// 1 / sqrt(inputs), recurrent ones within 1 / sqrt(outputs), embeddings normal, batch norms 1 and
/// 0; but a tower of a single linear layer begins with zeros. The loss of an epoch is the mean over
/// its batches as they were trained, penalties not counted; rows weigh as their weights say.
/// Sequences without a step give zeros.
class NetworkEngine {
 public:
  virtual ~NetworkEngine() = default;
  virtual Result<std::string> library() = 0;  ///< "LibTorch 1.13.1"
  virtual Result<TrainedModel> train(const NetworkTask& task, const CancelToken& cancel,
                                     const std::function<void(const RoundReport&)>& on_round) = 0;
  /// A round is an epoch of pretraining (metric "loss") or a look at all rows ("inertia" in the
  /// encoder's space, "changed": the share of rows in another cluster than before). The payload has
  /// `inertia` and `sizes` as fit_kmeans() has. Errors: as train().
  virtual Result<TrainedModel> cluster(const DeepClusterTask& task, const CancelToken& cancel,
                                       const std::function<void(const RoundReport&)>& on_round) = 0;
  /// The margins of all rows of `pages` by a payload that train() gave, row-major [rows, outputs]:
  /// the library's own answer, which native prediction is tested against. Errors: as train().
  virtual Result<std::vector<float>> margins(const std::vector<std::uint8_t>& payload,
                                             PageSource& pages, const CancelToken& cancel) = 0;
  /// Reads a file of TorchScript: what `forward` does with rows [rows, numbers], as layers of ours
  /// with its weights. Computes what does not depend on the rows as the file says: for files that
  /// one trusts. Errors: corrupt_model, not_in_this_version (the operation, where), out_of_memory.
  virtual Result<ir::ScriptedModule> read_module(const std::vector<std::uint8_t>& file) = 0;
};

/// What the plug-in `quern_torch` gives, loaded when it is first asked for. Errors: plugin_missing
/// (how to get it), plugin_mismatch.
Result<NetworkEngine*> torch_engine();

}  // namespace quern::runtime
