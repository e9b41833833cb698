// One after another.

#include "runtime/evaluate/assertions.h"

#include <cmath>

#include "base/format.h"

namespace quern::runtime {
namespace {

std::string found_words(const ir::Assertion& assertion, double value) {
  if (!assertion.metric) return "there are " + std::to_string(static_cast<std::int64_t>(value));
  return std::isnan(value) ? "it is not defined for these rows" : "it is " + format_double(value);
}

}  // namespace

Result<void> check_assertions(const ir::Evaluate& statement,
                              const std::function<double(const ir::Assertion&)>& value_of,
                              EvaluateSummary& summary) {
  Diagnostics errors;
  for (const auto& assertion : statement.assertions) {
    const double value = value_of(assertion);
    const auto found = found_words(assertion, value);
    if (ir::holds(assertion, value)) {
      summary.notes.push_back({.message = "assertion holds: " + assertion.text + ", " + found,
                               .severity = Severity::note});
    } else {
      errors.push_back({Code::assertion_failed,
                        "assertion does not hold: " + assertion.text + ", " + found,
                        statement.assertions_span});
    }
  }
  return errors.empty() ? Result<void>() : errors;
}

}  // namespace quern::runtime
