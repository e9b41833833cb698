// One loop a step.

#include "codegen/interpret/steps.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/box.h"
#include "base/format.h"
#include "codegen/interpret/features.h"

namespace quern::codegen {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Where values come from, and where they go: to the same place, or on as floats.
template <typename Out>
struct Pass {
  std::span<const double> from;
  Out* to;

  template <typename Change>
  void each(Change change) const {
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<Out>(change(from[i]));
  }
  void bucket(const std::vector<double>& boundaries) const {
    each([&](double x) {
      if (std::isnan(x)) return x;
      const auto above = std::upper_bound(boundaries.begin(), boundaries.end(), x);
      return static_cast<double>(above - boundaries.begin());
    });
  }
  void identity(std::uint32_t size) const {
    each([&](double x) {
      if (std::isnan(x)) return x;
      return x >= 0 && x < size && x == std::floor(x) ? x : static_cast<double>(size);
    });
  }
};

template <typename Out>
void run(const ir::Step& step, const Pass<Out>& pass) {
  std::visit(
      Overloaded{
          [&](const ir::Standardize& s) {
            pass.each([mean = s.mean, by = s.deviation](double x) { return (x - mean) / by; });
          },
          [&](const ir::MinMax& s) {
            pass.each([least = s.least, by = s.range](double x) { return (x - least) / by; });
          },
          [&](const ir::Logarithm&) {
            pass.each([](double x) { return x > 0 ? std::log(x) : kNaN; });
          },
          [&](const ir::Impute& s) {
            pass.each([by = s.value](double x) { return std::isnan(x) ? by : x; });
          },
          [&](const ir::Bucket& s) { pass.bucket(s.boundaries); },
          [&](const ir::QuantileBucket& s) { pass.bucket(s.boundaries); },
          [&](const ir::Identity& s) { pass.identity(s.size); },
      },
      step);
}

}  // namespace

void run_step(const ir::Step& step, std::span<double> values) {
  run(step, Pass<double>{values, values.data()});
}

void run_last_step(const ir::Step& step, std::span<const double> values, float* out) {
  run(step, Pass<float>{values, out});
}

std::string number_text(double value) {
  constexpr double kWhole = 9e18;
  if (value == std::floor(value) && std::abs(value) < kWhole)
    return std::to_string(static_cast<std::int64_t>(value));
  return format_double(value);
}

std::optional<std::string_view> TextReader::text(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return std::nullopt;
  if (is_bytes(column.type.kind)) return column.text(row);
  const auto at = static_cast<std::size_t>(row);
  switch (column.type.kind) {
    case TypeKind::boolean: return column.boolean(row) ? "true" : "false";
    case TypeKind::float32: return real(static_cast<double>(column.as<float>()[at]));
    case TypeKind::float64: return real(column.as<double>()[at]);
    default: return digits(column, row);
  }
}

std::optional<std::string_view> TextReader::real(double value) {
  if (std::isnan(value)) return std::nullopt;
  held_ = number_text(value);
  return held_;
}

std::string_view TextReader::digits(const Column& column, std::int64_t row) {
  held_ = format_value(column, row);
  if (column.type.kind != TypeKind::decimal || held_.find('.') == std::string::npos) return held_;
  held_.resize(held_.find_last_not_of('0') + 1);  // 1.50 is 1.5, and 2.00 is 2
  if (held_.back() == '.') held_.pop_back();
  return held_;
}

}  // namespace quern::codegen
