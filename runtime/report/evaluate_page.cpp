// Judged rows as tables and drawings.

#include "runtime/report/evaluate_page.h"

#include <algorithm>
#include <cmath>

#include "runtime/report/chart.h"

namespace quern::runtime {
namespace {

constexpr std::size_t kMostCurves = 8;
constexpr std::size_t kMostInTables = 40;
constexpr std::size_t kMostPoints = 400;  // of a line
constexpr std::size_t kMostDots = 2000;
constexpr int kBins = 30;

Axis share(const std::string& name) { return {name, 0, 1}; }

class EvaluatePage {
 public:
  EvaluatePage(const ir::Evaluate& statement, const JudgedRows& judged)
      : s_(statement),
        label_(statement.use.manifest->label),
        judged_(judged),
        rows_(judged.classes(label_)),
        weighed_(statement.weight_column ? judged.weighed : judged.rows),
        page_("Evaluation of " + model_title(statement.use)) {}

  std::string make(const RowsSeen& seen) {
    metrics();
    assertions();
    if (label_.task == ir::Task::regression) {
      numbers();
    } else {
      confusion();
      classes();
      if (!rows_.probabilities.empty()) curves();
    }
    add_about(page_, s_.use, seen, s_.page->text);
    return page_.finish();
  }

 private:
  std::string class_name(std::size_t c) const { return format_scalar(label_.classes[c]); }

  /// The metrics that were asked for, then the usual ones.
  void metrics() {
    auto shown = s_.metrics;
    for (const auto* spec : ir::usual_metrics(ir::judged(*s_.use.manifest))) {
      const auto same = [&](const auto& m) { return m.metric == spec->metric; };
      if (std::none_of(shown.begin(), shown.end(), same))
        shown.push_back({spec->metric, std::string(spec->name)});
    }
    page_.heading("Metrics");
    std::vector<std::vector<HtmlPage::Cell>> rows;
    for (const auto& metric : shown) {
      rows.push_back({{metric.name}, {short_number(judged_.value(s_, metric.metric)), 0, true}});
    }
    page_.table({"metric", "value"}, rows);
  }

  void assertions() {
    if (s_.assertions.empty()) return;
    std::vector<std::vector<HtmlPage::Cell>> rows;
    for (const auto& assertion : s_.assertions) {
      const double value = judged_.value(s_, assertion);
      rows.push_back({{assertion.text},
                      {short_number(value), 0, true},
                      {ir::holds(assertion, value) ? "holds" : "does not hold"}});
    }
    page_.table({"asserted", "value", "verdict"}, rows);
  }

  void confusion() {
    const auto n = rows_.classes;
    if (n > kMostInTables) return;
    page_.heading("Confusion");
    page_.paragraph("Rows by their true class, columns by the class that the model calls.");
    std::vector<std::string> header = {"true"};
    for (std::size_t c = 0; c < n; ++c) header.push_back(class_name(c));
    std::vector<std::vector<HtmlPage::Cell>> rows;
    for (std::size_t truth = 0; truth < n; ++truth) {
      const double all = weighed_.of_truth(truth);
      rows.push_back({{class_name(truth)}});
      for (std::size_t called = 0; called < n; ++called) {
        const double count = weighed_.at(truth, called);
        rows.back().push_back({short_count(count), all > 0 ? count / all : 0, true});
      }
    }
    page_.table(header, rows);
  }

  static std::string short_count(double count) {
    return count == std::floor(count) && std::abs(count) < 1e15
               ? std::to_string(static_cast<std::int64_t>(count))
               : short_number(count);
  }

  void classes() {
    if (rows_.classes > kMostInTables) return;
    page_.heading("Classes");
    std::vector<std::vector<HtmlPage::Cell>> rows;
    for (std::size_t c = 0; c < rows_.classes; ++c) {
      const auto scores = class_scores(weighed_, c);
      rows.push_back({{class_name(c)},
                      {short_number(scores.precision), 0, true},
                      {short_number(scores.recall), 0, true},
                      {short_number(scores.f1), 0, true},
                      {short_count(scores.support), 0, true}});
    }
    page_.table({"class", "precision", "recall", "F1", "rows"}, rows);
  }

  double weight_beside(std::size_t c) const { return weighed_.total() - weighed_.of_truth(c); }

  /// The classes that have a curve: the positive one of two.
  std::vector<std::size_t> drawn() const {
    if (rows_.binary) return {1};
    std::vector<std::size_t> out;
    for (std::size_t c = 0; c < std::min(rows_.classes, kMostCurves); ++c) out.push_back(c);
    return out;
  }

