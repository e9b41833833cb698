#pragma once
// What a network is trained to make small: the losses as sums over rows, and their gradients by the
// margins, in closed form.

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/engines/network_engine.h"

namespace quern::runtime::training {

/// What the margins of some rows are measured against.
struct Truth {
  std::int64_t rows = 0;
  std::int32_t outputs = 1;
  /// [rows]: a number, 0 or 1, or a class; of numbers row-major [rows, outputs].
  const float* labels = nullptr;
  const float* weights = nullptr;  ///< [rows], or null for 1
};

struct LossSum {
  double loss = 0;    ///< rows' losses, each times its weight; of several outputs their mean
  double weight = 0;  ///< of the rows
};

/// True where a row's label is one number whatever the outputs: the class.
bool label_is_class(Loss loss);

/// Sums the loss of rows whose margins are row-major [rows, outputs]. Where `gradient` is not null
/// it receives the derivatives of sum.loss / sum.weight, [rows, outputs]; zeros where no row weighs
/// anything. Rules: torch.nn's losses of these names 1.13 (logistic: BCEWithLogitsLoss; poisson:
/// PoissonNLLLoss; hinge: max(0, 1 - sm), s = -1 or 1); log_cosh: log(cosh(m - y)).
LossSum measure_loss(Loss loss, const Truth& truth, const float* margins, float* gradient);

/// What a margin says under the loss: probabilities of logistic (and hinge, where it only orders
/// rows) and cross_entropy, the mean of poisson, else itself. In place, [rows, outputs].
void apply_link(Loss loss, float* margins, std::int64_t rows, std::int32_t outputs);

}  // namespace quern::runtime::training
