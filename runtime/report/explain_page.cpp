// Attributions as bars, swarms and curves of dependence.

#include "runtime/report/explain_page.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/format.h"
#include "runtime/report/chart.h"

namespace quern::runtime {
namespace {

constexpr std::size_t kMostRows = 1000;
constexpr std::size_t kMostHeld = std::size_t{4} << 20U;  // attributions of all rows that are kept
constexpr std::size_t kBars = 20, kSwarms = 12, kCurves = 6, kClasses = 8;

/// The next number of a sequence that is even over all 64 bits. Rule: splitmix64.
std::uint64_t draw(std::uint64_t& state) {
  auto z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

/// Place of each value among all that are numbers, 0 for the lowest and 1 for the highest; NaN
/// stays.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<double> sorted;
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
               [](double v) { return !std::isnan(v); });
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> out(values.size(), NAN);
  const auto place = [&](double value) {
    return static_cast<double>(std::lower_bound(sorted.begin(), sorted.end(), value) -
                               sorted.begin());
  };
  const double last = sorted.empty() ? 0 : place(sorted.back());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) out[i] = last > 0 ? place(values[i]) / last : 0.5;
  }
  return out;
}

std::vector<std::size_t> read_columns(const ir::ModelUse& use) {
  auto out = use.input_columns;
  out.insert(out.end(), use.margin_columns.begin(), use.margin_columns.end());
  return out;
}

const std::vector<std::string>* vocabulary_of(const ir::FeatureProgram& program,
                                              std::size_t column) {
  if (column >= program.features.size() || !program.features[column].steps.empty()) return nullptr;
  const auto* category = std::get_if<ir::Category>(&program.features[column].transform);
  return category == nullptr ? nullptr : &category->vocabulary;
}

std::string category_name(const std::vector<std::string>& vocabulary, float code) {
  if (std::isnan(code)) return "(missing)";
  const auto at = static_cast<std::size_t>(code);
  return at < vocabulary.size() ? vocabulary[at] : "(not seen in training)";
}

}  // namespace

ExplainPage::ExplainPage(const ir::Explain& statement, std::size_t outputs)
    : s_(statement),
      outputs_(outputs),
      features_(ir::width(statement.use.manifest->program)),
      most_rows_(std::clamp<std::size_t>(kMostHeld / std::max<std::size_t>(1, outputs * features_),
                                         50, kMostRows)),
      print_(read_columns(statement.use)),
      sums_(outputs * features_) {}

std::string ExplainPage::measure() const {
  return s_.use.manifest->is_network() ? "attribution" : "SHAP value";
}

/// Where the next row is kept: kept_.size() for the first ones, then any place by chance, or
/// nowhere (most_rows_). Rule: reservoir sampling (Vitter 1985, algorithm R).
std::size_t ExplainPage::place() {
  if (kept_.size() < most_rows_) return kept_.size();
  return std::min(static_cast<std::size_t>(draw(state_) % static_cast<std::uint64_t>(rows_)),
                  most_rows_);
}

void ExplainPage::add(std::span<const double> values, const codegen::FeatureView& x,
                      std::int64_t row) {
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += std::abs(values[i + i / features_]);
  ++rows_;
  const auto at = place();
  if (at == most_rows_) return;
  if (at == kept_.size()) kept_.emplace_back();
  auto& kept = kept_[at];
  kept.values.assign(values.begin(), values.end());
  kept.features.resize(features_);
  for (std::size_t f = 0; f < features_; ++f)
    kept.features[f] = x.at(row, static_cast<std::int32_t>(f));
}

double ExplainPage::mean(std::size_t output, std::size_t feature) const {
  return rows_ == 0 ? 0 : sums_[output * features_ + feature] / static_cast<double>(rows_);
}

double ExplainPage::attribution(const Kept& row, std::size_t output, std::size_t feature) const {
  return row.values[output * (features_ + 1) + feature];
}

std::vector<std::size_t> ExplainPage::most_important(std::size_t output, std::size_t most) const {
  std::vector<std::size_t> out(features_);
  std::iota(out.begin(), out.end(), 0);
  std::stable_sort(out.begin(), out.end(),
                   [&](auto a, auto b) { return mean(output, a) > mean(output, b); });
  out.resize(std::min(most, out.size()));
  return out;
}

