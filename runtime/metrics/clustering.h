#pragma once
// How good clusters are. Each number is scikit-learn's (1.9) of its name, computed in double.

#include <cstdint>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace quern::runtime {

/// Rows as points, each in a cluster.
struct ClusterRows {
  std::size_t width = 0;                   ///< of a point
  std::size_t clusters = 0;                ///< that there may be
  std::span<const float> points;           ///< [rows, width]
  std::span<const std::uint32_t> cluster;  ///< [rows]

  const float* point(std::size_t row) const { return points.data() + row * width; }
};

/// The silhouette of each row, by Euclidean distances; 0 of a row that is alone in its cluster.
/// Empty where there are fewer than two clusters, or as many as rows. Errors: cancelled. Cost:
/// O(rows^2 * width).
Result<std::vector<double>> silhouettes(const ClusterRows& rows, const CancelToken& cancel);

/// The Rand index of two partitions, adjusted for chance; NaN without rows.
/// \param counts  rows by label, then by cluster.
double adjusted_rand(const std::vector<std::vector<std::int64_t>>& counts);

}  // namespace quern::runtime
