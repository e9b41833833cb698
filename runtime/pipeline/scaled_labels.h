#pragma once
// Labels of networks in deviations from their mean while they train: a network begins with margins
// near 0 and moves them by small steps, which would take ages to prices of houses.

#include <memory>
#include <span>
#include <vector>

#include "runtime/engines/network_engine.h"

namespace quern::runtime {

/// y = mean + scale * z, where the network learns z.
struct LabelScale {
  double mean = 0;
  double scale = 1;
  bool is_plain() const { return mean == 0 && scale == 1; }
};

/// Mean and deviation of the labels, where the loss counts distances and the network's towers end
/// in linear layers with biases; else mean 0 and scale 1. Cost: a pass over the pages.
Result<LabelScale> label_scale(const NetworkTask& task);

/// The same rows with scaled labels. \param source  outlives it; null gives null.
std::unique_ptr<PageSource> scale_labels(PageSource* source, LabelScale scale);

/// A payload whose margins are mean + scale * those of the given one; with the inverse, back.
/// Its towers end in linear layers with biases. Errors: corrupt_model.
Result<std::vector<std::uint8_t>> scale_margins(std::span<const std::uint8_t> payload,
                                                LabelScale scale);
LabelScale inverse(LabelScale scale);

/// Brings a loss or metric from scaled labels to those of the rows.
void unscale(Loss loss, LabelScale scale, std::vector<RoundMetric>& metrics);

}  // namespace quern::runtime
