#pragma once
// Labels of networks in deviations from their mean while they train: a network begins with margins
// near 0 and moves them by small steps, which would take ages to prices of houses.

#include <memory>
#include <span>
#include <vector>

#include "runtime/engines/network_engine.h"

namespace quern::runtime {

/// y = mean + scale * z, where the network learns z. Numbers of one label have one scale, so that
/// they count in the loss as they would without it.
struct LabelScale {
  std::vector<double> means = {};  ///< one for each number of a label; empty: zeros
  double scale = 1;
  bool is_plain() const { return means.empty() && scale == 1; }
};

/// Means of the labels' numbers and the root of the mean of their variances, where the loss counts
/// distances and the network's towers end in linear layers with biases; else a plain scale. Cost: a
/// pass over the pages.
Result<LabelScale> label_scale(const NetworkTask& task);

/// The same rows with scaled labels. \param source  outlives it; null gives null.
std::unique_ptr<PageSource> scale_labels(PageSource* source, LabelScale scale);

/// A payload whose margins are mean + scale * those of the given one; with the inverse, back.
/// Its towers end in linear layers with biases. Errors: corrupt_model.
Result<std::vector<std::uint8_t>> scale_margins(std::span<const std::uint8_t> payload,
                                                const LabelScale& scale);
LabelScale inverse(LabelScale scale);

/// Brings a loss or metric from scaled labels to those of the rows.
void unscale(Loss loss, const LabelScale& scale, std::vector<RoundMetric>& metrics);

}  // namespace quern::runtime
