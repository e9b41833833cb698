// Epochs over batches: forwards, loss, backwards, step; then the validation rows, and whether to go
// on.

#include "runtime/engines/torch/training.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>

#include "base/format.h"
#include "compiler/ir/tensors.h"
#include "runtime/engines/torch/batches.h"
#include "runtime/engines/torch/initial_weights.h"
#include "runtime/engines/torch/live_network.h"
#include "runtime/engines/torch/measures.h"
#include "runtime/engines/torch/rate.h"
#include "runtime/engines/torch/stepper.h"

namespace quern::runtime::training {
namespace {

using OnRound = std::function<void(const RoundReport&)>;

constexpr const char* kFormat = "quern.network";
/// Rows that are measured at once.
constexpr std::int64_t kMeasuredRows = 1024;
/// Rows that go through the network at once, where no layer looks at the batch as a whole: bounds
/// the memory of a large batch, and how long a request to stop waits.
constexpr std::size_t kRowsAtOnce = 16384;
/// Products of a batch from which more than one thread pays.
constexpr double kManyProducts = 1U << 26;

Result<void> check_cancel(const CancelToken& cancel) {
  if (!cancel.requested()) return {};
  return Diagnostic{Code::cancelled, "training was cancelled"};
}

Diagnostic failed(std::string message) { return {Code::engine_failed, std::move(message)}; }

/// Numbers that the task's truth has, which the network's outputs must be; one where there is a
/// class.
Result<std::int32_t> truth_width(const NetworkTask& task) {
  const auto targets = static_cast<std::int32_t>(task.targets.size());
  if (targets > 0) return targets;
  if (task.loss != Loss::reconstruction) return task.labels;
  const auto blocks = lay_out_blocks(task.network);
  if (task.network.towers.size() > 1 || blocks.learns_columns || blocks.steps > 0)
    return failed("a network gives back what one tower reads and does not learn");
  return blocks.columns;
}

/// The outputs that the task's truth has, which must be the network's.
Result<void> check_task(const NetworkTask& task) {
  QUERN_CHECK(ir::check(task.network));
  const auto outputs = task.network.outputs;
  if (task.train == nullptr || task.train->rows() == 0) {
    return Diagnostic{Code::no_rows, "there are no rows to train the network on"};
  }
  QUERN_TRY(const auto width, truth_width(task));
  const bool classes = task.targets.empty() && label_is_class(task.loss);
  if (width != (classes ? 1 : outputs)) {
    return failed("the network has " + counted(outputs, "output") + ", the label has " +
                  std::to_string(width));
  }
  for (const auto target : task.targets) {
    if (target < 0 || target >= task.train->features()) return failed("a target is no column");
  }
  if (task.early_stopping > 0 && task.validation == nullptr) {
    return failed("early stopping needs validation rows");
  }
  const bool steps = task.schedule.kind != Schedule::Kind::step || task.schedule.epochs > 0;
  if (task.epochs < 0 || task.batch_rows < 1 || !steps) {
    return failed("epochs, batch size or the schedule of the learning rate is out of range");
  }
  return {};
}

int thread_count(const NetworkTask& task) {
  if (task.threads > 0) return task.threads;
  const auto rows = std::min(task.batch_rows, task.train->rows());
  double products = 0;
  for (const auto& tensor : ir::tensor_shapes(task.network)) {
    // Of tables only the batch's rows are read.
    const bool layer = tensor.name.find(".layer") != std::string::npos && tensor.shape.size() == 2;
    if (layer) products += static_cast<double>(tensor.shape[0] * tensor.shape[1]);
  }
  const bool many = products * static_cast<double>(rows) > kManyProducts;
  return many ? std::max(1, static_cast<int>(std::thread::hardware_concurrency())) : 1;
}

/// The epochs behind the weights that a training goes on from.
int epochs_of(const ir::Tensors& tensors) {
  int epochs = 0;
  if (const auto* text = tensors.text("epochs")) {
    std::from_chars(text->data(), text->data() + text->size(), epochs);
  }
  return epochs;
}

bool all_finite(const ir::Tensors& tensors) {
  return std::all_of(tensors.tensors.begin(), tensors.tensors.end(), [](const auto& tensor) {
    return std::all_of(tensor.values.begin(), tensor.values.end(),
                       [](float x) { return std::isfinite(x); });
  });
}

bool sees_batches(const ir::Network& network) {
  return std::any_of(network.towers.begin(), network.towers.end(), [](const auto& tower) {
    return std::any_of(tower.layers.begin(), tower.layers.end(), [](const auto& layer) {
      return std::holds_alternative<ir::BatchNormLayer>(layer);
    });
  });
}

class Training {
 public:
  Training(const NetworkTask& task, const CancelToken& cancel, const OnRound& on_round)
      : task_(task),
        cancel_(cancel),
        on_round_(on_round),
        splits_(!sees_batches(task.network)),
        truth_(task),
        shuffling_(task.seed, 0),
        rate_(task.schedule, task.epochs, batch_count(task.train->rows(), task.batch_rows)) {}

