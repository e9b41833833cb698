#pragma once
// Steps of a feature: functions of one number, which stand behind what reads a column and follow
// one another. Numbers are doubles until the last step; NaN is a missing value and stays one,
// except before Impute.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quern::ir {

/// (x - mean) / deviation, the deviation of the population. Rule: scikit-learn's StandardScaler; a
/// deviation of 0 is fitted as 1.
struct Standardize {
  double mean = 0;
  double deviation = 1;
  friend bool operator==(const Standardize&, const Standardize&) = default;
};

/// (x - least) / range: 0 to 1 among the training rows, beyond that elsewhere. Rule: scikit-learn's
/// MinMaxScaler; a range of 0 is fitted as 1.
struct MinMax {
  double least = 0;
  double range = 1;
  friend bool operator==(const MinMax&, const MinMax&) = default;
};

/// The natural logarithm; of 0 and less missing.
struct Logarithm {
  friend bool operator==(const Logarithm&, const Logarithm&) = default;
};

/// What a missing value is replaced by.
enum class Replacement : std::uint8_t { constant, mean, median, mode };

/// `value` where it is missing. Of several modes the least.
struct Impute {
  Replacement by = Replacement::constant;
  double value = 0;
  friend bool operator==(const Impute&, const Impute&) = default;
};

/// The number of boundaries at or below x, so that a boundary begins a bucket.
struct Bucket {
  std::vector<double> boundaries = {};  ///< rising
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

/// The same, with boundaries at the quantiles 1/n, 2/n, ... of the training rows; equal ones are
/// one. Rule: SQL's quantile_cont().
struct QuantileBucket {
  std::uint32_t buckets = 2;
  std::vector<double> boundaries = {};
  friend bool operator==(const QuantileBucket&, const QuantileBucket&) = default;
};

/// A whole number as the category of that code, below `size`; any other number has the code `size`.
struct Identity {
  std::uint32_t size = 0;  ///< 0: one more than the largest of the rows
  bool is_fitted = false;  ///< by the rows
  friend bool operator==(const Identity&, const Identity&) = default;
};

using Step = std::variant<Standardize, MinMax, Logarithm, Impute, Bucket, QuantileBucket, Identity>;

/// Buckets and ids that a category may have at most: XGBoost counts categories in float32.
inline constexpr std::uint32_t kMostBuckets = 1 << 24;

/// True where only the rows can tell what the step does.
bool is_fitted(const Step& step);

/// The step as the statement gave it: what rows told is left out.
Step as_written(Step step);

/// "standardize": the function in names of features and in the manifest.
std::string_view step_name(const Step& step);

/// What it does as the statement says, before anything is fitted: "standardized".
std::string written_words(const Step& step);

/// What it does, with what was fitted: "standardized by mean 3.5, deviation 0.5".
std::string step_words(const Step& step);

}  // namespace quern::ir
