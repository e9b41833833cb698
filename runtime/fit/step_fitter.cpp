// Reading, waiting, fitting.

#include "runtime/fit/step_fitter.h"

#include <algorithm>
#include <cmath>

#include "base/box.h"
#include "base/format.h"
#include "runtime/fit/dictionary.h"
#include "runtime/fit/statistics.h"

namespace quern::runtime {
namespace {

/// The rows of one feature that a statistic is taken of.
EachStretch stretches(PageStore& pages, std::int32_t place, int learned) {
  return [&pages, place, learned](const auto& take) {
    pages.each_waiting(place, [&](std::span<double> values, const std::uint8_t* marks) {
      if (learned == StepFitter::kAllRows) return take(values);
      for (std::size_t r = 0; r < values.size(); ++r) {
        if (marks[r] < learned) take(values.subspan(r, 1));
      }
    });
  };
}

double or_one(double divisor) { return divisor > 0 ? divisor : 1; }

std::vector<double> shares_of(std::uint32_t buckets) {
  std::vector<double> out;
  for (std::uint32_t i = 1; i < buckets; ++i)
    out.push_back(static_cast<double>(i) / static_cast<double>(buckets));
  return out;
}

/// NaN without values; none where they are too many to count.
std::optional<double> replacement(ir::Replacement by, const EachStretch& each) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (by == ir::Replacement::mode) return mode(each, Dictionary::kMostCounted);
  if (by == ir::Replacement::mean) {
    const auto found = moments(each);
    return found.count == 0 ? kNone : found.mean;
  }
  const auto found = quantiles(each, {0.5});
  return found.empty() ? kNone : found.front();
}

Result<void> fit_impute(const ir::Feature& feature, ir::Impute& step, const EachStretch& each,
                        SourceSpan span) {
  const auto value = replacement(step.by, each);
  if (!value) {
    return Diagnostic{Code::too_many_values,
                      feature.name + " has more than " + std::to_string(Dictionary::kMostCounted) +
                          " distinct values, too many to count for a mode",
                      span, "use 'median'"};
  }
  if (std::isnan(*value)) {
    return Diagnostic{Code::column_empty,
                      feature.name +
                          " has no value among the rows to learn from that could stand "
                          "for the missing ones",
                      span, "give a constant: IMPUTE(column, 0)"};
  }
  step.value = *value;
  return {};
}

Result<void> fit_identity(const ir::Feature& feature, ir::Identity& step, const EachStretch& each,
                          SourceSpan span) {
  const auto found = range(each);
  if (found.greatest >= ir::kMostBuckets) {
    return Diagnostic{Code::bad_category_id,
                      feature.name + " has the id " + format_double(found.greatest) +
                          ", ids lie below " + std::to_string(ir::kMostBuckets),
                      span, "use CATEGORY_HASH"};
  }
  step = {static_cast<std::uint32_t>(std::max(found.greatest, 0.0)) + 1, true};
  return {};
}

bool is_id(double x, std::uint32_t size) {
  return x >= 0 && x == std::floor(x) && (size == 0 || x < size);
}

}  // namespace

StepFitter::StepFitter(const ir::FeatureProgram& program, bool fixed)
    : states_(program.features.size()) {
  std::int32_t waiting = 0;
  for (std::size_t f = 0; f < states_.size(); ++f) {
    const auto& steps = program.features[f].steps;
    const auto first =
        fixed ? steps.end() : std::find_if(steps.begin(), steps.end(), ir::is_fitted);
    states_[f].first = static_cast<std::size_t>(first - steps.begin());
    if (first != steps.end()) states_[f].place = waiting++;
  }
}

void StepFitter::run(State& state, const ir::Step& step, std::span<double> values) {
  if (std::holds_alternative<ir::Logarithm>(step)) {
    state.undefined += std::count_if(values.begin(), values.end(), [](double x) { return x <= 0; });
  } else if (const auto* id = std::get_if<ir::Identity>(&step)) {
    state.bad_ids += std::count_if(values.begin(), values.end(),
                                   [&](double x) { return !std::isnan(x) && !is_id(x, id->size); });
  }
  codegen::run_step(step, values);
}

