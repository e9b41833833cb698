#pragma once
// Rows of the query as judged: what the model says of each beside what is true.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codegen/scorer.h"
#include "compiler/ir/statement.h"
#include "connectors/connector.h"
#include "runtime/fit/label_encoder.h"
#include "runtime/metrics/metrics.h"
#include "runtime/pipeline/outcomes.h"
#include "runtime/pipeline/train.h"
#include "runtime/report/row_print.h"

namespace quern::runtime {

/// Reads one batch after another. Not thread-safe.
class Judge {
 public:
  /// \param scorer of the statement's model, which has a label. Both must outlive it.
  Judge(const ir::Evaluate& statement, const codegen::Scorer& scorer);

  const Outcomes& outcomes() const { return outcomes_; }

  /// Scores the batch and reads its labels and weights. Errors: those of Scorer::score().
  Result<void> read(const ColumnBatch& batch);

  /// Of the batch read last. Answers are [rows, outcomes().width()], and so is the truth of
  /// numbers; weights are empty if the statement names none.
  std::span<const float> answers() const { return answers_; }
  std::span<const double> truth() const { return truth_; }
  std::span<const double> weights() const { return weights_; }

  /// What was wrong in the batches so far, at the query. Errors: those of LabelEncoder, bad_weight.
  Diagnostics check() const;

 private:
  void read_weights(const Column& column);

  const ir::Evaluate& statement_;
  const codegen::Scorer& scorer_;
  Outcomes outcomes_;
  LabelEncoder labels_;
  std::vector<float> answers_;
  std::vector<double> truth_;
  std::vector<double> weights_;
  std::int64_t bad_weights_ = 0;
};

/// What a report needs of all rows.
struct JudgedRows {
  std::int64_t count = 0;
  std::vector<float> answers;        ///< as ClassRows and NumberRows want them
  std::vector<std::uint32_t> truth;  ///< classes
  std::vector<double> numbers;       ///< true numbers, as answers
  std::vector<double> weights;
  Confusion rows;     ///< counts
  Confusion weighed;  ///< sums of weights; as `rows` where there are none

  ClassRows classes(const ir::Label& label) const;
  NumberRows judged_numbers() const { return {answers, numbers, weights}; }
  /// NaN where it is not defined for these rows.
  double value(const ir::Evaluate& statement, ir::Metric metric) const;
  double value(const ir::Evaluate& statement, const ir::Assertion& assertion) const;
};

/// Reads all rows; `print` hears of them where it is not null. Errors: no_rows, those of
/// Judge::check(), cancelled, those of scan().
Result<JudgedRows> judge_all(const ir::Evaluate& statement, Judge& judge, Connection& connection,
                             const Control& control, RowPrint* print = nullptr);

}  // namespace quern::runtime
