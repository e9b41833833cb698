#pragma once
// How much a point belongs to each of some centres, and which way both go to make that clearer: the
// arithmetic of deep embedded clustering.

#include <cstdint>
#include <vector>

namespace quern::runtime::training {

/// Points and centres of a space of few dimensions, row-major.
struct SoftClusters {
  std::int32_t dimensions = 0;
  std::int32_t clusters = 0;
  std::vector<float> centres;  ///< [clusters, dimensions]

  /// Student's distribution of one degree of freedom: shares of the clusters in a point,
  /// [clusters].
  void shares(const float* point, double* out) const;
  /// The distribution to aim at from the shares of all points, [points, clusters], in place:
  /// squared, by the clusters' sizes.
  void sharpen(std::vector<float>& shares) const;
  /// Adds to the slopes of the Kullback-Leibler divergence from `aim` of one point, times `weight`;
  /// returns the divergence.
  double add_slopes(const float* point, const float* aim, double weight, float* point_slope,
                    std::vector<float>& centre_slopes) const;
};

}  // namespace quern::runtime::training
