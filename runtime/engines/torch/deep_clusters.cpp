// An autoencoder, k-means on what it encodes, then steps towards clearer clusters between looks at
// all rows.

#include "runtime/engines/torch/deep_clusters.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

#include "base/format.h"
#include "compiler/ir/tensors.h"
#include "runtime/engines/clusters/find_clusters.h"
#include "runtime/engines/torch/batches.h"
#include "runtime/engines/torch/initial_weights.h"
#include "runtime/engines/torch/live_network.h"
#include "runtime/engines/torch/soft_clusters.h"
#include "runtime/engines/torch/stepper.h"
#include "runtime/engines/torch/training.h"

namespace quern::runtime::training {
namespace {

using OnRound = std::function<void(const RoundReport&)>;

Diagnostic failed(std::string message) { return {Code::engine_failed, std::move(message)}; }

Result<void> check_task(const DeepClusterTask& task) {
  QUERN_CHECK(ir::check(task.network));
  const auto& layers = task.network.towers.front().layers;
  const auto linear = [](const ir::Layer& l) { return std::get_if<ir::LinearLayer>(&l); };
  const auto plain = [&](const ir::Layer& l) {
    return linear(l) != nullptr || std::holds_alternative<ir::ActivationLayer>(l);
  };
  const bool good = task.network.towers.size() == 1 && layers.size() >= 2 &&
                    std::all_of(layers.begin(), layers.end(), plain) &&
                    linear(layers.front()) != nullptr && linear(layers.back()) != nullptr &&
                    linear(layers.back())->bias;
  if (!good) return failed("deep clusters need linear and activation layers in one tower");
  if (task.train == nullptr || task.train->rows() == 0) {
    return Diagnostic{Code::no_rows, "there are no rows to find clusters in"};
  }
  if (task.update_interval > 0 && task.batch_rows > 0) return {};
  return failed("steps between looks, or batch size, out of range");
}

/// The layers without the last one, which tells clusters apart.
ir::Network encoder_of(const ir::Network& network) {
  ir::Network out = network;
  out.towers.front().layers.pop_back();
  out.outputs = ir::widths(out, out.towers.front()).back();
  return out;
}

/// The encoder, and behind it its linear layers' sizes the other way round.
ir::Network autoencoder_of(const ir::Network& encoder) {
  ir::Network out = encoder;
  auto& tower = out.towers.front();
  const auto sizes = ir::widths(encoder, tower);
  ir::ActivationLayer activation;
  for (const auto& layer : encoder.towers.front().layers) {
    if (const auto* a = std::get_if<ir::ActivationLayer>(&layer)) activation = *a;
  }
  const auto encoding = encoder.towers.front().layers;
  bool behind = false;
  for (auto i = encoding.size(); i-- > 0;) {
    if (!std::holds_alternative<ir::LinearLayer>(encoding[i])) continue;
    if (behind) tower.layers.emplace_back(activation);
    tower.layers.emplace_back(ir::LinearLayer{sizes[i]});
    behind = true;
  }
  out.outputs = sizes.front();
  return out;
}

/// Encoded rows, as k-means reads them.
class Encoded final : public PageSource {
 public:
  Encoded(const std::vector<float>& points, std::int32_t dimensions,
          const std::vector<float>& weights)
      : dimensions_(dimensions),
        rows_(static_cast<std::int64_t>(points.size()) / dimensions),
        columns_(points.size()),
        weights_(weights) {
    for (std::int64_t r = 0; r < rows_; ++r) {
      for (std::int32_t d = 0; d < dimensions; ++d) {
        columns_[static_cast<std::size_t>(d * rows_ + r)] =
            points[static_cast<std::size_t>(r * dimensions + d)];
      }
    }
  }
  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return dimensions_; }
  void rewind() override { shown_ = false; }
  Result<bool> next(PageView& page) override {
    if (std::exchange(shown_, true)) return false;
    page = {columns_.data(), rows_, rows_, nullptr, weights_.empty() ? nullptr : weights_.data()};
    return true;
  }

