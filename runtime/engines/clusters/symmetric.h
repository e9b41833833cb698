#pragma once
// Eigenvalues of symmetric matrices.

#include <vector>

namespace quern::runtime::clusters {

struct Eigen {
  std::vector<double> values;                ///< falling
  std::vector<std::vector<double>> vectors;  ///< of length 1, in the order of the values
};

/// Of a symmetric matrix, row-major [n, n], by Householder's reflections to three diagonals and QL
/// steps with implicit shifts. Empty where an eigenvalue does not settle, as with numbers that are
/// not finite. Rule: Golub and Van Loan, Matrix Computations, 8.3. Cost: O(n^3).
Eigen find_eigen(std::vector<double> matrix, std::size_t n);

}  // namespace quern::runtime::clusters