  void curves() {
    std::vector<Series> roc, pr, calibrated;
    for (const auto c : drawn()) {
      const auto name = class_name(c);
      auto curve = curve_of(c);
      roc.push_back({name, std::move(curve.roc)});
      pr.push_back({name, std::move(curve.pr)});
      calibrated.push_back({name, calibration_of(c)});
    }
    page_.heading("Curves");
    page_.drawing(
        line_chart(share("false positive rate"), share("true positive rate"), roc, true),
        rows_.binary ? "ROC of the class " + class_name(1) : "ROC of each class against the rest");
    page_.drawing(line_chart(share("recall"), share("precision"), pr), "Precision by recall");
    page_.drawing(
        line_chart(share("mean probability"), share("share of the class"), calibrated, true),
        "Calibration: how many of the rows with a probability are of the class");
    if (rows_.binary)
      page_.drawing(histogram(share("probability of " + class_name(1)), "rows", probabilities()),
                    "Probabilities by true class");
  }

  struct Curve {
    Points roc = {{0, 0}};
    Points pr;
  };

  Curve curve_of(std::size_t c) const {
    Curve out;
    const double positives = weighed_.of_truth(c), negatives = weight_beside(c);
    const auto take = [&](const CurvePoint& p) -> Result<void> {
      out.roc.emplace_back(p.false_positives / negatives, p.true_positives / positives);
      out.pr.emplace_back(p.true_positives / positives,
                          p.true_positives / (p.true_positives + p.false_positives));
      return {};
    };
    [[maybe_unused]] const auto done = each_point(rows_, c, take);
    return {thinned(out.roc, kMostPoints), thinned(out.pr, kMostPoints)};
  }

  Points calibration_of(std::size_t c) const {
    Points out;
    for (const auto& bin : calibration(rows_, c, 10))
      if (bin.rows > 0) out.emplace_back(bin.mean_probability, bin.positive_share);
    return out;
  }

  std::vector<Series> probabilities() const {
    std::vector<Series> out = {{class_name(0), empty_bins(0, 1)},
                               {class_name(1), empty_bins(0, 1)}};
    for (std::size_t r = 0; r < rows_.truth.size(); ++r) {
      const int bin = std::min(static_cast<int>(rows_.score(r, 1) * kBins), kBins - 1);
      out[rows_.truth[r]].points[static_cast<std::size_t>(bin)].second += 1;
    }
    return out;
  }

  static Points empty_bins(double low, double high) {
    Points out;
    for (int i = 0; i < kBins; ++i) out.emplace_back(low + (high - low) * i / kBins, 0);
    return out;
  }

  void numbers() {
    page_.heading("Predicted and true");
    Points points;
    std::vector<double> all, residuals;
    const auto n = judged_.numbers.size();
    const auto step = std::max<std::size_t>(1, (n + kMostDots - 1) / kMostDots);
    for (std::size_t r = 0; r < n; r += step) {
      points.emplace_back(judged_.numbers[r], judged_.answers[r]);
      all.insert(all.end(), {points.back().first, points.back().second});
      residuals.push_back(points.back().first - points.back().second);
    }
    auto x = Axis::around("true", all);
    auto y = x;
    y.name = "predicted";
    page_.drawing(line_chart(x, y, {{"", std::move(points), true}}, true), shown_words(step));
    draw_residuals(residuals);
  }

  /// What a dot stands for.
  std::string shown_words(std::size_t step) const {
    const std::string of = label_.is_vector() ? "number of the rows' labels" : "row";
    return step == 1 ? "Each " + of : "Every " + std::to_string(step) + "th " + of;
  }

  void draw_residuals(const std::vector<double>& residuals) {
    const auto axis = Axis::around("true less predicted", residuals);
    auto bins = empty_bins(axis.low, axis.high);
    for (const double v : residuals) {
      if (!std::isfinite(v)) continue;
      const auto bin = static_cast<int>((v - axis.low) / (axis.high - axis.low) * kBins);
      bins[static_cast<std::size_t>(std::clamp(bin, 0, kBins - 1))].second += 1;
    }
    page_.drawing(histogram(axis, label_.is_vector() ? "numbers" : "rows", {{"", std::move(bins)}}),
                  "Residuals");
  }

  const ir::Evaluate& s_;
  const ir::Label& label_;
  const JudgedRows& judged_;
  ClassRows rows_;
  const Confusion& weighed_;
  HtmlPage page_;
};

}  // namespace

std::string evaluate_page(const ir::Evaluate& statement, const JudgedRows& judged,
                          const RowsSeen& seen) {
  return EvaluatePage(statement, judged).make(seen);
}

}  // namespace quern::runtime