 private:
  std::int32_t dimensions_;
  std::int64_t rows_;
  std::vector<float> columns_;
  const std::vector<float>& weights_;
  bool shown_ = false;
};

class DeepClusters {
 public:
  DeepClusters(const DeepClusterTask& task, const CancelToken& cancel, const OnRound& on_round)
      : task_(task), cancel_(cancel), on_round_(on_round), shuffling_(task.seed, 0) {
    steps_task_.network = encoder_of(task.network);
    steps_task_.optimizers = {task.optimizer};
    soft_.clusters = task.network.outputs;
    soft_.dimensions = steps_task_.network.outputs;
  }

  Result<TrainedModel> run() {
    QUERN_TRY(const auto weights, first_weights());
    const ThreadCount threads(std::max(1, task_.threads));
    QUERN_TRY(encoder_, LiveNetwork::make(steps_task_.network, task_.seed));
    QUERN_CHECK(encoder_->restore(weights));
    QUERN_TRY(stepper_, Stepper::make(steps_task_, *encoder_));
    reader_.emplace(*task_.train, task_.buffer_bytes, reading_);
    QUERN_CHECK(encode());
    QUERN_CHECK(first_centres());
    QUERN_CHECK(begin_centre_rule());
    look();
    for (bool end = false; !end;) {
      QUERN_TRY(end, run_pass());
    }
    QUERN_CHECK(encode());
    return finish();
  }

 private:
  /// Of the encoder: pretrained, or as networks begin.
  Result<ir::Tensors> first_weights() {
    const auto& encoder = steps_task_.network;
    if (!task_.pretrain) return initial_weights(encoder, task_.seed);
    NetworkTask task;
    task.train = task_.train;
    task.network = autoencoder_of(encoder);
    task.loss = Loss::reconstruction;
    task.optimizers = {task_.pretrain_optimizer};
    task.epochs = task_.pretrain_epochs;
    task.batch_rows = task_.batch_rows;
    task.seed = task_.seed;
    task.threads = task_.threads;
    task.buffer_bytes = task_.buffer_bytes;
    QUERN_TRY(auto model, train_network(task, cancel_, on_round_));
    model_.history = std::move(model.history);
    QUERN_TRY(auto tensors, ir::read_tensors(model.payload));
    // The encoder's layers come first, under the same names.
    tensors.tensors.resize(ir::tensor_shapes(encoder).size());
    return tensors;
  }

  /// Encodes all rows. In the midst of a pass only where one block has all of them.
  Result<void> encode() {
    points_.clear();
    weights_.clear();
    if (whole_ != nullptr) return encode(*whole_);
    for (bool last = false; !last;) {
      QUERN_TRY(const auto* block, reader_->next(cancel_));
      QUERN_CHECK(encode(*block));
      last = block->last;
      if (last && block->rows == task_.train->rows()) whole_ = block;
    }
    return {};
  }
  Result<void> encode(const RowBlock& block) {
    Batches batches(block.rows, 1024, nullptr);
    for (auto rows = batches.next(); !rows.empty(); rows = batches.next()) {
      if (cancel_.requested()) return Diagnostic{Code::cancelled, "training was cancelled"};
      QUERN_CHECK(encoder_->forward(block, rows, false, batch_points_));
      points_.insert(points_.end(), batch_points_.begin(), batch_points_.end());
    }
    weights_.insert(weights_.end(), block.weights.begin(), block.weights.end());
    return {};
  }

  Result<void> first_centres() {
    Encoded pages(points_, soft_.dimensions, weights_);
    ClusterTask task;
    task.train = &pages;
    task.network = {
        soft_.dimensions,
        {},
        {{"c", {ir::DenseBlock{0, soft_.dimensions}}, {ir::LinearLayer{soft_.clusters}}}},
        soft_.clusters};
    task.restarts = task_.restarts;
    task.seed = task_.seed;
    QUERN_TRY(const auto found, clusters::find_clusters(task, cancel_, {}));
    soft_.centres.assign(found.centres.begin(), found.centres.end());
    return {};
  }

