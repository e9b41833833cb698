// Opens the model, then one report or the other.

#include "runtime/evaluate/evaluate.h"

#include <new>

#include "runtime/evaluate/judge.h"
#include "runtime/evaluate/reports.h"
#include "runtime/pipeline/model_use.h"

namespace quern::runtime {
namespace {

Result<EvaluateSummary> evaluate(const ir::Evaluate& s, Connection& connection, Sink& sink,
                                 const Control& control) {
  QUERN_TRY(const auto scorer, open_scorer(s.use, connection, control.models, control.scoring));
  Judge judge(s, *scorer);
  if (s.report == ir::Report::rows) return write_rows(s, judge, connection, sink, control);
  QUERN_TRY(const auto judged, judge_all(s, judge, connection, control));
  return write_report(s, judged, sink, control);
}

}  // namespace

Result<EvaluateSummary> run_evaluate(const plan::Evaluate& plan, Connection& connection, Sink& sink,
                                     const Control& control) {
  try {
    QUERN_TRY(auto summary, evaluate(plan.statement, connection, sink, control));
    QUERN_CHECK(sink.finish());
    return summary;
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while evaluating",
                      plan.statement.use.query.span};
  }
}

}  // namespace quern::runtime
