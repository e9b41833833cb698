#pragma once
// Statistics of values that wait in the pages. The same values in the same order give the same
// bits, whatever the pages' sizes.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace quern::runtime {

/// Calls its argument for one stretch of values after another; can be called again and again. NaN
/// is missing and left out of every statistic.
using EachStretch = std::function<void(const std::function<void(std::span<const double>)>&)>;

struct Moments {
  std::int64_t count = 0;
  double mean = 0;
  double deviation = 0;  ///< of the population
};
/// Two passes. Rule: the sum, and the sum of squared distances from the mean, in extended
/// precision.
Moments moments(const EachStretch& each);

struct Range {
  std::int64_t count = 0;
  double least = 0;
  double greatest = 0;
};
Range range(const EachStretch& each);

/// The quantiles of some shares, 0 to 1 and rising, between neighbouring values in proportion;
/// empty without values. Exact: finds order statistics bit by bit in seven passes. Memory: 16 KiB a
/// share. Rule: SQL's quantile_cont(), Hyndman and Fan's type 7.
std::vector<double> quantiles(const EachStretch& each, const std::vector<double>& shares);

/// The most frequent value, of several the least. None where there are more than `most` distinct
/// ones; NaN without values.
std::optional<double> mode(const EachStretch& each, std::size_t most);

}  // namespace quern::runtime
