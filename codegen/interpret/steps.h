#pragma once
// The steps of features, interpreted: batches of numbers in place.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/column.h"
#include "compiler/ir/feature_steps.h"

namespace quern::codegen {

/// Replaces each value by what a fitted step makes of it; NaN stays missing.
void run_step(const ir::Step& step, std::span<double> values);
/// The same as the last step, into `out` as float32.
void run_last_step(const ir::Step& step, std::span<const double> values, float* out);

/// The texts of a column as categories and hashes see them: text as it is; numbers by the digits of
/// their value, so that 3, 3.0 and 3.00 are one; booleans "true" and "false". One object serves one
/// thread.
class TextReader {
 public:
  /// None of NULL and NaN; good until the next call. The column is text, a number or boolean.
  std::optional<std::string_view> text(const Column& column, std::int64_t row);

 private:
  std::optional<std::string_view> real(double value);
  std::string_view digits(const Column& column, std::int64_t row);

  std::string held_;
};

/// The same of a number that steps have made and that is not NaN.
std::string number_text(double value);

}  // namespace quern::codegen
