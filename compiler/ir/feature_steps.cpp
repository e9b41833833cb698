// Names and words of steps.

#include "compiler/ir/feature_steps.h"

#include "base/box.h"
#include "base/format.h"

namespace quern::ir {
namespace {

std::string_view replacement_words(Replacement by) {
  switch (by) {
    case Replacement::constant: return "";
    case Replacement::mean: return "the mean";
    case Replacement::median: return "the median";
    case Replacement::mode: return "the most frequent value";
  }
  return "";
}

/// All of a few, both ends of many.
std::string listed(const std::vector<double>& values) {
  constexpr std::size_t kShown = 6;
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values.size() > kShown && i == kShown - 1) out += "..., ";
    if (values.size() > kShown && i >= kShown - 1 && i + 1 < values.size()) continue;
    out += format_double(values[i]) + (i + 1 < values.size() ? ", " : "");
  }
  return out;
}

std::string bucket_words(const std::vector<double>& boundaries) {
  return "in buckets at " + listed(boundaries);
}

}  // namespace

bool is_fitted(const Step& step) {
  return std::visit(Overloaded{
                        [](const Standardize&) { return true; },
                        [](const MinMax&) { return true; },
                        [](const Logarithm&) { return false; },
                        [](const Impute& s) { return s.by != Replacement::constant; },
                        [](const Bucket&) { return false; },
                        [](const QuantileBucket&) { return true; },
                        [](const Identity& s) { return s.size == 0 || s.is_fitted; },
                    },
                    step);
}

Step as_written(Step step) {
  std::visit(Overloaded{
                 [](Impute& s) {
                   if (s.by != Replacement::constant) s.value = 0;
                 },
                 [](QuantileBucket& s) { s.boundaries.clear(); },
                 [](Identity& s) {
                   if (s.is_fitted) s = Identity{};
                 },
                 [](Standardize& s) { s = Standardize{}; },
                 [](MinMax& s) { s = MinMax{}; },
                 [](auto&) {},
             },
             step);
  return step;
}

std::string_view step_name(const Step& step) {
  return std::visit(Overloaded{
                        [](const Standardize&) { return "standardize"; },
                        [](const MinMax&) { return "minmax"; },
                        [](const Logarithm&) { return "log"; },
                        [](const Impute&) { return "impute"; },
                        [](const Bucket&) { return "bucket"; },
                        [](const QuantileBucket&) { return "quantile_bucket"; },
                        [](const Identity&) { return "category_id"; },
                    },
                    step);
}

std::string written_words(const Step& step) {
  return std::visit(Overloaded{
                        [](const Standardize&) { return std::string("standardized"); },
                        [](const MinMax&) { return std::string("scaled to 0 and 1"); },
                        [](const Impute& s) {
                          if (s.by == Replacement::constant) return step_words(s);
                          return "missing as " + std::string(replacement_words(s.by));
                        },
                        [](const QuantileBucket& s) {
                          return "in " + std::to_string(s.buckets) + " buckets by quantile";
                        },
                        [](const Identity& s) {
                          return s.size == 0 ? std::string("category up to the largest")
                                             : step_words(s);
                        },
                        [](const auto& s) { return step_words(s); },
                    },
                    step);
}

std::string step_words(const Step& step) {
  return std::visit(
      Overloaded{
          [](const Standardize& s) {
            return "standardized by mean " + format_double(s.mean) + ", deviation " +
                   format_double(s.deviation);
          },
          [](const MinMax& s) {
            return "less " + format_double(s.least) + ", divided by " + format_double(s.range);
          },
          [](const Logarithm&) { return std::string("logarithm"); },
          [](const Impute& s) {
            const bool given = s.by == Replacement::constant;
            return "missing as " + std::string(replacement_words(s.by)) + (given ? "" : " ") +
                   format_double(s.value);
          },
          [](const Bucket& s) { return bucket_words(s.boundaries); },
          [](const QuantileBucket& s) { return bucket_words(s.boundaries); },
          [](const Identity& s) { return "category below " + std::to_string(s.size); },
      },
      step);
}

}  // namespace quern::ir
