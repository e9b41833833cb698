// Judged rows to tables: metrics, confusion, curves, calibration and classes.

#include "runtime/evaluate/reports.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "runtime/pipeline/scalars.h"
#include "runtime/sinks/row_writer.h"

namespace quern::runtime {
namespace {

void append_or_null(ColumnBuilder& column, double value) {
  std::isnan(value) ? column.append_null() : column.append_double(value);
}

/// Keeps the ends of a curve and the points where it turns, as scikit-learn's roc_curve does.
class Corners {
 public:
  explicit Corners(TakePoint take) : take_(std::move(take)) {}

  Result<void> add(const CurvePoint& next) {
    const bool turns = !last_ || !before_ || is_corner(*before_, *last_, next);
    if (last_ && turns) QUERN_CHECK(take_(*last_));
    before_ = last_;
    last_ = next;
    return {};
  }
  Result<void> finish() { return last_ ? take_(*last_) : Result<void>(); }

 private:
  static bool is_corner(const CurvePoint& a, const CurvePoint& b, const CurvePoint& c) {
    return b.false_positives - a.false_positives != c.false_positives - b.false_positives ||
           b.true_positives - a.true_positives != c.true_positives - b.true_positives;
  }

  TakePoint take_;
  std::optional<CurvePoint> before_;
  std::optional<CurvePoint> last_;
};

class ReportWriter {
 public:
  ReportWriter(const ir::Evaluate& statement, const JudgedRows& judged, Sink& sink,
               const Control& control)
      : s_(statement),
        label_(statement.use.manifest->label),
        judged_(judged),
        rows_(judged.classes(label_)),
        weighed_(statement.weight_column ? judged.weighed : judged.rows),
        control_(control),
        out_(statement.output, sink) {}

  Result<EvaluateSummary> write() {
    QUERN_CHECK(write_table());
    QUERN_TRY(summary_.rows, out_.finish());
    return std::move(summary_);
  }

 private:
  Result<void> write_table() {
    switch (s_.report) {
      case ir::Report::metrics: return metrics();
      case ir::Report::confusion: return confusion();
      case ir::Report::roc: return each_class([&](auto c) { return roc(c); });
      case ir::Report::pr: return each_class([&](auto c) { return pr(c); });
      case ir::Report::calibration: return each_class([&](auto c) { return calibrate(c); });
      case ir::Report::per_class: return per_class();
      case ir::Report::per_cluster:
      case ir::Report::rows: return {};
    }
    return {};
  }

  Result<void> check_cancel() const {
    if (!control_.cancel.requested()) return {};
    return Diagnostic{Code::cancelled, "cancelled"};
  }

  Result<void> metrics() {
    out_.column(0).append_int(judged_.count);
    std::string undefined;
    for (std::size_t i = 0; i < s_.metrics.size(); ++i) {
      QUERN_CHECK(check_cancel());
      const double value = judged_.value(s_, s_.metrics[i].metric);
      append_or_null(out_.column(i + 1), value);
      if (std::isnan(value)) undefined += (undefined.empty() ? "" : ", ") + s_.metrics[i].name;
    }
    if (!undefined.empty()) explain_null(undefined);
    return out_.end_row();
  }

  void explain_null(const std::string& names) {
    const auto& manifest = *s_.use.manifest;
    const bool classes = manifest.label.task != ir::Task::regression;
    const auto why = classes && !ir::gives_probabilities(manifest)
                         ? "objective " + manifest.objective + " gives no probabilities"
                         : "not defined for these rows";
    summary_.notes.push_back(
        {.message = "NULL, " + why + ": " + names, .severity = Severity::note});
  }

  Result<void> confusion() {
    for (std::size_t truth = 0; truth < rows_.classes; ++truth) {
      QUERN_CHECK(check_cancel());
      for (std::size_t called = 0; called < rows_.classes; ++called) {
        append_class(0, truth);
        append_class(1, called);
        out_.column(2).append_int(static_cast<std::int64_t>(judged_.rows.at(truth, called)));
        if (s_.weight_column) out_.column(3).append_double(judged_.weighed.at(truth, called));
        QUERN_CHECK(out_.end_row());
      }
    }
    return {};
  }

