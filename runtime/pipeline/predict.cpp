// Scoring batch by batch: those that we fetch, or those that the database hands to us.

#include "runtime/pipeline/predict.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <thread>

#include "base/elapsed.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/pipeline/pace.h"
#include "runtime/pipeline/results.h"
#include "runtime/pipeline/scan.h"

namespace quern::runtime {
namespace {

using Unlabelled = std::unique_ptr<UnlabelledModel>;

/// What tells distances, where they are asked for. \param use  outlives it.
Result<Unlabelled> open_distances(const ir::Predict& statement, const ir::ModelUse& use,
                                  Connection& connection, const Control& control) {
  if (!statement.distance) return Unlabelled();
  return open_unlabelled(use, connection, control.models);
}

Result<std::int64_t> predict(const plan::Predict& plan, Connection& connection, Sink& sink,
                             const Control& control) {
  const auto& statement = plan.statement;
  QUERN_TRY(const auto scorer,
            open_scorer(statement.use, connection, control.models, control.scoring));
  QUERN_TRY(const auto unlabelled, open_distances(statement, statement.use, connection, control));
  const Results results(statement, *scorer, unlabelled.get());
  std::vector<float> margins;
  const auto score = [&](const ColumnBatch& batch) -> Result<void> {
    QUERN_CHECK(scorer->score(batch, margins));
    ColumnBatch out{.rows = batch.rows, .columns = {}};
    for (const auto c : statement.kept_columns) out.columns.push_back(batch.columns[c]);
    QUERN_TRY(auto columns, results.build(margins, batch));
    for (auto& column : columns) out.columns.push_back(std::move(column));
    return sink.write(std::move(out));
  };
  QUERN_TRY(const auto rows,
            scan(statement.use.query, connection, Progress::Stage::predict, control, score));
  QUERN_CHECK(sink.finish());
  return rows;
}

/// The columns of the query that the model reads, each once, in order.
std::vector<std::size_t> columns_read(const ir::ModelUse& use) {
  auto out = use.input_columns;
  out.insert(out.end(), use.margin_columns.begin(), use.margin_columns.end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// The use of a model on batches that have only the columns it reads.
ir::ModelUse narrowed(const ir::ModelUse& use, const std::vector<std::size_t>& read) {
  auto out = use;
  const auto place = [&](std::size_t column) {
    return static_cast<std::size_t>(std::lower_bound(read.begin(), read.end(), column) -
                                    read.begin());
  };
  for (auto* columns : {&out.input_columns, &out.margin_columns})
    std::transform(columns->begin(), columns->end(), columns->begin(), place);
  return out;
}

/// Scores what the database's threads hand in. The statement's own thread, which is one of them,
/// tells how far all have come.
class ResultsKernel final : public ScalarKernel {
 public:
  /// All that is not owned outlives it.
  ResultsKernel(const ir::Predict& statement, std::unique_ptr<codegen::Scorer> scorer,
                Unlabelled unlabelled, const Control& control)
      : scorer_(std::move(scorer)),
        unlabelled_(std::move(unlabelled)),
        results_(statement, *scorer_, unlabelled_.get()),
        control_(control) {}

  Result<std::vector<Column>> evaluate(const ColumnBatch& batch) const override {
    std::vector<float> margins, some;
    const auto score = [&](const ColumnBatch& rows) -> Result<void> {
      QUERN_CHECK(scorer_->score(rows, some));
      margins.insert(margins.end(), some.begin(), some.end());
      return {};
    };
    QUERN_CHECK(pace_.each(batch, control_.cancel, score));
    QUERN_TRY(auto out, results_.build(margins, batch));
    tell(batch.rows);
    return out;
  }

 private:
  void tell(std::int64_t rows) const {
    const auto so_far = rows_.fetch_add(rows) + rows;
    if (std::this_thread::get_id() != own_thread_) return;
    control_.on_progress(
        {.stage = Progress::Stage::predict, .rows = so_far, .seconds = seconds_since(start_)});
  }

  std::unique_ptr<codegen::Scorer> scorer_;
  Unlabelled unlabelled_;
  Results results_;
  const Control& control_;
  mutable Pace pace_;
  std::thread::id own_thread_ = std::this_thread::get_id();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  mutable std::atomic<std::int64_t> rows_ = 0;
};

/// What the database found in the query has its place there; the rest is the target's.
Diagnostics placed(Diagnostics errors, const plan::Predict& plan) {
  for (auto& error : errors) {
    if (error.code == Code::cancelled) continue;
    if (error.span.known()) {
      shift_spans(error, plan.statement.use.query.span.begin);
    } else {
      error.span = plan.output.span;
    }
  }
  return errors;
}

Result<std::int64_t> predict_inside(const plan::Predict& plan, const TableName& target,
                                    Connection& connection, const Control& control) {
  const auto& statement = plan.statement;
  const auto& query = statement.use.query;
  const auto read = columns_read(statement.use);
  const auto use = narrowed(statement.use, read);
  QUERN_TRY(auto scorer, open_scorer(use, connection, control.models, control.scoring));
  QUERN_TRY(auto unlabelled, open_distances(statement, use, connection, control));
  const auto kept = static_cast<std::ptrdiff_t>(statement.kept_columns.size());
  const ComputedRows rows{.query = query.text,
                          .columns = query.description.schema.size(),
                          .kept = statement.kept_columns,
                          .arguments = read,
                          .kernel = std::make_shared<ResultsKernel>(statement, std::move(scorer),
                                                                    std::move(unlabelled), control),
                          .answers = {statement.output.begin() + kept, statement.output.end()}};
  auto order = table_order(plan.output);
  order.table = target;
  auto written = connection.write_computed(order, rows);
  if (written) return written;
  return placed(std::move(written).errors(), plan);
}

/// Where memory runs out.
template <typename F>
Result<std::int64_t> guarded(const plan::Predict& plan, F f) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while predicting",
                      plan.statement.use.query.span};
  }
}

}  // namespace

Result<std::int64_t> run_predict(const plan::Predict& plan, Connection& connection, Sink& sink,
                                 const Control& control) {
  return guarded(plan, [&] { return predict(plan, connection, sink, control); });
}

Result<std::int64_t> run_predict_inside(const plan::Predict& plan, const TableName& target,
                                        Connection& connection, const Control& control) {
  return guarded(plan, [&] { return predict_inside(plan, target, connection, control); });
}

}  // namespace quern::runtime
