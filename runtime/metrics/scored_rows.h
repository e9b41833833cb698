#pragma once
// The rows of an evaluation: what is true and what the model says, collected while batches pass.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "codegen/interpret/features.h"
#include "compiler/ir/manifest.h"
#include "runtime/metrics/metrics.h"

namespace quern::runtime {

/// Memory: 8 bytes a row for the truth, 8 a row and probability (one for two classes) or number.
class ScoredRows {
 public:
  /// `label` must outlive it.
  explicit ScoredRows(const ir::Label& label);

  /// Takes a batch's label column and its predictions after the link, shape [rows, outputs].
  /// Threads: one at a time.
  void add(const Column& truth, const std::vector<float>& predictions, std::int32_t outputs,
           double cut);

  /// NULL labels, labels that are no finite number, classes the model was not trained on.
  /// Errors: no_rows, label_null, label_not_finite, class_unseen; spans are the caller's.
  Result<void> check() const;

  std::int64_t rows() const { return rows_; }
  const std::vector<double>& numbers() const { return numbers_; }         ///< regression: the truth
  const std::vector<std::uint32_t>& classes() const { return classes_; }  ///< else: its class
  const std::vector<double>& predictions() const {
    return predictions_;
  }  ///< numbers, or probabilities
  const std::vector<std::uint32_t>& predicted() const { return predicted_; }  ///< classes
  Confusion confusion() const;

 private:
  std::uint32_t class_of(const Column& truth, std::int64_t row, double number) const;
  void add_truth(const Column& truth);
  void add_predictions(const std::vector<float>& predictions, std::int64_t rows,
                       std::int32_t outputs, double cut);

  const ir::Label& label_;
  codegen::TextCodes texts_;
  std::unordered_map<double, std::uint32_t> values_;
  std::int64_t rows_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t not_finite_ = 0;
  std::int64_t unknown_ = 0;
  std::string first_unknown_;
  std::vector<double> numbers_;
  std::vector<std::uint32_t> classes_;
  std::vector<double> predictions_;
  std::vector<std::uint32_t> predicted_;
};

}  // namespace quern::runtime
