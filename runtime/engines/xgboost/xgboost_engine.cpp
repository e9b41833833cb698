// One training: matrices from pages, a booster, its rounds, the saved model. No exception leaves
// it.

#include "runtime/engines/xgboost/xgboost_engine.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <mutex>
#include <new>
#include <string_view>

#include "compiler/ir/training_metrics.h"
#include "runtime/engines/xgboost/training_matrix.h"
#include "runtime/engines/xgboost/xgboost_library.h"

namespace quern::runtime {
namespace {

using xgboost::Handle;
using xgboost::Library;
using xgboost::SharedHandle;
using OnRound = std::function<void(const RoundReport&)>;

/// The last value given for a parameter, or `otherwise`: as the library resolves repeats.
std::string parameter(const TrainTask& task, std::string_view name, std::string otherwise) {
  for (const auto& [key, value] : task.params) {
    if (key == name) otherwise = value;
  }
  return otherwise;
}

bool is_whole(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "train-logloss:0.25" -> {train, logloss, 0.25}.
RoundMetric parse_metric(std::string_view item) {
  RoundMetric metric;
  const auto dash = item.find('-');
  const auto colon = item.rfind(':');
  metric.data = item.substr(0, dash);
  if (dash == std::string_view::npos || colon == std::string_view::npos || colon < dash)
    return metric;
  metric.metric = item.substr(dash + 1, colon - dash - 1);
  std::from_chars(item.data() + colon + 1, item.data() + item.size(), metric.value);
  return metric;
}

/// "[0]\ttrain-logloss:0.25\tvalidation-logloss:0.5" -> one metric an item.
std::vector<RoundMetric> parse_metrics(std::string_view line) {
  std::vector<RoundMetric> metrics;
  for (auto tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    line.remove_prefix(tab + 1);
    metrics.push_back(parse_metric(line.substr(0, line.find('\t'))));
  }
  return metrics;
}

/// Matrices of the same rows.
struct KeptMatrices final : KeptRows {
  /// Of training, by what they were made for: trials with many values of max_bin keep the last few.
  static constexpr std::size_t kMost = 4;

  std::shared_ptr<const Library> library;  ///< before the matrices, which must not outlive it
  std::vector<std::pair<std::string, SharedHandle>> train;  ///< the last one used is last
  SharedHandle validation;
  SharedHandle test;

  SharedHandle find_train(const std::string& made_for) {
    const auto at = std::find_if(train.begin(), train.end(),
                                 [&](const auto& kept) { return kept.first == made_for; });
    if (at == train.end()) return nullptr;
    std::rotate(at, at + 1, train.end());
    return train.back().second;
  }
  void add_train(const std::string& made_for, SharedHandle matrix) {
    if (train.size() == kMost) train.erase(train.begin());
    train.emplace_back(made_for, std::move(matrix));
  }
};

class Training {
 public:
  Training(const Library& library, const TrainTask& task, const CancelToken& cancel)
      : library_(library), task_(task), cancel_(cancel), log_(library) {}

  Result<TrainedModel> run(const OnRound& on_round) {
    QUERN_CHECK(check_kinds());
    QUERN_CHECK(make_matrices());
    if (task_.on_rows_taken) task_.on_rows_taken();
    QUERN_CHECK(make_booster());
    TrainedModel model;
    for (int round = first_round_; round < first_round_ + task_.rounds; ++round) {
      if (cancel_.requested()) return Diagnostic{Code::cancelled, "training was cancelled"};
      QUERN_TRY(auto report, run_round(round));
      if (on_round) on_round(report);
      model.history.push_back(std::move(report));
      QUERN_TRY(const bool enough, watch(model.history.back()));
      if (enough) break;
    }
    QUERN_TRY(model.payload, save_best(first_round_ + static_cast<int>(model.history.size())));
    if (test_) {
      QUERN_TRY(model.test, measure(model.payload));
    }
    model.best_round = best_round_;
    model.format = "xgboost.ubj";
    model.library = library_.version();
    model.warnings = log_.take();
    return model;
  }

 private:
  /// The library would choose by the data's size, and a quantile matrix leaves it no choice.
  std::string tree_method() const {
    const auto method = parameter(task_, "tree_method", "auto");
    return method == "auto" ? "hist" : method;
  }

  bool is_linear() const { return parameter(task_, "booster", "gbtree") == "gblinear"; }

  /// The exact method would take categories for numbers and say nothing.
  Result<void> check_kinds() const {
    if (tree_method() != "exact" || is_linear()) return {};
    for (std::size_t i = 0; i < task_.feature_kinds.size(); ++i) {
      if (task_.feature_kinds[i] != FeatureKind::category) continue;
      return Diagnostic{Code::engine_failed,
                        "tree_method exact knows no categories, and feature " +
                            task_.feature_names.at(i) + " is one",
                        SourceSpan::none(), "use tree_method hist"};
    }
    return {};
  }

  Result<void> make_matrices() {
    auto* kept = dynamic_cast<KeptMatrices*>(task_.kept.get());
    const auto made_for = uses_quantiles() ? parameter(task_, "max_bin", default_bins()) : "values";
    if (kept != nullptr) train_ = kept->find_train(made_for);
    if (!train_) {
      QUERN_TRY(train_, make_matrix(*task_.train, uses_quantiles()));
      if (kept != nullptr) kept->add_train(made_for, train_);
    }
    // A quantile matrix would put a category or number beyond those of training into the last
    // bin; the values themselves give what prediction gives.
    QUERN_CHECK(make_values(task_.validation, validation_, kept ? &kept->validation : nullptr));
    return make_values(task_.test, test_, kept ? &kept->test : nullptr);
  }

  /// \param kept  where the matrix is looked for and left; null: nowhere.
  Result<void> make_values(PageSource* pages, SharedHandle& matrix, SharedHandle* kept) {
    if (pages == nullptr) return {};
    if (kept != nullptr) matrix = *kept;
    if (matrix) return {};
    QUERN_TRY(matrix, make_matrix(*pages, false));
    if (kept != nullptr) *kept = matrix;
    return {};
  }

  /// Trees of an earlier training split where its bins ended, not where those of these rows do.
  bool uses_quantiles() const {
    return task_.start.empty() && tree_method() == "hist" && !is_linear();
  }
  std::string default_bins() const { return std::to_string(task_.max_bin); }

  Result<SharedHandle> make_matrix(PageSource& pages, bool quantiles) {
    if (pages.rows() == 0) return Diagnostic{Code::no_rows, "there are no rows to train on"};
    xgboost::MatrixOptions options;
    options.task = &task_;
    options.max_bin = parameter(task_, "max_bin", default_bins());
    options.threads = parameter(task_, "nthread", "0");
    if (!is_whole(options.max_bin)) return not_whole("max_bin", options.max_bin);
    if (!is_whole(options.threads)) return not_whole("nthread", options.threads);
    QUERN_TRY(auto matrix, quantiles ? quantile_matrix(library_, options, pages, cancel_)
                                     : plain_matrix(library_, options, pages, cancel_));
    return SharedHandle(std::move(matrix));
  }

  static Diagnostic not_whole(const std::string& name, const std::string& value) {
    return {Code::engine_failed, name + " is not a whole number: " + value};
  }

  Result<void> make_booster() {
    std::vector<void*> matrices{train_.get()};
    for (const auto* more : {&validation_, &test_}) {
      if (*more) matrices.push_back(more->get());
    }
    void* made = nullptr;
    QUERN_CHECK(
        library_.check(library_.call().XGBoosterCreate(matrices.data(), matrices.size(), &made)));
    booster_ = library_.own_booster(made);
    QUERN_CHECK(load_start());
    return set_parameters();
  }

  Result<void> set_parameters() {
    QUERN_CHECK(set("validate_parameters", "1"));
    if (!is_linear()) QUERN_CHECK(set("max_bin", std::to_string(task_.max_bin)));
    for (const auto& [name, value] : task_.params) {
      QUERN_CHECK(set(name, value));
    }
    if (is_linear()) return {};
    return set("tree_method", tree_method());
  }

  Result<void> load(const std::vector<std::uint8_t>& model) {
    return library_.check(
        library_.call().XGBoosterLoadModelFromBuffer(booster_.get(), model.data(), model.size()));
  }

  Result<void> load_start() {
    if (task_.start.empty()) return {};
    QUERN_CHECK(load(task_.start));
    return library_.check(library_.call().XGBoosterBoostedRounds(booster_.get(), &first_round_));
  }

  Result<void> set(const std::string& name, const std::string& value) {
    return library_.check(
        library_.call().XGBoosterSetParam(booster_.get(), name.c_str(), value.c_str()));
  }

  Result<RoundReport> run_round(int round) {
    QUERN_CHECK(library_.check(
        library_.call().XGBoosterUpdateOneIter(booster_.get(), round, train_.get())));
    if (cancel_.requested()) return Diagnostic{Code::cancelled, "training was cancelled"};
    QUERN_TRY(auto metrics, evaluate(round));
    return RoundReport{round + 1, first_round_ + task_.rounds, std::move(metrics)};
  }

  Result<std::vector<RoundMetric>> evaluate(int round) {
    std::vector<void*> matrices;
    std::vector<const char*> names;
    const auto add = [&](const SharedHandle& matrix, const char* name) {
      matrices.push_back(matrix.get());
      names.push_back(name);
    };
    if (is_training_metric_due(round)) add(train_, "train");
    if (validation_) add(validation_, "validation");
    const char* line = "";
    if (matrices.empty()) return std::vector<RoundMetric>();
    QUERN_CHECK(library_.check(library_.call().XGBoosterEvalOneIter(
        booster_.get(), round, matrices.data(), names.data(), matrices.size(), &line)));
    return parse_metrics(line);
  }

  /// The metrics of the model that is kept, on the rows of the test. Last: it takes the booster.
  Result<std::vector<RoundMetric>> measure(const std::vector<std::uint8_t>& model) {
    QUERN_CHECK(load(model));
    QUERN_CHECK(set_parameters());
    void* matrix = test_.get();
    const char* name = "test";
    const char* line = "";
    QUERN_CHECK(library_.check(
        library_.call().XGBoosterEvalOneIter(booster_.get(), 0, &matrix, &name, 1, &line)));
    return parse_metrics(line);
  }

  /// The training rows' metric costs a twentieth of a round, and nothing is decided by it.
  bool is_training_metric_due(int round) const {
    constexpr std::int64_t kManyRows = 500000;
    return task_.train->rows() <= kManyRows || (round + 1) % 10 == 0 ||
           round + 1 == first_round_ + task_.rounds;
  }

  /// True when early stopping has seen enough. Rule: XGBoost's EarlyStopping callback: the last
  /// metric.
  Result<bool> watch(const RoundReport& report) {
    if (task_.early_stopping == 0) return false;
    const auto& metric = report.metrics.back();
    if (std::isnan(metric.value)) {
      return Diagnostic{Code::engine_failed,
                        "early stopping needs a number: validation " + metric.metric + " is none"};
    }
    const bool up = ir::larger_is_better(metric.metric);
    if (best_round_ != 0 && !(up ? metric.value > best_ : metric.value < best_)) {
      return report.round - best_round_ >= task_.early_stopping;
    }
    best_ = metric.value;
    best_round_ = report.round;
    // Later rounds of dart change the weights of earlier trees, and those of gblinear its only
    // weights: no slice gives this round's model back.
    if (is_linear() || parameter(task_, "booster", "gbtree") == "dart") {
      QUERN_TRY(best_payload_, save(booster_.get()));
    }
    return false;
  }

  /// The model of the best round, of the last where none was chosen.
  Result<std::vector<std::uint8_t>> save_best(int rounds) {
    if (best_round_ == 0 || best_round_ == rounds) return save(booster_.get());
    if (!best_payload_.empty()) return std::move(best_payload_);
    void* made = nullptr;
    QUERN_CHECK(
        library_.check(library_.call().XGBoosterSlice(booster_.get(), 0, best_round_, 1, &made)));
    const auto slice = library_.own_booster(made);
    return save(slice.get());
  }

  Result<std::vector<std::uint8_t>> save(void* booster) {
    std::uint64_t size = 0;
    const char* data = nullptr;
    QUERN_CHECK(library_.check(
        library_.call().XGBoosterSaveModelToBuffer(booster, "{\"format\":\"ubj\"}", &size, &data)));
    return std::vector<std::uint8_t>(data, data + size);
  }

  const Library& library_;
  const TrainTask& task_;
  const CancelToken& cancel_;
  xgboost::LogCapture log_;
  SharedHandle train_;
  SharedHandle validation_;
  SharedHandle test_;
  Handle booster_ = library_.own_booster(nullptr);
  int first_round_ = 0;
  double best_ = 0;
  int best_round_ = 0;
  std::vector<std::uint8_t> best_payload_;  ///< dart and gblinear only
};

class XgboostEngine : public Engine {
 public:
  std::shared_ptr<KeptRows> keep_rows() override { return std::make_shared<KeptMatrices>(); }

  Result<std::string> library() override {
    QUERN_TRY(const auto library, open());
    return library->version();
  }

  Result<TrainedModel> train(const TrainTask& task, const CancelToken& cancel,
                             const OnRound& on_round) override {
    try {
      QUERN_TRY(const auto library, open());
      if (auto* kept = dynamic_cast<KeptMatrices*>(task.kept.get()); kept && !kept->library)
        kept->library = library;
      return Training(*library, task, cancel).run(on_round);
    } catch (const std::bad_alloc&) {
      return Diagnostic{Code::out_of_memory, "the training data does not fit into memory"};
    } catch (const std::exception& error) {
      return Diagnostic{Code::internal, error.what()};
    }
  }

 private:
  /// Opens the library once; a failure is not remembered, so that installing it is enough.
  Result<std::shared_ptr<const Library>> open() {
    const std::lock_guard lock(mutex_);
    if (library_ == nullptr) {
      QUERN_TRY(library_, Library::open());
    }
    return library_;
  }

  std::mutex mutex_;
  std::shared_ptr<const Library> library_;
};

}  // namespace

std::unique_ptr<Engine> make_xgboost_engine() { return std::make_unique<XgboostEngine>(); }

}  // namespace quern::runtime
