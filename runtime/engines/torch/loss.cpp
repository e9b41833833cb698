// Each loss as a function of one margin and one label, computed in double; cross-entropy of a row.

#include "runtime/engines/torch/loss.h"

#include <algorithm>
#include <cmath>

namespace quern::runtime::training {
namespace {

struct Point {
  double loss;
  double slope;  ///< by the margin
};

/// log(1 + e^x), and 1 / (1 + e^-x), without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }
double sigmoid(double x) {
  const double e = std::exp(-std::fabs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}
double sign(double x) { return static_cast<double>((x > 0) - (x < 0)); }

Point logistic(double m, double y) {
  const double e = std::exp(-std::fabs(m));
  return {std::max(m, 0.0) + std::log1p(e) - y * m, (m >= 0 ? 1 : e) / (1 + e) - y};
}
Point squared(double m, double y) { return {(m - y) * (m - y), 2 * (m - y)}; }
Point absolute(double m, double y) { return {std::fabs(m - y), sign(m - y)}; }
Point huber(double m, double y) {
  const double d = m - y;
  return std::fabs(d) <= 1 ? Point{d * d / 2, d} : Point{std::fabs(d) - 0.5, sign(d)};
}
Point log_cosh(double m, double y) {
  const double d = std::fabs(m - y);
  return {d + softplus(-2 * d) - std::log(2.0), std::tanh(m - y)};
}
Point poisson(double m, double y) { return {std::exp(m) - y * m, std::exp(m) - y}; }
Point hinge(double m, double y) {
  const double s = 2 * y - 1;
  return s * m < 1 ? Point{1 - s * m, -s} : Point{0, 0};
}

double total_weight(const Truth& truth) {
  if (truth.weights == nullptr) return static_cast<double>(truth.rows);
  double sum = 0;
  for (std::int64_t r = 0; r < truth.rows; ++r) sum += truth.weights[r];
  return sum;
}

double weight_of(const Truth& truth, std::int64_t row) {
  return truth.weights == nullptr ? 1 : truth.weights[row];
}

template <typename PointOf>
double measure_numbers(const Truth& truth, const float* margins, float* gradient, double scale,
                       PointOf point_of) {
  double sum = 0;
  for (std::int64_t r = 0; r < truth.rows; ++r) {
    const double weight = weight_of(truth, r) / truth.outputs;
    for (std::int64_t i = r * truth.outputs; i < (r + 1) * truth.outputs; ++i) {
      const Point point = point_of(margins[i], truth.labels[i]);
      // A weight of 0 leaves a row out even where its loss is not finite.
      if (weight != 0) sum += weight * point.loss;
      if (gradient != nullptr) {
        gradient[i] = weight != 0 ? static_cast<float>(weight * scale * point.slope) : 0;
      }
    }
  }
  return sum;
}

double measure_classes(const Truth& truth, const float* margins, float* gradient, double scale) {
  double sum = 0;
  const auto outputs = static_cast<std::size_t>(truth.outputs);
  std::vector<double> shares(outputs);
  for (std::int64_t r = 0; r < truth.rows; ++r) {
    const float* m = margins + r * truth.outputs;
    const double weight = weight_of(truth, r);
    const auto label = static_cast<std::size_t>(truth.labels[r]);
    const double most = *std::max_element(m, m + outputs);
    double total = 0;
    for (std::size_t k = 0; k < outputs; ++k) total += shares[k] = std::exp(m[k] - most);
    if (weight != 0) sum += weight * (most + std::log(total) - m[label]);
    if (gradient == nullptr) continue;
    float* g = gradient + r * truth.outputs;
    for (std::size_t k = 0; k < outputs; ++k) {
      const double slope = shares[k] / total - (k == label ? 1 : 0);
      g[k] = weight != 0 ? static_cast<float>(weight * scale * slope) : 0;
    }
  }
  return sum;
}

void softmax(float* margins, std::int32_t outputs) {
  const float most = *std::max_element(margins, margins + outputs);
  double total = 0;
  for (std::int32_t k = 0; k < outputs; ++k) total += std::exp(double{margins[k]} - most);
  for (std::int32_t k = 0; k < outputs; ++k) {
    margins[k] = static_cast<float>(std::exp(double{margins[k]} - most) / total);
  }
}

}  // namespace

bool label_is_class(Loss loss) { return loss == Loss::cross_entropy; }

LossSum measure_loss(Loss loss, const Truth& truth, const float* margins, float* gradient) {
  const double weight = total_weight(truth);
  const double scale = weight > 0 ? 1 / weight : 0;
  const auto numbers = [&](auto point_of) {
    return LossSum{measure_numbers(truth, margins, gradient, scale, point_of), weight};
  };
  switch (loss) {
    case Loss::logistic: return numbers(logistic);
    case Loss::cross_entropy: return {measure_classes(truth, margins, gradient, scale), weight};
    case Loss::squared:
    case Loss::reconstruction: return numbers(squared);
    case Loss::absolute: return numbers(absolute);
    case Loss::huber: return numbers(huber);
    case Loss::log_cosh: return numbers(log_cosh);
    case Loss::poisson: return numbers(poisson);
    case Loss::hinge: return numbers(hinge);
  }
  return {};
}

void apply_link(Loss loss, float* margins, std::int64_t rows, std::int32_t outputs) {
  const std::int64_t count = rows * outputs;
  if (loss == Loss::logistic || loss == Loss::hinge) {
    for (std::int64_t i = 0; i < count; ++i) margins[i] = static_cast<float>(sigmoid(margins[i]));
  } else if (loss == Loss::poisson) {
    for (std::int64_t i = 0; i < count; ++i) margins[i] = std::exp(margins[i]);
  } else if (loss == Loss::cross_entropy) {
    for (std::int64_t r = 0; r < rows; ++r) softmax(margins + r * outputs, outputs);
  }
}

}  // namespace quern::runtime::training
