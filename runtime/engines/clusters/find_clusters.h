#pragma once
// What k-means finds, before it is written down as a network.

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/engines/cluster_engine.h"

namespace quern::runtime::clusters {

struct FoundClusters {
  std::vector<double> centres;      ///< [clusters, columns]
  std::vector<double> origin;       ///< the mean of all rows
  std::vector<std::int64_t> sizes;  ///< rows
  double inertia = 0;
  std::vector<RoundReport> history;
};

/// fit_kmeans() but for the payload.
Result<FoundClusters> find_clusters(const ClusterTask& task, const CancelToken& cancel,
                                    const std::function<void(const RoundReport&)>& on_round);

}  // namespace quern::runtime::clusters
