#pragma once
// Random training tasks for XGBoost, and rows that probe the models they give.

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "codegen/model.h"
#include "runtime/engines/engine.h"
#include "xgboost_oracle.h"

namespace quern::test {

/// Pages held in memory, column-major, with a capacity larger than their rows.
class MemoryPages : public runtime::PageSource {
 public:
  /// Cuts the rows into pages of at most `page_rows`; `weights` may be empty.
  MemoryPages(const Rows& rows, const std::vector<float>& labels, const std::vector<float>& weights,
              std::int64_t page_rows);
  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return features_; }
  void rewind() override { at_ = 0; }
  Result<bool> next(runtime::PageView& page) override;

 private:
  struct Page {
    std::int64_t rows = 0;
    std::int64_t capacity = 0;
    std::vector<float> features;
    std::vector<float> labels;
    std::vector<float> weights;
  };
  std::int64_t rows_;
  std::int32_t features_;
  std::vector<Page> pages_;
  std::size_t at_ = 0;
};

/// A task with the rows it borrows.
struct RandomTraining {
  std::string description;  ///< for a failing test's message
  Rows rows;
  std::unique_ptr<MemoryPages> pages;
  runtime::TrainTask task;
};

/// Different in objective, booster, tree method, depth, kinds of features, missing values and
/// weights. The same seed gives the same training.
RandomTraining random_training(unsigned seed);

/// The same of gblinear, whose features are numbers of ordinary size.
RandomTraining random_linear_training(unsigned seed);

/// Rows at the thresholds of a forest and next to them, at and beyond the categories, denormal,
/// missing, huge. `infinite` adds +-inf, which only the in-place predictor takes.
Rows probe_rows(const codegen::Model& model, std::mt19937& random, std::int64_t count,
                bool infinite);

}  // namespace quern::test
