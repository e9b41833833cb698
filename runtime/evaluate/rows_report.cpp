// The report of rows: each one as selected, with what the model says of it and how wrong that is.

#include "base/column_builder.h"
#include "runtime/evaluate/reports.h"
#include "runtime/pipeline/scalars.h"
#include "runtime/pipeline/scan.h"

namespace quern::runtime {
namespace {

/// The columns behind the query's own.
class Verdicts {
 public:
  Verdicts(const ir::Evaluate& statement, const Judge& judge)
      : s_(statement), label_(statement.use.manifest->label), judge_(judge) {
    for (auto i = s_.kept_columns.size(); i < s_.output.size(); ++i)
      columns_.emplace_back(s_.output[i].type);
  }

  ColumnBatch build(const ColumnBatch& in) {
    for (std::size_t r = 0; r < static_cast<std::size_t>(in.rows); ++r) add_row(r);
    ColumnBatch out{.rows = in.rows};
    for (const auto c : s_.kept_columns) out.columns.push_back(in.columns[c]);
    for (auto& column : columns_) out.columns.push_back(column.finish());
    return out;
  }

 private:
  void add_row(std::size_t r) {
    const auto& outcomes = judge_.outcomes();
    const auto row = outcomes.row(judge_.answers(), r);
    if (!outcomes.is_number()) return add_class(row, static_cast<std::size_t>(judge_.truth()[r]));
    append_numbers(columns_[0], row, label_.type.kind);
    if (columns_.size() == 1) return;
    residuals_.clear();
    for (std::size_t k = 0; k < row.size(); ++k)
      residuals_.push_back(judge_.truth()[r * row.size() + k] - row[k]);
    append_numbers(columns_[1], std::span<const double>(residuals_), label_.type.kind);
  }

  void add_class(std::span<const float> row, std::size_t truth) {
    const auto& outcomes = judge_.outcomes();
    const auto called = outcomes.class_of(row);
    append_scalar(columns_[0], label_.classes[called], label_.type);
    if (outcomes.has_probabilities()) {
      columns_[1].append_double(outcomes.probability(row, called));
      columns_[2].append_double(surprise(outcomes.probability(row, truth)));
    }
    columns_.back().append_bool(called == truth);
  }

  const ir::Evaluate& s_;
  const ir::Label& label_;
  const Judge& judge_;
  std::vector<ColumnBuilder> columns_;
  std::vector<double> residuals_;  ///< of a row
};

}  // namespace

Result<EvaluateSummary> write_rows(const ir::Evaluate& statement, Judge& judge,
                                   Connection& connection, Sink& sink, const Control& control) {
  Verdicts verdicts(statement, judge);
  const auto take = [&](const ColumnBatch& batch) -> Result<void> {
    QUERN_CHECK(judge.read(batch));
    if (auto errors = judge.check(); !errors.empty()) return errors;
    return sink.write(verdicts.build(batch));
  };
  QUERN_TRY(const auto rows,
            scan(statement.use.query, connection, Progress::Stage::evaluate, control, take));
  return EvaluateSummary{.rows = rows};
}

}  // namespace quern::runtime
