// Equations 1 to 5 of Xie, Girshick and Farhadi 2016.

#include "runtime/engines/torch/soft_clusters.h"

#include <cmath>

namespace quern::runtime::training {

void SoftClusters::shares(const float* point, double* out) const {
  double total = 0;
  for (std::int32_t k = 0; k < clusters; ++k) {
    double distance = 0;
    for (std::int32_t d = 0; d < dimensions; ++d) {
      const double by =
          double{point[d]} - centres[static_cast<std::size_t>(std::int64_t{k} * dimensions + d)];
      distance += by * by;
    }
    total += out[k] = 1 / (1 + distance);
  }
  for (std::int32_t k = 0; k < clusters; ++k) out[k] /= total;
}

void SoftClusters::sharpen(std::vector<float>& shares) const {
  const auto count = static_cast<std::size_t>(clusters);
  std::vector<double> sizes(count);
  for (std::size_t i = 0; i < shares.size(); ++i) sizes[i % count] += shares[i];
  for (std::size_t row = 0; row < shares.size(); row += count) {
    double total = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const double share = shares[row + k];
      total += sizes[k] > 0 ? share * share / sizes[k] : 0;
    }
    for (std::size_t k = 0; k < count; ++k) {
      const double share = shares[row + k];
      shares[row + k] = static_cast<float>(total > 0 ? share * share / sizes[k] / total : share);
    }
  }
}

double SoftClusters::add_slopes(const float* point, const float* aim, double weight,
                                float* point_slope, std::vector<float>& centre_slopes) const {
  std::vector<double> q(static_cast<std::size_t>(clusters));
  shares(point, q.data());
  double divergence = 0;
  for (std::int32_t k = 0; k < clusters; ++k) {
    const double p = aim[k];
    const double share = q[static_cast<std::size_t>(k)];
    if (p > 0) divergence += weight * p * std::log(p / share);
    const auto first = static_cast<std::size_t>(std::int64_t{k} * dimensions);
    double distance = 0;
    for (std::int32_t d = 0; d < dimensions; ++d) {
      const double by = double{point[d]} - centres[first + static_cast<std::size_t>(d)];
      distance += by * by;
    }
    const double pull = weight * 2 * (p - share) / (1 + distance);
    for (std::int32_t d = 0; d < dimensions; ++d) {
      const auto at = first + static_cast<std::size_t>(d);
      const double slope = pull * (double{point[d]} - centres[at]);
      point_slope[d] += static_cast<float>(slope);
      centre_slopes[at] -= static_cast<float>(slope);
    }
  }
  return divergence;
}

}  // namespace quern::runtime::training