void StepFitter::add(std::size_t f, const ir::Feature& feature, const Column& column,
                     codegen::NumberFeatures& numbers, const PageStore::Slot& slot, float* out) {
  auto& state = states_[f];
  std::vector<double> held(state.place < 0 ? static_cast<std::size_t>(column.length) : 0);
  double* at = state.place < 0 ? held.data() : slot.waiting + state.place * slot.stride;
  const std::span values(at, static_cast<std::size_t>(column.length));
  numbers.read(feature, column, at);
  state.infinite +=
      std::count_if(values.begin(), values.end(), [](double x) { return std::isinf(x); });
  if (!state.seen)
    state.seen = std::any_of(values.begin(), values.end(), [](double x) { return !std::isnan(x); });
  for (std::size_t s = 0; s < state.first; ++s) run(state, feature.steps[s], values);
  if (state.place >= 0) return;
  std::transform(values.begin(), values.end(), out, [](double x) { return static_cast<float>(x); });
  state.infinite += std::count_if(out, out + column.length, [](float x) { return std::isinf(x); });
}

Diagnostics StepFitter::check(const ir::FeatureProgram& program, SourceSpan span) const {
  Diagnostics errors;
  for (std::size_t f = 0; f < states_.size() && errors.size() < 9; ++f) {
    const auto& name = program.features[f].name;
    if (states_[f].infinite > 0) {
      errors.push_back(
          {Code::infinite_value,
           name + " is infinite, or beyond float32, in " + counted(states_[f].infinite, "row"),
           span, "scale it, or use NULL where the value is not known"});
    } else if (states_[f].bad_ids > 0) {
      errors.push_back({Code::bad_category_id,
                        name + " has an id that is no whole number from 0 to below its size in " +
                            counted(states_[f].bad_ids, "row"),
                        span, "give a larger size, or use VOCABULARY or CATEGORY_HASH"});
    }
  }
  return errors;
}

Result<void> StepFitter::fit(const ir::Feature& feature, ir::Step& step, const State& state,
                             PageStore& pages, int learned, SourceSpan span) const {
  const auto each = stretches(pages, state.place, learned);
  using Out = Result<void>;
  return std::visit(Overloaded{
                        [&](ir::Standardize& s) -> Out {
                          const auto found = moments(each);
                          s = {found.mean, or_one(found.deviation)};
                          return {};
                        },
                        [&](ir::MinMax& s) -> Out {
                          const auto found = range(each);
                          s = {found.least, or_one(found.greatest - found.least)};
                          return {};
                        },
                        [&](ir::Impute& s) -> Out { return fit_impute(feature, s, each, span); },
                        [&](ir::QuantileBucket& s) -> Out {
                          s.boundaries = quantiles(each, shares_of(s.buckets));
                          s.boundaries.erase(std::unique(s.boundaries.begin(), s.boundaries.end()),
                                             s.boundaries.end());
                          return {};
                        },
                        [&](ir::Identity& s) -> Out {
                          return fit_identity(feature, s, stretches(pages, state.place, kAllRows),
                                              span);
                        },
                        [](auto&) -> Out { return {}; },
                    },
                    step);
}

void StepFitter::fill(std::size_t f, PageStore& pages) {
  auto& state = states_[f];
  pages.fill_feature(static_cast<std::int32_t>(f), state.place,
                     [&](std::span<const double> values, float* out) {
                       for (std::size_t r = 0; r < values.size(); ++r) {
                         out[r] = static_cast<float>(values[r]);
                         state.infinite += std::isinf(out[r]) ? 1 : 0;
                       }
                     });
}

Result<void> StepFitter::finish(ir::FeatureProgram& program, PageStore& pages, int learned,
                                SourceSpan span) {
  for (std::size_t f = 0; f < states_.size(); ++f) {
    auto& state = states_[f];
    auto& feature = program.features[f];
    if (state.place < 0) continue;
    for (std::size_t s = state.first; s < feature.steps.size(); ++s) {
      auto& step = feature.steps[s];
      if (ir::is_fitted(step)) QUERN_CHECK(fit(feature, step, state, pages, learned, span));
      pages.each_waiting(state.place, [&](std::span<double> values, const std::uint8_t*) {
        run(state, step, values);
      });
    }
    fill(f, pages);
  }
  pages.drop_waiting();
  auto errors = check(program, span);
  return errors.empty() ? Result<void>() : errors;
}

void StepFitter::note(const ir::FeatureProgram& program, SourceSpan span,
                      Diagnostics& notes) const {
  for (std::size_t f = 0; f < states_.size(); ++f) {
    if (states_[f].undefined == 0) continue;
    notes.push_back({.code = Code::function_undefined,
                     .message = program.features[f].name +
                                " takes the logarithm of a number that "
                                "is 0 or less in " +
                                counted(states_[f].undefined, "row") + ": they count as missing",
                     .span = span,
                     .severity = Severity::warning});
  }
}

}  // namespace quern::runtime
