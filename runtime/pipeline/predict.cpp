// Scoring batch by batch.

#include "runtime/pipeline/predict.h"

#include <new>

#include "base/column_builder.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/pipeline/outcomes.h"
#include "runtime/pipeline/scalars.h"
#include "runtime/pipeline/scan.h"

namespace quern::runtime {
namespace {

/// Margins to the result column: a number, or the class in the label's own type.
class Results {
 public:
  Results(const ir::Predict& statement, const codegen::Scorer& scorer)
      : label_(statement.use.manifest->label),
        type_(statement.output.back().type),
        outcomes_(*statement.use.manifest, scorer) {}

  Column build(std::vector<float>& margins, std::int64_t rows) const {
    outcomes_.link(margins);
    ColumnBuilder out(type_);
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
      const auto row = outcomes_.row(margins, r);
      if (outcomes_.is_number()) {
        out.append_double(row[0]);
      } else {
        append_scalar(out, label_.classes[outcomes_.class_of(row)], type_);
      }
    }
    return out.finish();
  }

 private:
  const ir::Label& label_;
  const ColumnType& type_;
  Outcomes outcomes_;
};

ColumnBatch make_output(const ir::Predict& statement, const ColumnBatch& in, Column result) {
  ColumnBatch out{.rows = in.rows};
  for (const auto c : statement.kept_columns) out.columns.push_back(in.columns[c]);
  out.columns.push_back(std::move(result));
  return out;
}

Result<std::int64_t> predict(const plan::Predict& plan, Connection& connection, Sink& sink,
                             const Control& control) {
  const auto& statement = plan.statement;
  QUERN_TRY(const auto scorer, open_scorer(statement.use, connection));
  const Results results(statement, *scorer);
  std::vector<float> margins;
  const auto score = [&](const ColumnBatch& batch) {
    scorer->score(batch, margins);
    return sink.write(make_output(statement, batch, results.build(margins, batch.rows)));
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
