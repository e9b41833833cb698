#pragma once
// The loss and the metrics of an epoch, gathered batch by batch.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/metrics.h"
#include "runtime/engines/torch/loss.h"

namespace quern::runtime::training {

/// Metrics are those of TO EVALUATE, by its names: of classes where the loss is, else of numbers,
/// as vector_metric() of several outputs. Holds some bytes a row where there are metrics.
class Measures {
 public:
  /// Error: engine_failed, a metric that there is not for such a network.
  static Result<Measures> make(Loss loss, std::int32_t outputs,
                               const std::vector<std::string>& metrics);

  void add(const Truth& truth, const float* margins, const LossSum& sum);
  /// The mean loss; NaN without weight.
  double loss() const { return sum_.loss / sum_.weight; }
  /// "loss" and the metrics of the rows since the last take(). \param data  "train", ...
  std::vector<RoundMetric> take(const std::string& data);

 private:
  Measures(Loss loss, std::int32_t outputs) : loss_(loss), outputs_(outputs) {}
  bool of_classes() const;
  bool binary() const;
  void keep(const Truth& truth, const float* margins);
  double value(ir::Metric metric) const;
  double class_value(ir::Metric metric) const;

  Loss loss_;
  std::int32_t outputs_;
  std::vector<std::pair<std::string, ir::Metric>> metrics_;
  LossSum sum_;
  std::vector<float> predicted_;  ///< probabilities, as ClassRows has them, or numbers
  std::vector<std::uint32_t> classes_;
  std::vector<double> numbers_;
  std::vector<double> weights_;
};

}  // namespace quern::runtime::training
