// Silhouettes pair by pair; the Rand index from counts.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "runtime/metrics/clustering.h"

namespace quern::runtime {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double pairs(double n) { return n * (n - 1) / 2; }

/// Four sums side by side, which need not wait for one another.
double squared_distance(const float* a, const float* b, std::size_t width) {
  std::array<double, 4> sums{};
  std::size_t k = 0;
  for (; k + 4 <= width; k += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      const double by = double{a[k + lane]} - b[k + lane];
      sums[lane] += by * by;
    }
  }
  for (; k < width; ++k) sums[0] += (double{a[k]} - b[k]) * (double{a[k]} - b[k]);
  return sums[0] + sums[1] + sums[2] + sums[3];
}

/// From the sums of a row's distances to the rows of each cluster.
double silhouette(std::span<const double> sums, std::span<const std::int64_t> sizes,
                  std::size_t own) {
  if (sizes[own] < 2) return 0;
  const double inside = sums[own] / static_cast<double>(sizes[own] - 1);
  double outside = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < sums.size(); ++c) {
    if (c != own && sizes[c] > 0)
      outside = std::min(outside, sums[c] / static_cast<double>(sizes[c]));
  }
  const double most = std::max(inside, outside);
  return most > 0 ? (outside - inside) / most : 0;
}

}  // namespace

Result<std::vector<double>> silhouettes(const ClusterRows& rows, const CancelToken& cancel) {
  const auto count = rows.cluster.size();
  std::vector<std::int64_t> sizes(rows.clusters);
  for (const auto c : rows.cluster) ++sizes[c];
  const auto found = std::count_if(sizes.begin(), sizes.end(), [](auto s) { return s > 0; });
  if (found < 2 || std::cmp_greater_equal(found, count)) return std::vector<double>();
  std::vector<double> sums(rows.clusters), out;
  for (std::size_t i = 0; i < count; ++i) {
    if (cancel.requested()) return Diagnostic{Code::cancelled, "cancelled"};
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t j = 0; j < count; ++j)
      sums[rows.cluster[j]] +=
          std::sqrt(squared_distance(rows.point(i), rows.point(j), rows.width));
    out.push_back(silhouette(sums, sizes, rows.cluster[i]));
  }
  return out;
}

double adjusted_rand(const std::vector<std::vector<std::int64_t>>& counts) {
  double rows = 0, together = 0, by_label = 0, by_cluster = 0;
  std::vector<double> of_cluster;
  for (const auto& label : counts) {
    of_cluster.resize(std::max(of_cluster.size(), label.size()));
    double of_label = 0;
    for (std::size_t c = 0; c < label.size(); ++c) {
      const auto n = static_cast<double>(label[c]);
      of_label += n;
      of_cluster[c] += n;
      together += pairs(n);
    }
    rows += of_label;
    by_label += pairs(of_label);
  }
  for (const double n : of_cluster) by_cluster += pairs(n);
  if (rows == 0) return kNone;
  const double expected = rows > 1 ? by_label * by_cluster / pairs(rows) : 0;
  const double most = (by_label + by_cluster) / 2;
  return most == expected ? 1 : (together - expected) / (most - expected);
}

}  // namespace quern::runtime