void ExplainPage::add_swarm(HtmlPage& page, std::size_t output,
                            const std::vector<std::size_t>& features) const {
  std::vector<Swarm> swarms;
  for (const auto f : features) {
    std::vector<double> values;
    for (const auto& row : kept_) values.push_back(row.features[f]);
    const auto order = ranks(values);
    Swarm swarm{.name = ir::feature_name(s_.use.manifest->program, f)};
    for (std::size_t r = 0; r < kept_.size(); ++r)
      swarm.dots.push_back({attribution(kept_[r], output, f), order[r]});
    swarms.push_back(std::move(swarm));
  }
  page.drawing(beeswarm(measure(), swarms),
               "Each dot is one of " + counted(static_cast<std::int64_t>(kept_.size()), "row") +
                   "; blue is a low value of the feature, orange a high one, grey a missing one.");
}

void ExplainPage::add_dependence(HtmlPage& page, std::size_t output, std::size_t feature) const {
  Points points;
  std::vector<double> x, y;
  for (const auto& row : kept_) {
    points.emplace_back(row.features[feature], attribution(row, output, feature));
    x.push_back(points.back().first);
    y.push_back(points.back().second);
  }
  const auto name = ir::feature_name(s_.use.manifest->program, feature);
  page.drawing(line_chart(Axis::around(name, x), Axis::around(measure(), y),
                          {{"", std::move(points), true}}),
               name);
}

void ExplainPage::add_categories(HtmlPage& page, std::size_t output, std::size_t feature) const {
  const auto& vocabulary = *vocabulary_of(s_.use.manifest->program, feature);
  std::map<std::string, std::pair<double, double>> sums;  // of attributions, of rows
  for (const auto& row : kept_) {
    auto& [sum, count] = sums[category_name(vocabulary, row.features[feature])];
    sum += attribution(row, output, feature);
    count += 1;
  }
  std::vector<Bar> bars;
  for (const auto& [name, sum] : sums) bars.push_back({name, sum.first / sum.second});
  std::stable_sort(bars.begin(), bars.end(),
                   [](const auto& a, const auto& b) { return a.value > b.value; });
  if (bars.size() > kBars) bars.erase(bars.begin() + kBars / 2, bars.end() - kBars / 2);
  page.drawing(bar_chart("mean " + measure(), bars),
               ir::feature_name(s_.use.manifest->program, feature));
}

void ExplainPage::add_output(HtmlPage& page, std::size_t output) const {
  std::vector<Bar> bars;
  for (const auto f : most_important(output, kBars))
    bars.push_back({ir::feature_name(s_.use.manifest->program, f), mean(output, f)});
  page.drawing(bar_chart("mean of |" + measure() + "|", bars), "Importance over all rows");
  add_swarm(page, output, most_important(output, kSwarms));
  for (const auto f : most_important(output, kCurves)) {
    if (mean(output, f) == 0) continue;
    vocabulary_of(s_.use.manifest->program, f) != nullptr ? add_categories(page, output, f)
                                                          : add_dependence(page, output, f);
  }
}

std::string ExplainPage::make() const {
  HtmlPage page("Explanation of " + model_title(s_.use));
  page.paragraph((s_.use.manifest->is_network() ? "Attributions (integrated gradients) say"
                                                : "SHAP values say") +
                 std::string(" how much each feature moved a row's margin from the expected one, "
                             "towards a class or a larger number where they are above zero."));
  const auto& label = s_.use.manifest->label;
  for (std::size_t o = 0; o < std::min(outputs_, kClasses); ++o) {
    const bool classes = label.task == ir::Task::multiclass;
    page.heading(classes             ? "Class " + format_scalar(label.classes[o])
                 : label.is_vector() ? "Number " + std::to_string(o + 1) + " of the label"
                                     : "Features");
    add_output(page, o);
  }
  add_about(page, s_.use, {rows_, print_.text()}, s_.page->text);
  return page.finish();
}

}  // namespace quern::runtime
