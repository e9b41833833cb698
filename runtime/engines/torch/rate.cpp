// One formula for each kind of schedule.

#include "runtime/engines/torch/rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace quern::runtime::training {

double Rate::factor(int epoch, std::int64_t batch) const {
  if (epoch < schedule_.warmup) {
    const double all = static_cast<double>(schedule_.warmup) * static_cast<double>(batches_);
    return std::min(1.0, static_cast<double>(epoch * batches_ + batch + 1) / all);
  }
  const int since = epoch - schedule_.warmup;
  switch (schedule_.kind) {
    case Schedule::Kind::constant: break;
    case Schedule::Kind::step: return std::pow(schedule_.factor, since / schedule_.epochs);
    case Schedule::Kind::exponential: return std::pow(schedule_.factor, since);
    case Schedule::Kind::cosine:
      return (1 + std::cos(std::numbers::pi * since / (epochs_ - schedule_.warmup))) / 2;
    case Schedule::Kind::plateau: return plateau_;
  }
  return 1;
}

void Rate::end_epoch(double loss) {
  if (loss < best_ * (1 - 1e-4)) {
    best_ = loss;
    bad_ = 0;
  } else if (++bad_ > schedule_.epochs) {
    plateau_ *= schedule_.factor;
    bad_ = 0;
  }
}

}  // namespace quern::runtime::training
