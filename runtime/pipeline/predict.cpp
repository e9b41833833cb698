// Scoring batch by batch.

#include "runtime/pipeline/predict.h"

#include <algorithm>
#include <new>

#include "base/column_builder.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/pipeline/scalars.h"
#include "runtime/pipeline/scan.h"

namespace quern::runtime {
namespace {

/// Margins to the result column: a number, or the class in the label's own type.
class Results {
 public:
  Results(const ir::Label& label, const ColumnType& type, const codegen::Scorer& scorer)
      : label_(label), type_(type), scorer_(scorer) {}

  Column build(std::vector<float>& margins, std::int64_t rows) const {
    codegen::apply_link(scorer_.link(), scorer_.outputs(), margins);
    ColumnBuilder out(type_);
    const auto width = static_cast<std::size_t>(scorer_.outputs());
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
      const std::span<const float> row(margins.data() + r * width, width);
      if (label_.task == ir::Task::regression) {
        out.append_double(row[0]);
      } else {
        append_scalar(out, label_.classes[class_of(row)], type_);
      }
    }
    return out.finish();
  }

 private:
  /// The class of highest probability, the first of equals; XGBoost's scikit-learn wrapper does the
  /// same.
  std::size_t class_of(std::span<const float> row) const {
    if (label_.task == ir::Task::binary) return row[0] > binary_cut() ? 1 : 0;
    if (scorer_.link() == codegen::Link::softmax_class) return static_cast<std::size_t>(row[0]);
    return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }

  /// binary:logitraw leaves the margin as it is: its probability is above one half when it is above
  /// zero.
  float binary_cut() const { return scorer_.link() == codegen::Link::identity ? 0.0F : 0.5F; }

  const ir::Label& label_;
  const ColumnType& type_;
  const codegen::Scorer& scorer_;
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
  const Results results(statement.use.manifest->label, statement.output.back().type, *scorer);
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
