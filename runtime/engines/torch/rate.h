#pragma once
// The factor of the learning rate, from batch to batch and epoch to epoch.

#include <cstdint>
#include <limits>

#include "runtime/engines/network_engine.h"

namespace quern::runtime::training {

/// Rules: torch.optim.lr_scheduler 1.13: StepLR, ExponentialLR, CosineAnnealingLR over the epochs
/// behind the warm-up, ReduceLROnPlateau (relative threshold 1e-4).
class Rate {
 public:
  Rate(const Schedule& schedule, int epochs, std::int64_t batches)
      : schedule_(schedule), epochs_(epochs), batches_(batches) {}

  /// \param epoch, batch  from 0
  double factor(int epoch, std::int64_t batch) const;
  /// Tells what an epoch came to: the loss on validation rows, or on those of training.
  void end_epoch(double loss);

 private:
  Schedule schedule_;
  int epochs_;
  std::int64_t batches_;  ///< of an epoch
  double best_ = std::numeric_limits<double>::infinity();
  int bad_ = 0;
  double plateau_ = 1;
};

}  // namespace quern::runtime::training
