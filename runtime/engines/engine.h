#pragma once
// The service-provider interface of a training library: pages of features in, a model in the
// library's own format out. Adding an engine touches its folder and one registration line.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "codegen/interpret/sparse_rows.h"

namespace quern::runtime {

/// A block of training rows. Borrowed; replayable: an engine may ask for the pages several times.
struct PageView {
  const float* features =
      nullptr;  ///< column-major: feature f of row r at [f * capacity + r]; NaN is NULL
  std::int64_t capacity = 0;  ///< elements from a feature to the next
  std::int64_t rows = 0;
  const float* labels = nullptr;   ///< [rows]: number, or class's index; vectors as features
  const float* weights = nullptr;  ///< [rows], or null for 1
  /// [rows], or null: the group that a row is ranked in. Numbers never fall from row to row of a
  /// source; rows of a group have one weight.
  const std::uint32_t* groups = nullptr;
  const float* upper_bounds = nullptr;  ///< [rows], or null: labels are lower bounds, +inf: unknown
  const float* margins = nullptr;  ///< column-major as features: what a row's margins begin with
  /// Features of which a row has few: row r of the view is row first + r of each group.
  std::span<const codegen::SparseRows> sparse = {};
  std::int64_t first = 0;
};

/// The training rows of one statement, in row order. Threads: one reader at a time.
class PageSource {
 public:
  virtual ~PageSource() = default;
  virtual std::int64_t rows() const = 0;
  virtual std::int32_t features() const = 0;
  virtual void rewind() = 0;
  /// Fills `page` with the next block; false at the end.
  virtual Result<bool> next(PageView& page) = 0;
};

/// What an engine made of the rows of a task, kept for further trainings on the same rows. Threads:
/// one training at a time.
class KeptRows {
 public:
  virtual ~KeptRows() = default;
};

struct NetworkTask;
struct RoundReport;
struct TrainedModel;

enum class FeatureKind : std::uint8_t { number, category };

struct TrainTask {
  PageSource* train = nullptr;
  PageSource* validation = nullptr;        ///< may be null
  PageSource* test = nullptr;              ///< the model is measured on it at last; may be null
  std::vector<std::string> feature_names;  ///< of those that are no group's
  std::vector<FeatureKind> feature_kinds;
  /// Features of each group; they stand behind the others in this order. What is absent is missing.
  std::vector<std::uint32_t> group_widths = {};
  /// Parameters under the library's own names, already checked.
  std::vector<std::pair<std::string, std::string>> params;
  std::int32_t margins = 0;  ///< of each row, in every page; 0: the library's base score
  int rounds = 10;
  int max_bin = 256;
  /// Rounds without a better value of the last metric on the validation rows, after which training
  /// stops and the best round is kept; 0: all rounds.
  int early_stopping = 0;
  /// A model in the engine's format to go on from with `rounds` more; empty: from the beginning.
  std::vector<std::uint8_t> start;
  /// Of Engine::keep_rows(): what the engine made of the rows is kept here, and found here by the
  /// next task of the same sources, which need not be readable any more if its max_bin came before.
  /// Null: nothing is kept.
  std::shared_ptr<KeptRows> kept = {};
  /// Of a network: what its engine is told besides rows, rounds (epochs), early stopping and start.
  /// Null: XGBoost trains.
  std::shared_ptr<const NetworkTask> network = {};
  /// Trains in place of a library where there is none to ask for: clusters and components.
  std::function<Result<TrainedModel>(const TrainTask& task, const CancelToken& cancel,
                                     const std::function<void(const RoundReport&)>& on_round)>
      fit = {};
  /// Of a network that encodes rows and gives them back: layers that encode. 0: it is none.
  std::size_t encoder_layers = 0;
  /// Called when the engine has taken what it needs of all rows, which it does not read again. May
  /// be empty.
  std::function<void()> on_rows_taken;
};

/// One metric after one round.
struct RoundMetric {
  std::string data;    ///< "train", "validation" or "test"
  std::string metric;  ///< the library's name: "logloss"
  double value = 0;
};

struct RoundReport {
  int round = 0;  ///< from 1, those of TrainTask::start counted
  int rounds = 0;
  std::vector<RoundMetric> metrics;
};

struct TrainedModel {
  std::string format;  ///< "xgboost.ubj"
  std::vector<std::uint8_t> payload;
  std::vector<RoundReport>
      history;                    ///< of every round run, also those that early stopping takes off
  std::vector<RoundMetric> test;  ///< of the payload on the rows of TrainTask::test
  int best_round = 0;             ///< rounds in the payload, where early stopping chose; else 0
  std::string library;            ///< "XGBoost 1.7.4"
  std::vector<std::string> warnings;  ///< what the library logged: a parameter it does not use, ...
};

/// Trains. `on_round` is called after every round, in the calling thread; a request on `cancel` is
/// seen between rounds. Errors: library_missing, engine_failed, out_of_memory, cancelled.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::shared_ptr<KeptRows> keep_rows() = 0;
  /// "XGBoost 1.7.4". Errors: library_missing.
  virtual Result<std::string> library() = 0;
  virtual Result<TrainedModel> train(const TrainTask& task, const CancelToken& cancel,
                                     const std::function<void(const RoundReport&)>& on_round) = 0;
};

}  // namespace quern::runtime
