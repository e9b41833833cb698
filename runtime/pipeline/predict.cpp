// Scoring batch by batch.

#include "runtime/pipeline/predict.h"

#include <algorithm>
#include <new>
#include <numeric>

#include "base/column_builder.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/pipeline/outcomes.h"
#include "runtime/pipeline/scalars.h"
#include "runtime/pipeline/scan.h"

namespace quern::runtime {
namespace {

/// Margins to the results of each row: the prediction, and what goes with it.
class Results {
 public:
  Results(const ir::Predict& statement, const codegen::Scorer& scorer)
      : s_(statement),
        label_(statement.use.manifest->label),
        outcomes_(*statement.use.manifest, scorer, statement.threshold),
        ranked_(label_.classes.size()) {
    for (auto i = s_.kept_columns.size(); i < s_.output.size(); ++i)
      columns_.emplace_back(s_.output[i].type);
  }

  ColumnBatch build(const ColumnBatch& in, std::vector<float>& margins) {
    outcomes_.link(margins);
    for (std::size_t r = 0; r < static_cast<std::size_t>(in.rows); ++r) {
      const auto row = outcomes_.row(margins, r);
      outcomes_.is_number() ? columns_[0].append_double(row[0]) : add_class(row);
    }
    ColumnBatch out{.rows = in.rows};
    for (const auto c : s_.kept_columns) out.columns.push_back(in.columns[c]);
    for (auto& column : columns_) out.columns.push_back(column.finish());
    return out;
  }

 private:
  void append_class(std::size_t column, std::size_t c) {
    append_scalar(columns_[column], label_.classes[c], label_.type);
  }

  void add_class(std::span<const float> row) {
    const auto called = outcomes_.class_of(row);
    std::size_t at = 0;
    append_class(at++, called);
    if (s_.proba) {
      columns_[at++].append_double(outcomes_.probability(row, called));
      for (std::size_t c = 0; c < label_.classes.size(); ++c)
        columns_[at++].append_double(outcomes_.probability(row, c));
    }
    if (s_.top_k > 0) add_ranked(row, at);
  }

  /// The most probable classes; of equal ones the first.
  void add_ranked(std::span<const float> row, std::size_t at) {
    std::iota(ranked_.begin(), ranked_.end(), std::size_t{0});
    const auto end = ranked_.begin() + s_.top_k;
    std::partial_sort(ranked_.begin(), end, ranked_.end(),
                      [&](auto a, auto b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
    for (auto c = ranked_.begin(); c != end; ++c) {
      append_class(at++, *c);
      columns_[at++].append_double(row[*c]);
    }
  }

  const ir::Predict& s_;
  const ir::Label& label_;
  Outcomes outcomes_;
  std::vector<ColumnBuilder> columns_;
  std::vector<std::size_t> ranked_;
};

Result<std::int64_t> predict(const plan::Predict& plan, Connection& connection, Sink& sink,
                             const Control& control) {
  const auto& statement = plan.statement;
  QUERN_TRY(const auto scorer,
            open_scorer(statement.use, connection, control.models, control.kernel));
  Results results(statement, *scorer);
  std::vector<float> margins;
  const auto score = [&](const ColumnBatch& batch) -> Result<void> {
    QUERN_CHECK(scorer->score(batch, margins));
    return sink.write(results.build(batch, margins));
  };
  QUERN_TRY(const auto rows,
            scan(statement.use.query, connection, Progress::Stage::predict, control, score));
  QUERN_CHECK(sink.finish());
  return rows;
}

}  // namespace

Result<std::int64_t> run_predict(const plan::Predict& plan, Connection& connection, Sink& sink,
                                 const Control& control) {
  try {
    return predict(plan, connection, sink, control);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while predicting",
                      plan.statement.use.query.span};
  }
}

}  // namespace quern::runtime
