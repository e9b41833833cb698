#pragma once
// Numeric integration that is exact for polynomials.

#include <cstddef>
#include <vector>

namespace quern::codegen {

/// Nodes and weights of an integral over [0, 1].
struct Quadrature {
  std::vector<double> at;
  std::vector<double> weight;
};

/// Gauss and Legendre's rule: exact up to degree 2 * nodes - 1. \param nodes  at least 1.
Quadrature gauss_legendre(std::size_t nodes);

}  // namespace quern::codegen
