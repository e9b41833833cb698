// A = Q T Q', T of three diagonals; then rotations make T diagonal, and turn Q's columns into the
// vectors. Q is kept turned, a vector a row, so that rotations run along memory.

#include "runtime/engines/clusters/symmetric.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace quern::runtime::clusters {
namespace {

constexpr int kMostSteps = 60;

using Rows = std::vector<std::vector<double>>;

class Solver {
 public:
  Solver(std::vector<double> matrix, std::size_t n)
      : n_(n), a_(n, std::vector<double>(n)), q_(a_), diagonal_(n), beside_(n) {
    for (std::size_t i = 0; i < n; ++i) {
      std::copy_n(matrix.begin() + static_cast<std::ptrdiff_t>(i * n), n, a_[i].begin());
      q_[i][i] = 1;
    }
  }

  Eigen run() {
    for (std::size_t k = 0; k + 2 < n_; ++k) reflect(k);
    for (std::size_t i = 0; i < n_; ++i) diagonal_[i] = a_[i][i];
    for (std::size_t i = 0; i + 1 < n_; ++i) beside_[i] = a_[i + 1][i];
    for (std::size_t low = 0; low < n_; ++low) {
      if (!settle(low)) return {};
    }
    return sorted();
  }

 private:
  /// Makes the entries of column k below the second diagonal 0 by a reflection of both sides.
  void reflect(std::size_t k) {
    double length = 0;
    for (std::size_t i = k + 1; i < n_; ++i) length = std::hypot(length, a_[i][k]);
    if (length == 0) return;
    std::vector<double> v(n_);
    for (std::size_t i = k + 1; i < n_; ++i) v[i] = a_[i][k];
    v[k + 1] += std::copysign(length, v[k + 1]);
    double squares = 0;
    for (std::size_t i = k + 1; i < n_; ++i) squares += v[i] * v[i];
    const double scale = 2 / squares;
    // A - v w' - w v', with w = scale (A v - (scale v'Av / 2) v).
    std::vector<double> w(n_);
    double along = 0;
    for (std::size_t i = k; i < n_; ++i) {
      for (std::size_t j = k + 1; j < n_; ++j) w[i] += a_[i][j] * v[j];
      w[i] *= scale;
      along += w[i] * v[i];
    }
    for (std::size_t i = k; i < n_; ++i) w[i] -= scale * along / 2 * v[i];
    for (std::size_t i = k; i < n_; ++i) {
      for (std::size_t j = k; j < n_; ++j) a_[i][j] -= v[i] * w[j] + w[i] * v[j];
    }
    turn_vectors(v, scale, k + 1);
  }

  /// Q' becomes H Q', a row of it for each vector to be.
  void turn_vectors(const std::vector<double>& v, double scale, std::size_t from) {
    std::vector<double> sums(n_);
    for (std::size_t i = from; i < n_; ++i) {
      for (std::size_t j = 0; j < n_; ++j) sums[j] += v[i] * q_[i][j];
    }
    for (std::size_t i = from; i < n_; ++i) {
      for (std::size_t j = 0; j < n_; ++j) q_[i][j] -= scale * v[i] * sums[j];
    }
  }

  /// The first place from `low` on behind which T falls apart.
  std::size_t end_of_block(std::size_t low) const {
    for (std::size_t m = low; m + 1 < n_; ++m) {
      const double near = std::fabs(diagonal_[m]) + std::fabs(diagonal_[m + 1]);
      if (std::fabs(beside_[m]) <= 0x1p-53 * near || beside_[m] == 0) return m;
    }
    return n_ - 1;
  }

  bool settle(std::size_t low) {
    for (int step = 0; step < kMostSteps; ++step) {
      const auto high = end_of_block(low);
      if (high == low) return std::isfinite(diagonal_[low]);
      chase(low, high);
    }
    return false;
  }

  /// One QL step with Wilkinson's shift on [low, high].
  void chase(std::size_t low, std::size_t high) {
    const double half = (diagonal_[low + 1] - diagonal_[low]) / (2 * beside_[low]);
    const double root = std::hypot(half, 1);
    double g = diagonal_[high] - diagonal_[low] + beside_[low] / (half + std::copysign(root, half));
    double sine = 1, cosine = 1, shift = 0;
    for (std::size_t i = high; i-- > low;) {
      const double f = sine * beside_[i];
      const double b = cosine * beside_[i];
      const double length = std::hypot(f, g);
      beside_[i + 1] = length;
      if (length == 0) {  // T fell apart on the way
        diagonal_[i + 1] -= shift;
        beside_[high] = 0;
        return;
      }
      sine = f / length;
      cosine = g / length;
      g = diagonal_[i + 1] - shift;
      const double r = (diagonal_[i] - g) * sine + 2 * cosine * b;
      shift = sine * r;
      diagonal_[i + 1] = g + shift;
      g = cosine * r - b;
      rotate(q_[i], q_[i + 1], sine, cosine);
    }
    diagonal_[low] -= shift;
    beside_[low] = g;
    beside_[high] = 0;
  }

  static void rotate(std::vector<double>& a, std::vector<double>& b, double sine, double cosine) {
    for (std::size_t j = 0; j < a.size(); ++j) {
      const double f = b[j];
      b[j] = sine * a[j] + cosine * f;
      a[j] = cosine * a[j] - sine * f;
    }
  }

  Eigen sorted() const {
    std::vector<std::size_t> order(n_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return diagonal_[a] > diagonal_[b]; });
    Eigen out;
    for (const auto i : order) {
      out.values.push_back(diagonal_[i]);
      out.vectors.push_back(q_[i]);
    }
    return out;
  }

  std::size_t n_;
  Rows a_;
  Rows q_;  ///< Q turned
  std::vector<double> diagonal_, beside_;
};

}  // namespace

Eigen find_eigen(std::vector<double> matrix, std::size_t n) {
  if (n == 0) return {};
  return Solver(std::move(matrix), n).run();
}

}  // namespace quern::runtime::clusters
