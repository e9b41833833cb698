// An engine of a few lines in the place of XGBoost: it learns the mean of the labels, and reads
// every page once to know it. A model has one leaf a round, all of the same weight.

#include <nlohmann/json.hpp>

#include "runtime/engines/xgboost/xgboost_engine.h"

namespace quern::runtime {
namespace {

constexpr double kBaseScore = 0.5;

/// Of the features no less than of the labels is looked at: a page that is not there yet is seen.
Result<double> mean_label(PageSource& pages) {
  double sum = 0;
  PageView page;
  pages.rewind();
  while (true) {
    QUERN_TRY(const bool more, pages.next(page));
    if (!more) return sum / static_cast<double>(pages.rows());
    for (std::int64_t row = 0; row < page.rows; ++row) {
      for (std::int32_t f = 0; f < pages.features(); ++f) {
        const float value = page.features[f * page.capacity + row];
        if (value != value) return Diagnostic{Code::engine_failed, "no NULL is expected here"};
      }
      sum += page.labels[row];
    }
  }
}

nlohmann::json leaf(int id, double weight) {
  return {{"id", id},
          {"left_children", {-1}},
          {"right_children", {-1}},
          {"split_indices", {0}},
          {"split_conditions", {weight}},
          {"default_left", {0}}};
}

std::vector<std::uint8_t> model_of(std::int32_t features, double mean, int rounds) {
  auto trees = nlohmann::json::array();
  auto outputs = nlohmann::json::array();
  for (int round = 0; round < rounds; ++round) {
    trees.push_back(leaf(round, (mean - kBaseScore) / rounds));
    outputs.push_back(0);
  }
  const nlohmann::json model = {
      {"learner",
       {{"learner_model_param",
         {{"base_score", "5E-1"}, {"num_class", "0"}, {"num_feature", std::to_string(features)}}},
        {"objective", {{"name", "reg:squarederror"}}},
        {"gradient_booster",
         {{"name", "gbtree"}, {"model", {{"trees", trees}, {"tree_info", outputs}}}}}}},
      {"version", {1, 7, 4}}};
  const auto text = model.dump();
  return {text.begin(), text.end()};
}

class MeanEngine final : public Engine {
 public:
  std::shared_ptr<KeptRows> keep_rows() override { return nullptr; }
  Result<std::string> library() override { return std::string("the mean"); }
  Result<TrainedModel> train(const TrainTask& task, const CancelToken& cancel,
                             const std::function<void(const RoundReport&)>& on_round) override {
    QUERN_TRY(const auto mean, mean_label(*task.train));
    if (task.on_rows_taken) task.on_rows_taken();
    TrainedModel model{.format = "xgboost.json", .library = "the mean"};
    for (int round = 1; round <= task.rounds; ++round) {
      if (cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
      model.history.push_back({round, task.rounds, {{"train", "mean", mean}}});
      on_round(model.history.back());
    }
    model.payload = model_of(task.train->features(), mean, task.rounds);
    return model;
  }
};

}  // namespace

std::unique_ptr<Engine> make_xgboost_engine() { return std::make_unique<MeanEngine>(); }

}  // namespace quern::runtime