  /// Two classes have one curve, the positive one's; more have one each, with the class in front.
  template <typename Write>
  Result<void> each_class(Write write) {
    if (rows_.binary) return write(std::size_t{1});
    for (std::size_t c = 0; c < rows_.classes; ++c) {
      QUERN_CHECK(check_cancel());
      QUERN_CHECK(write(c));
    }
    return {};
  }

  void append_class(std::size_t column, std::size_t c) {
    append_scalar(out_.column(column), label_.classes[c], label_.type);
  }

  /// Values behind the class, where there is one.
  Result<void> append_values(std::size_t c, std::initializer_list<double> values) {
    std::size_t at = 0;
    if (!rows_.binary) append_class(at++, c);
    for (const double v : values) append_or_null(out_.column(at++), v);
    return out_.end_row();
  }

  /// The weight of the rows of other classes: summed, so that none is exactly 0.
  double weight_beside(std::size_t c) const {
    double sum = 0;
    for (std::size_t k = 0; k < rows_.classes; ++k) sum += k == c ? 0 : weighed_.of_truth(k);
    return sum;
  }

  /// Zero over zero is NaN, which becomes NULL.
  Result<void> roc(std::size_t c) {
    const double positives = weighed_.of_truth(c), negatives = weight_beside(c);
    const auto write = [&](const CurvePoint& p) {
      return append_values(
          c, {p.threshold, p.false_positives / negatives, p.true_positives / positives});
    };
    QUERN_CHECK(write({.threshold = std::numeric_limits<double>::infinity()}));
    Corners corners(write);
    QUERN_CHECK(each_point(rows_, c, [&](const auto& p) { return corners.add(p); }));
    return corners.finish();
  }

  Result<void> pr(std::size_t c) {
    const double positives = weighed_.of_truth(c);
    return each_point(rows_, c, [&](const CurvePoint& p) {
      const double called = p.true_positives + p.false_positives;
      return append_values(c,
                           {p.threshold, p.true_positives / called, p.true_positives / positives});
    });
  }

  Result<void> calibrate(std::size_t c) {
    for (const auto& bin : calibration(rows_, c, s_.bins)) {
      std::size_t at = 0;
      if (!rows_.binary) append_class(at++, c);
      out_.column(at++).append_double(bin.low);
      out_.column(at++).append_double(bin.high);
      out_.column(at++).append_int(bin.rows);
      append_or_null(out_.column(at++), bin.mean_probability);
      append_or_null(out_.column(at), bin.positive_share);
      QUERN_CHECK(out_.end_row());
    }
    return {};
  }

  Result<void> per_class() {
    for (std::size_t c = 0; c < rows_.classes; ++c) {
      QUERN_CHECK(check_cancel());
      const auto scores = class_scores(weighed_, c);
      append_class(0, c);
      out_.column(1).append_double(scores.precision);
      out_.column(2).append_double(scores.recall);
      out_.column(3).append_double(scores.f1);
      s_.weight_column ? out_.column(4).append_double(scores.support)
                       : out_.column(4).append_int(static_cast<std::int64_t>(scores.support));
      rows_.probabilities.empty() ? out_.column(5).append_null()
                                  : append_or_null(out_.column(5), roc_auc(rows_, c));
      QUERN_CHECK(out_.end_row());
    }
    return {};
  }

  const ir::Evaluate& s_;
  const ir::Label& label_;
  const JudgedRows& judged_;
  ClassRows rows_;
  const Confusion& weighed_;
  const Control& control_;
  RowWriter out_;
  EvaluateSummary summary_;
};

}  // namespace

Result<EvaluateSummary> write_report(const ir::Evaluate& statement, const JudgedRows& judged,
                                     Sink& sink, const Control& control) {
  return ReportWriter(statement, judged, sink, control).write();
}

}  // namespace quern::runtime