  Result<TrainedModel> run() {
    const ThreadCount threads(thread_count(task_));
    QUERN_TRY(network_, LiveNetwork::make(task_.network, task_.seed));
    QUERN_CHECK(begin_weights());
    QUERN_TRY(stepper_, Stepper::make(task_, *network_));
    QUERN_TRY(measures_, Measures::make(task_.loss, task_.network.outputs, task_.metrics));
    make_readers();
    for (int epoch = 0; epoch < task_.epochs && !enough_; ++epoch) QUERN_CHECK(run_epoch(epoch));
    return finish();
  }

 private:
  Result<void> begin_weights() {
    if (task_.start.empty()) return network_->restore(initial_weights(task_.network, task_.seed));
    QUERN_TRY(const auto start, ir::read_tensors(task_.start));
    first_epoch_ = epochs_of(start);
    return network_->restore(start);
  }

  void make_readers() {
    const auto make = [&](PageSource* source, std::optional<RowReader>& reader) {
      if (source != nullptr) reader.emplace(*source, task_.buffer_bytes, reading_, task_.labels);
    };
    make(task_.train, train_);
    make(task_.validation, validation_);
    make(task_.test, test_);
  }

  Result<void> run_epoch(int epoch) {
    QUERN_CHECK(train_epoch(epoch));
    RoundReport report{first_epoch_ + epoch + 1, first_epoch_ + task_.epochs,
                       measures_->take("train")};
    double loss = report.metrics.front().value;
    if (validation_) {
      QUERN_CHECK(measure(*validation_));
      const auto metrics = measures_->take("validation");
      loss = metrics.front().value;
      report.metrics.insert(report.metrics.end(), metrics.begin(), metrics.end());
    }
    rate_.end_epoch(loss);
    watch(report.round, loss);
    model_.history.push_back(std::move(report));
    if (on_round_) on_round_(model_.history.back());
    return {};
  }

  Result<void> train_epoch(int epoch) {
    std::int64_t batch = 0;
    for (bool last = false; !last;) {
      QUERN_TRY(const auto* block, train_->next(cancel_));
      Batches batches(block->rows, task_.batch_rows, task_.shuffle ? &shuffling_ : nullptr);
      for (auto rows = batches.next(); !rows.empty(); rows = batches.next()) {
        QUERN_CHECK(train_batch(*block, rows, epoch, batch));
        ++batch;
      }
      last = block->last;
    }
    return {};
  }

  Result<void> train_batch(const RowBlock& block, std::span<const std::int64_t> rows, int epoch,
                           std::int64_t batch) {
    const double weight = weight_of(block, rows);
    const auto most = splits_ ? kRowsAtOnce : rows.size();
    for (std::size_t done = 0; done < rows.size(); done += most) {
      QUERN_CHECK(check_cancel(cancel_));
      const auto part = rows.subspan(done, std::min(most, rows.size() - done));
      QUERN_TRY(const auto truth, truth_.read(block, part));
      QUERN_CHECK(network_->forward(block, part, true, margins_));
      slopes_.resize(margins_.size());
      const auto sum = measure_loss(task_.loss, truth, margins_.data(), slopes_.data());
      if (!std::isfinite(sum.loss)) return not_finite("the loss is not finite", epoch, batch);
      measures_->add(truth, margins_.data(), sum);
      if (part.size() < rows.size()) scale_slopes(sum.weight / weight);
      QUERN_CHECK(network_->backward(slopes_, done == 0));
    }
    stepper_->step(rate_.factor(epoch, batch));
    return {};
  }

  static double weight_of(const RowBlock& block, std::span<const std::int64_t> rows) {
    if (block.weights.empty()) return static_cast<double>(rows.size());
    double sum = 0;
    for (const auto row : rows) sum += block.weights[static_cast<std::size_t>(row)];
    return sum;
  }
  /// From a mean over a part of a batch to what it adds to the mean over the batch.
  void scale_slopes(double share) {
    for (auto& slope : slopes_) slope *= static_cast<float>(std::isfinite(share) ? share : 0);
  }

