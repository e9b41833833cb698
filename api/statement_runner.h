#pragma once
// Runs one statement of a session, whatever its form.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/model_reports.h"
#include "api/quern.hpp"
#include "api/session_catalog.h"
#include "api/session_state.h"
#include "base/cancel.h"
#include "compiler/ir/statement.h"
#include "compiler/plan/plan.h"
#include "parser/ast.h"
#include "runtime/pipeline/train.h"
#include "runtime/sinks/sink.h"

namespace quern {

class StatementRunner {
 public:
  StatementRunner(SessionState& session, std::string_view script, CancelToken cancel,
                  Observer& observer);

  /// Binds, plans and runs; the observer hears of rows, notes and the end.
  Result<void> run(const ast::Statement& statement);
  /// What EXPLAIN (FORMAT JSON) says of a statement of ours; "" for plain SQL. Runs nothing.
  Result<std::string> plan_json(const ast::Statement& statement);

 private:
  Result<ir::Statement> bind_one(const ast::Statement& statement);
  Result<void> run_ir(ir::Statement statement);
  Result<void> run_train(ir::Train statement);
  Result<void> run_predict(ir::Predict statement);
  Result<void> run_evaluate(ir::Evaluate statement);
  Result<void> run_explain(ir::Explain statement);
  Result<void> run_show(const ir::ShowModels& statement);
  Result<void> run_trials(const ir::ShowTrials& statement);
  Result<void> run_describe(const ir::DescribeModel& statement);
  Result<void> show(const Report& report);
  Result<void> run_export(const ir::ExportModel& statement);
  Result<void> run_import(const ir::ImportModel& statement);
  Result<void> run_drop(const ir::DropModel& statement);
  Result<void> run_set(const ir::SetOption& statement);
  /// Errors: attribute_range where the machine has not the instructions.
  Result<void> set_kernel(const ir::Setting& setting);
  Result<void> run_attach(const ir::Attach& statement);
  Result<void> run_sql(const ir::PlainSql& statement);
  /// Runs `USE n` and `DETACH n` where n is a connection of ours; false where it is not.
  bool run_own(const ir::PlainSql& statement);
  runtime::ModelStore store() const;
  Result<void> run_inspect(const ast::Inspect& inspect);
  /// Without passwords.
  Result<std::string> inspect_text(const ast::Inspect& inspect);

  /// Hands the rows that `produce` writes to the caller or into the output's table, and says so at
  /// the end. `produce` returns their number, `bars` is a column worth a chart.
  using Producer = std::function<Result<std::int64_t>(runtime::Sink&)>;
  Result<void> run_output(const plan::Output& output, const Producer& produce,
                          std::optional<std::size_t> bars = {});

  /// Finds where an output's table goes, and makes a home for it where there is none yet.
  Result<Placed> prepare_target(const plan::Output& output);
  void finish_table(const plan::Output& output, std::int64_t rows);
  /// Whether the database can do all of a prediction itself.
  bool computes(const ir::Query& query) const;
  Result<void> run_inside(const plan::Predict& plan);

  Result<void> stream(BatchStream& rows, SourceSpan span);
  void finish(Done done);
  void note(std::string message);
  Result<void> run_one(const ast::Statement& statement);
  void tell(const Diagnostics& notes);
  runtime::Control control() const;
  /// For statements that hold or stream rows: the engine does with less while they run.
  Result<void> borrow_memory();
  plan::Environment environment() const;

  SessionState& session_;
  Connection& connection_;
  SessionCatalog catalog_;
  std::string_view script_;
  CancelToken cancel_;
  Observer& observer_;
  double begin_;
  Chart chart_ = Chart::none;
  std::unique_ptr<MemoryLoan> memory_;
};

}  // namespace quern