  Result<void> begin_centre_rule() {
    QUERN_TRY(centre_rule_, make_update_rule(task_.optimizer));
    const auto states = static_cast<std::size_t>(centre_rule_->states());
    centre_states_.assign(states, std::vector<float>(soft_.centres.size()));
    for (auto& state : centre_states_) state_pointers_.push_back(state.data());
    centre_rule_->begin(soft_.centres.data(), state_pointers_.data(),
                        static_cast<std::int64_t>(soft_.centres.size()));
    return {};
  }

  /// Takes stock of the encoded rows: the aim of the next steps, who changed. True: few enough did.
  bool look() {
    const auto rows = points_.size() / static_cast<std::size_t>(soft_.dimensions);
    const auto clusters = static_cast<std::size_t>(soft_.clusters);
    std::vector<double> shares(clusters);
    aim_.resize(rows * clusters);
    const bool first = labels_.empty();
    labels_.resize(rows, -1);
    std::size_t changed = 0;
    sizes_.assign(clusters, 0);
    inertia_ = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      const float* point = points_.data() + r * static_cast<std::size_t>(soft_.dimensions);
      soft_.shares(point, shares.data());
      std::copy(shares.begin(), shares.end(),
                aim_.begin() + static_cast<std::ptrdiff_t>(r * clusters));
      const auto label =
          static_cast<int>(std::max_element(shares.begin(), shares.end()) - shares.begin());
      changed += std::exchange(labels_[r], label) != label;
      ++sizes_[static_cast<std::size_t>(label)];
      inertia_ += (weights_.empty() ? 1 : weights_[r]) * distance(point, label);
    }
    soft_.sharpen(aim_);
    report(static_cast<double>(changed) / static_cast<double>(rows));
    return !first && static_cast<double>(changed) < task_.tolerance * static_cast<double>(rows);
  }

  double distance(const float* point, int cluster) const {
    double sum = 0;
    for (std::int32_t d = 0; d < soft_.dimensions; ++d) {
      const double by =
          double{point[d]} -
          soft_.centres[static_cast<std::size_t>(std::int64_t{cluster} * soft_.dimensions + d)];
      sum += by * by;
    }
    return sum;
  }

  void report(double changed) {
    const int round = static_cast<int>(model_.history.size()) + 1;
    const int looks = task_.most_steps / task_.update_interval + 1;
    const int before = task_.pretrain ? task_.pretrain_epochs : 0;
    model_.history.push_back(
        {round, before + looks, {{"train", "inertia", inertia_}, {"train", "changed", changed}}});
    if (on_round_) on_round_(model_.history.back());
  }

  /// Steps over all rows. True: it is time to end.
  Result<bool> run_pass() {
    std::int64_t first = 0;
    for (bool last = false; !last;) {
      const RowBlock* block = whole_;
      if (block == nullptr) {
        QUERN_TRY(block, reader_->next(cancel_));
      }
      Batches batches(block->rows, task_.batch_rows, &shuffling_);
      for (auto rows = batches.next(); !rows.empty(); rows = batches.next()) {
        if (steps_ >= task_.most_steps) return true;
        QUERN_CHECK(step(*block, first, rows));
        if (whole_ == nullptr || steps_ % task_.update_interval != 0) continue;
        QUERN_TRY(const bool enough, look_again());
        if (enough) return true;
      }
      first += block->rows;
      last = block->last;
    }
    // Rows that are read in blocks are looked at between passes.
    if (whole_ != nullptr) return false;
    return look_again();
  }
  Result<bool> look_again() {
    QUERN_CHECK(encode());
    return look();
  }

