// Gauss-Legendre quadrature: nodes are the roots of a Legendre polynomial.

#include "codegen/forest/quadrature.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace quern::codegen {
namespace {

/// P_n and its derivative at x, by the three-term recurrence.
std::pair<double, double> legendre(std::size_t n, double x) {
  double last = 1;
  double value = x;
  for (std::size_t k = 2; k <= n; ++k) {
    const auto kk = static_cast<double>(k);
    const double next = ((2 * kk - 1) * x * value - (kk - 1) * last) / kk;
    last = value;
    value = next;
  }
  return {value, static_cast<double>(n) * (x * value - last) / (x * x - 1)};
}

/// The i-th root of P_n from above, by Newton's method from Tricomi's estimate.
double legendre_root(std::size_t n, std::size_t i) {
  double x =
      std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (static_cast<double>(n) + 0.5));
  for (int step = 0; step < 20; ++step) {
    const auto [value, slope] = legendre(n, x);
    const double change = value / slope;
    x -= change;
    if (std::abs(change) < 1e-16) break;
  }
  return x;
}

}  // namespace

Quadrature gauss_legendre(std::size_t nodes) {
  Quadrature rule;
  for (std::size_t i = 0; i < nodes; ++i) {
    const double x = legendre_root(nodes, i);
    const double slope = legendre(nodes, x).second;
    rule.at.push_back((1 + x) / 2);
    rule.weight.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

}  // namespace quern::codegen
