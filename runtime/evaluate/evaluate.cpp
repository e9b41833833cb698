// Opens the model, then one report or the other.

#include "runtime/evaluate/evaluate.h"

#include <cmath>
#include <new>
#include <optional>

#include "base/format.h"

#include "runtime/evaluate/judge.h"
#include "runtime/evaluate/reports.h"
#include "runtime/pipeline/model_use.h"
#include "runtime/report/evaluate_page.h"
#include "runtime/report/report_file.h"

namespace quern::runtime {
namespace {

std::vector<std::size_t> columns_read(const ir::Evaluate& s) {
  auto out = s.use.input_columns;
  out.insert(out.end(), s.use.margin_columns.begin(), s.use.margin_columns.end());
  out.push_back(s.label_column);
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

std::string found_words(const ir::Assertion& assertion, double value) {
  if (!assertion.metric) return "there are " + std::to_string(static_cast<std::int64_t>(value));
  return std::isnan(value) ? "it is not defined for these rows" : "it is " + format_double(value);
}

/// Where one does not hold, the table is not written, but the page, which shows why, is kept.
Result<void> check_assertions(const ir::Evaluate& s, const JudgedRows& judged, MaybePage& page,
                              EvaluateSummary& summary) {
  Diagnostics errors;
  for (const auto& assertion : s.assertions) {
    const double value = judged.value(s, assertion);
    const auto found = found_words(assertion, value);
    if (ir::holds(assertion, value)) {
      summary.notes.push_back({.message = "assertion holds: " + assertion.text + ", " + found,
                               .severity = Severity::note});
    } else {
      errors.push_back({Code::assertion_failed,
                        "assertion does not hold: " + assertion.text + ", " + found,
                        s.assertions_span});
    }
  }
  if (errors.empty()) return {};
  if (page) QUERN_CHECK(page->keep());
  return errors;
}

Result<EvaluateSummary> evaluate(const ir::Evaluate& s, Connection& connection, Sink& sink,
                                 const Control& control) {
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
  QUERN_CHECK(check_assertions(s, judged, page, summary));
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