  Diagnostic not_finite(const std::string& what, int epoch, std::int64_t batch) const {
    const auto rate = stepper_->learning_rate();
    return {Code::engine_failed,
            what + " in epoch " + std::to_string(first_epoch_ + epoch + 1) + ", batch " +
                std::to_string(batch + 1) + ": training has diverged",
            SourceSpan::none(),
            "try a lower learning rate (it is " + format_double(rate) +
                "), clipped gradients, or standardised features"};
  }

  Result<void> measure(RowReader& reader) {
    for (bool last = false; !last;) {
      QUERN_TRY(const auto* block, reader.next(cancel_));
      Batches batches(block->rows, kMeasuredRows, nullptr);
      for (auto rows = batches.next(); !rows.empty(); rows = batches.next()) {
        QUERN_CHECK(check_cancel(cancel_));
        QUERN_TRY(const auto truth, truth_.read(*block, rows));
        QUERN_CHECK(network_->forward(*block, rows, false, margins_));
        const auto sum = measure_loss(task_.loss, truth, margins_.data(), nullptr);
        measures_->add(truth, margins_.data(), sum);
      }
      last = block->last;
    }
    return {};
  }

  /// Keeps the weights of the best epoch, and sees when there is no hope of a better one.
  void watch(int round, double loss) {
    if (task_.early_stopping == 0) return;
    if (loss < best_loss_) {
      best_loss_ = loss;
      model_.best_round = round;
      best_ = network_->tensors();
    }
    enough_ = round - std::max(model_.best_round, first_epoch_) >= task_.early_stopping;
  }

  Result<TrainedModel> finish() {
    int epochs = first_epoch_ + static_cast<int>(model_.history.size());
    auto weights = network_->tensors();
    if (model_.best_round > 0) {
      epochs = model_.best_round;
      weights = std::move(best_);
      QUERN_CHECK(network_->restore(weights));
    }
    if (!all_finite(weights)) {
      return not_finite("a weight is not finite", static_cast<int>(model_.history.size()) - 1,
                        batch_count(task_.train->rows(), task_.batch_rows) - 1);
    }
    if (test_) {
      QUERN_CHECK(measure(*test_));
      model_.test = measures_->take("test");
    }
    weights.metadata = {{"epochs", std::to_string(epochs)},
                        {"network", ir::to_json(task_.network)}};
    model_.payload = ir::write_tensors(weights);
    model_.format = kFormat;
    model_.library = library_words();
    return std::move(model_);
  }

  const NetworkTask& task_;
  const CancelToken& cancel_;
  const OnRound& on_round_;
  std::mutex reading_;
  std::optional<RowReader> train_, validation_, test_;
  bool splits_;  ///< a large batch goes through the network in parts
  TruthReader truth_;
  Random shuffling_;
  Rate rate_;
  std::unique_ptr<LiveNetwork> network_;
  std::unique_ptr<Stepper> stepper_;
  std::optional<Measures> measures_;
  std::vector<float> margins_, slopes_;
  TrainedModel model_;
  int first_epoch_ = 0;
  ir::Tensors best_;
  double best_loss_ = std::numeric_limits<double>::infinity();
  bool enough_ = false;
};

}  // namespace

Result<TrainedModel> train_network(const NetworkTask& task, const CancelToken& cancel,
                                   const OnRound& on_round) {
  QUERN_CHECK(check_task(task));
  return Training(task, cancel, on_round).run();
}

Result<std::vector<float>> network_margins(const std::vector<std::uint8_t>& payload,
                                           PageSource& pages, const CancelToken& cancel) {
  QUERN_TRY(const auto tensors, ir::read_tensors(payload));
  const auto* text = tensors.text("network");
  if (text == nullptr) return Diagnostic{Code::corrupt_model, "the weights lack their network"};
  QUERN_TRY(auto read, ir::network_from_json(*text));
  QUERN_TRY(const auto network, LiveNetwork::make(std::move(read), 0));
  QUERN_CHECK(network->restore(tensors));
  const ThreadCount threads(1);
  std::mutex reading;
  RowReader reader(pages, std::int64_t{64} << 20, reading);
  std::vector<float> out, margins;
  for (bool last = pages.rows() == 0; !last;) {
    QUERN_TRY(const auto* block, reader.next(cancel));
    Batches batches(block->rows, kMeasuredRows, nullptr);
    for (auto rows = batches.next(); !rows.empty(); rows = batches.next()) {
      QUERN_CHECK(check_cancel(cancel));
      QUERN_CHECK(network->forward(*block, rows, false, margins));
      out.insert(out.end(), margins.begin(), margins.end());
    }
    last = block->last;
  }
  return out;
}

}  // namespace quern::runtime::training