  /// \param first  the number of the block's first row among all
  Result<void> step(const RowBlock& block, std::int64_t first, std::span<const std::int64_t> rows) {
    if (cancel_.requested()) return Diagnostic{Code::cancelled, "training was cancelled"};
    QUERN_CHECK(encoder_->forward(block, rows, true, batch_points_));
    slopes_.assign(batch_points_.size(), 0);
    centre_slopes_.assign(soft_.centres.size(), 0);
    const auto weight = [&](std::int64_t row) {
      return block.weights.empty() ? 1.0 : block.weights[static_cast<std::size_t>(row)];
    };
    double total = 0, divergence = 0;
    for (const auto row : rows) total += weight(row);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i) * soft_.dimensions;
      divergence += soft_.add_slopes(
          batch_points_.data() + at, aim_.data() + (first + rows[i]) * soft_.clusters,
          total > 0 ? weight(rows[i]) / total : 0, slopes_.data() + at, centre_slopes_);
    }
    if (!std::isfinite(divergence)) {
      return Diagnostic{Code::engine_failed,
                        "the loss is not finite in step " + std::to_string(steps_ + 1) +
                            ": training has diverged",
                        SourceSpan::none(), "try a lower learning rate, or standardised features"};
    }
    QUERN_CHECK(encoder_->backward(slopes_));
    stepper_->step(1);
    centre_rule_->begin_step(centre_rule_->learning_rate());
    centre_rule_->update(soft_.centres.data(), centre_slopes_.data(), state_pointers_.data(),
                         static_cast<std::int64_t>(soft_.centres.size()));
    ++steps_;
    return {};
  }

  Result<TrainedModel> finish() {
    look();
    auto tensors = encoder_->tensors();
    const auto& tower = task_.network.towers.front();
    const auto name = tower.name + ".layer" + std::to_string(tower.layers.size() - 1) + ".";
    std::vector<float> biases;
    for (std::int32_t k = 0; k < soft_.clusters; ++k) {
      const std::vector<float> origin(static_cast<std::size_t>(soft_.dimensions));
      biases.push_back(static_cast<float>(-distance(origin.data(), k) / 2));
    }
    tensors.tensors.push_back({name + "weight", {soft_.clusters, soft_.dimensions}, soft_.centres});
    tensors.tensors.push_back({name + "bias", {soft_.clusters}, std::move(biases)});
    std::string sizes;
    for (const auto size : sizes_) sizes += (sizes.empty() ? "" : " ") + std::to_string(size);
    tensors.metadata = {{"inertia", format_double(inertia_)},
                        {"network", ir::to_json(task_.network)},
                        {"sizes", sizes}};
    model_.payload = ir::write_tensors(tensors);
    model_.format = "quern.network";
    model_.library = library_words();
    return std::move(model_);
  }

  const DeepClusterTask& task_;
  const CancelToken& cancel_;
  const OnRound& on_round_;
  NetworkTask steps_task_;  ///< what the stepper asks
  std::mutex reading_;
  std::optional<RowReader> reader_;
  const RowBlock* whole_ = nullptr;
  Random shuffling_;
  std::unique_ptr<LiveNetwork> encoder_;
  std::unique_ptr<Stepper> stepper_;
  SoftClusters soft_;
  std::unique_ptr<UpdateRule> centre_rule_;
  std::vector<std::vector<float>> centre_states_;
  std::vector<float*> state_pointers_;
  std::vector<float> points_, weights_, aim_, batch_points_, slopes_, centre_slopes_;
  std::vector<int> labels_;
  std::vector<std::int64_t> sizes_;
  double inertia_ = 0;
  int steps_ = 0;
  TrainedModel model_;
};

}  // namespace

Result<TrainedModel> train_clusters(const DeepClusterTask& task, const CancelToken& cancel,
                                    const OnRound& on_round) {
  QUERN_CHECK(check_task(task));
  return DeepClusters(task, cancel, on_round).run();
}

}  // namespace quern::runtime::training
