// Opens the model, then one report or the other.

#include "runtime/evaluate/evaluate.h"

#include <new>
#include <optional>

#include "runtime/evaluate/assertions.h"
#include "runtime/evaluate/judge.h"
#include "runtime/evaluate/reports.h"
#include "runtime/evaluate/unlabelled.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/report/evaluate_page.h"
#include "runtime/report/report_file.h"

namespace quern::runtime {
namespace {

std::vector<std::size_t> columns_read(const ir::Evaluate& s) {
  auto out = s.use.input_columns;
  out.insert(out.end(), s.use.margin_columns.begin(), s.use.margin_columns.end());
  out.push_back(*s.label_column);
  return out;
}

using MaybePage = std::optional<StagedPage>;

Result<MaybePage> stage_page(const ir::Evaluate& s, const JudgedRows& judged,
                             const RowPrint& print) {
  if (!s.page) return MaybePage();
  QUERN_TRY(auto page,
            StagedPage::write(*s.page, evaluate_page(s, judged, {judged.count, print.text()})));
  return MaybePage(std::move(page));
}

Result<EvaluateSummary> evaluate(const ir::Evaluate& s, Connection& connection, Sink& sink,
                                 const Control& control) {
  if (s.use.manifest->label.is_unlabelled())
    return evaluate_unlabelled(s, connection, sink, control);
  QUERN_TRY(const auto scorer, open_scorer(s.use, connection, control.models, control.scoring));
  Judge judge(s, *scorer);
  if (s.report == ir::Report::rows) {
    QUERN_TRY(auto summary, write_rows(s, judge, connection, sink, control));
    QUERN_CHECK(sink.finish());
    return summary;
  }
  RowPrint print(columns_read(s));
  QUERN_TRY(const auto judged, judge_all(s, judge, connection, control, s.page ? &print : nullptr));
  QUERN_TRY(auto summary, write_report(s, judged, sink, control));
  QUERN_TRY(auto page, stage_page(s, judged, print));
  const auto held = check_assertions(
      s, [&](const auto& a) { return judged.value(s, a); }, summary);
  if (!held) {
    // The table is not written, but the page, which shows why, is kept.
    if (page) QUERN_CHECK(page->keep());
    return held.errors();
  }
  QUERN_CHECK(sink.finish());
  if (page) QUERN_CHECK(page->keep());
  return summary;
}

}  // namespace

Result<EvaluateSummary> run_evaluate(const plan::Evaluate& plan, Connection& connection, Sink& sink,
                                     const Control& control) {
  try {
    if (plan.statement.page) QUERN_CHECK(check_report_file(*plan.statement.page));
    return evaluate(plan.statement, connection, sink, control);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while evaluating",
                      plan.statement.use.query.span};
  }
}

}  // namespace quern::runtime
