// From batches to judged rows.

#include "runtime/evaluate/judge.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "runtime/pipeline/scan.h"

namespace quern::runtime {
namespace {

std::string label_name(const ir::Evaluate& s) {
  return s.use.query.description.schema[*s.label_column].name;
}

std::size_t outputs_of(const ir::Label& label) { return static_cast<std::size_t>(label.width()); }

/// Adds batches to what is held.
class Collector {
 public:
  Collector(const ir::Evaluate& statement, const Judge& judge)
      : judge_(judge),
        holds_rows_(statement.holds_rows()),
        out_{.rows = Confusion(judge.outcomes().classes()),
             .weighed = Confusion(statement.weight_column ? judge.outcomes().classes() : 0)} {}

  void add(std::int64_t rows) {
    out_.count += rows;
    if (!judge_.outcomes().is_number()) count_classes(static_cast<std::size_t>(rows));
    if (holds_rows_) hold();
  }

  JudgedRows take() { return std::move(out_); }

 private:
  void count_classes(std::size_t rows) {
    const auto& outcomes = judge_.outcomes();
    for (std::size_t r = 0; r < rows; ++r) {
      const auto truth = static_cast<std::size_t>(judge_.truth()[r]);
      const auto called = outcomes.class_of(outcomes.row(judge_.answers(), r));
      out_.rows.add(truth, called);
      if (!judge_.weights().empty()) out_.weighed.add(truth, called, judge_.weights()[r]);
    }
  }

  void hold() {
    const auto answers = judge_.answers();
    const auto truth = judge_.truth();
    const auto& outcomes = judge_.outcomes();
    if (outcomes.is_number() || outcomes.has_probabilities())
      out_.answers.insert(out_.answers.end(), answers.begin(), answers.end());
    if (outcomes.is_number()) {
      out_.numbers.insert(out_.numbers.end(), truth.begin(), truth.end());
    } else {
      for (const double c : truth) out_.truth.push_back(static_cast<std::uint32_t>(c));
    }
    out_.weights.insert(out_.weights.end(), judge_.weights().begin(), judge_.weights().end());
  }

  const Judge& judge_;
  bool holds_rows_;
  JudgedRows out_;
};

}  // namespace

Judge::Judge(const ir::Evaluate& statement, const codegen::Scorer& scorer)
    : statement_(statement),
      scorer_(scorer),
      outcomes_(*statement.use.manifest, scorer, statement.threshold),
      labels_(statement.use.manifest->label, query_labels(label_name(statement))) {}

Result<void> Judge::read(const ColumnBatch& batch) {
  QUERN_CHECK(scorer_.score(batch, answers_));
  outcomes_.link(answers_);
  truth_.resize(static_cast<std::size_t>(batch.rows) * labels_.width());
  labels_.add(batch.columns[*statement_.label_column], truth_.data());
  if (statement_.weight_column) read_weights(batch.columns[*statement_.weight_column]);
  return {};
}

void Judge::read_weights(const Column& column) {
  weights_.resize(static_cast<std::size_t>(column.length));
  codegen::numbers_to_double(column, weights_.data());
  bad_weights_ += std::count_if(weights_.begin(), weights_.end(),
                                [](double w) { return !(w >= 0) || std::isinf(w); });
}

Diagnostics Judge::check() const {
  auto errors = labels_.check();
  if (bad_weights_ > 0) {
    errors.push_back({Code::bad_weight, "a weight is a number from 0 up: it is not in " +
                                            counted(bad_weights_, "row")});
  }
  for (auto& error : errors) error.span = statement_.use.query.span;
  return errors;
}

ClassRows JudgedRows::classes(const ir::Label& label) const {
  return {.classes = label.classes.size(),
          .binary = label.task == ir::Task::binary,
          .probabilities = answers,
          .truth = truth,
          .weights = weights};
}

double JudgedRows::value(const ir::Evaluate& statement, ir::Metric metric) const {
  const auto& label = statement.use.manifest->label;
  return label.task == ir::Task::regression
             ? vector_metric(metric, judged_numbers(), outputs_of(label))
             : class_metric(metric, classes(label), statement.weight_column ? weighed : rows,
                            statement.beta);
}

double JudgedRows::value(const ir::Evaluate& statement, const ir::Assertion& assertion) const {
  return assertion.metric ? value(statement, *assertion.metric) : static_cast<double>(count);
}

Result<JudgedRows> judge_all(const ir::Evaluate& statement, Judge& judge, Connection& connection,
                             const Control& control, RowPrint* print) {
  Collector collector(statement, judge);
  const auto take = [&](const ColumnBatch& batch) -> Result<void> {
    QUERN_CHECK(judge.read(batch));
    if (print != nullptr) print->add(batch);
    collector.add(batch.rows);
    return {};
  };
  QUERN_TRY(const auto rows,
            scan(statement.use.query, connection, Progress::Stage::evaluate, control, take));
  if (rows == 0) {
    return Diagnostic{Code::no_rows, "the query returned no rows: there is nothing to evaluate",
                      statement.use.query.span};
  }
  if (auto errors = judge.check(); !errors.empty()) return errors;
  return collector.take();
}

}  // namespace quern::runtime
