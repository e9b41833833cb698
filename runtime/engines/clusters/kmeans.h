#pragma once
// The arithmetic of k-means on rows in memory and on passes over rows.

#include <cstdint>
#include <vector>

#include "runtime/engines/clusters/matrix_reader.h"
#include "runtime/engines/torch/random.h"

namespace quern::runtime::clusters {

/// Points, row-major [rows, columns]; weights [rows].
struct Points {
  std::int64_t rows = 0;
  std::int32_t columns = 0;
  std::vector<float> values;
  std::vector<double> weights;

  const float* row(std::int64_t r) const { return values.data() + r * columns; }
  void add(const float* row, double weight);
};

/// Where each of some rows belongs.
struct Nearest {
  std::int32_t cluster = 0;
  double distance = 0;  ///< squared
};

/// Centres [clusters, columns], laid out for search: the nearest one c to a point x is where x'w +
/// b is largest, with w = c - o, b = -(o + w/2)'w, whatever the origin o. One among the points
/// keeps the products small, so that float32 tells near centres apart.
class Centres {
 public:
  /// \param origin  [columns]
  Centres(std::vector<double> values, const std::vector<double>& origin);
  std::int32_t count() const { return count_; }
  const std::vector<double>& values() const { return values_; }
  /// w, [clusters, columns], rounded to float32, and b.
  const std::vector<double>& weights() const { return weights_; }
  const std::vector<double>& biases() const { return biases_; }
  /// Of ties the first; the search is in float32, the distance in double.
  Nearest nearest(const float* row);

 private:
  std::int32_t columns_;
  std::int32_t count_;
  std::vector<double> values_, weights_, biases_;
  std::vector<float> turned_;  ///< weights, [columns, clusters]
  std::vector<float> scores_;
};

/// Greedy k-means++: of 2 + log(k) rows drawn by squared distance the one that leaves the least.
/// Fewer than `clusters` centres where no rows are left apart from them.
std::vector<double> choose_centres(const Points& points, std::int32_t clusters,
                                   training::Random& random);

/// One of Lloyd's iterations, gathered row by row.
class Iteration {
 public:
  explicit Iteration(Centres& centres, std::int32_t columns);
  void add(const float* row, double weight);
  double inertia() const { return inertia_; }
  const std::vector<double>& weights() const { return weights_; }    ///< of the clusters' rows
  const std::vector<std::int64_t>& sizes() const { return sizes_; }  ///< rows
  /// The means of the clusters' rows; empty ones move to the rows that are farthest.
  std::vector<double> means();

 private:
  struct Far {
    double distance;
    double weight;
    std::int32_t cluster;
    std::vector<float> row;
  };
  void keep_far(const float* row, double weight, const Nearest& nearest);
  void move_empty();

  Centres& centres_;
  std::int32_t columns_;
  double inertia_ = 0;
  std::vector<double> sums_, weights_;
  std::vector<std::int64_t> sizes_;
  std::vector<Far> far_;  ///< a heap, the nearest first
};

}  // namespace quern::runtime::clusters
