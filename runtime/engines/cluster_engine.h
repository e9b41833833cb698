#pragma once
// Models without a label: clusters and principal components. All are networks whose last layer is
// linear, so that what predicts with networks predicts with them: a projection is a product, and
// the nearest centre c of a point x is where x'c - c'c / 2 is largest.

#include <cstdint>
#include <functional>

#include "base/cancel.h"
#include "base/result.h"
#include "compiler/ir/network.h"
#include "runtime/engines/engine.h"
#include "runtime/engines/network_engine.h"

namespace quern::runtime {

struct ClusterTask {
  PageSource* train = nullptr;  ///< labels are not read
  /// One tower: blocks that learn nothing, then one linear layer with a bias; its outputs are the
  /// clusters.
  ir::Network network;
  int restarts = 1;  ///< from other beginnings; the best is kept
  int iterations = 300;
  double tolerance = 1e-4;  ///< of the centres' squared shifts, by the mean variance of the columns
  std::uint64_t seed = 0;
  std::int64_t buffer_bytes = std::int64_t{256} << 20;  ///< as NetworkTask's
};

/// K-means: centres by greedy k-means++ on a sample of up to 65536 rows or 64 a cluster, then
/// Lloyd's iterations over all rows in double; a cluster that is left without rows moves to the row
/// farthest from its centre. A round is an iteration, with the metric "inertia"; `on_round` sees
/// those of all restarts, the history has the best one's. The payload is "quern.network": with o
/// the mean of all rows, the weights are w = c - o and the biases -(o + w/2)'w, so that the largest
/// margin is the nearest centre's and float32 tells near centres apart. Metadata: the texts
/// `inertia`, `iterations`, `origin` (o), `sizes` (rows by cluster), with blanks between numbers.
/// Rules: Arthur and Vassilvitskii 2007; scikit-learn's KMeans (1.2). Errors: no_rows,
/// engine_failed (fewer distinct rows than clusters), cancelled, out_of_memory. Threads: the
/// caller's and one that reads. Cost: O(rows * clusters * columns) an iteration, and two passes
/// over the rows.
Result<TrainedModel> fit_kmeans(const ClusterTask& task, const CancelToken& cancel,
                                const std::function<void(const RoundReport&)>& on_round);

struct ComponentTask {
  PageSource* train = nullptr;
  /// As ClusterTask's; the linear layer's outputs are the components, no more than its inputs.
  ir::Network network;
  bool whiten = false;  ///< divide projections by their standard deviation
  std::int64_t buffer_bytes = std::int64_t{256} << 20;
};

/// Principal components: the covariance of all rows in one pass in double, and its eigenvectors,
/// the largest entry of each positive (scikit-learn's svd_flip by components). One round, with the
/// metric "explained_variance_ratio", the sum over the components; metadata `explained_variance`
/// and `explained_variance_ratio` have one number a component, `origin` the columns' means, with
/// blanks between. Rows weigh as their weights say, the divisor is their sum less 1. Errors:
/// no_rows, engine_failed (fewer than two rows, more components than columns), cancelled,
/// out_of_memory. Cost: O(rows * columns^2 + columns^3).
Result<TrainedModel> fit_components(const ComponentTask& task, const CancelToken& cancel);

}  // namespace quern::runtime
