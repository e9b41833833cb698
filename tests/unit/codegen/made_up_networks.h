#pragma once
// Networks of random sizes and weights, and rows for them.

#include <cstdint>
#include <random>
#include <vector>

#include "codegen/network/network_model.h"

namespace quern::codegen {

/// The same numbers, sizes and weights for the same seed.
class MadeUpNetworks {
 public:
  explicit MadeUpNetworks(std::uint64_t seed) : random_(seed) {}

  /// Weights for a network, of a size that keeps values moderate from layer to layer.
  NetworkModel with_weights(ir::Network network);
  /// A tower or two of dense columns, categories and groups.
  NetworkModel dense();
  /// A tower over sequences.
  NetworkModel recurrent();

  /// Column-major [rows, model.features]: numbers, codes that are rows or not, NaN.
  std::vector<float> rows_for(const NetworkModel& model, std::int64_t rows);

 private:
  int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
  bool chance(double of) { return std::bernoulli_distribution(of)(random_); }
  float normal(double deviation) {
    return static_cast<float>(std::normal_distribution(0.0, deviation)(random_));
  }
  std::vector<ir::Layer> layers(int outputs, int depth);
  ir::Tower tower(const char* name, std::int32_t columns, std::int32_t codes, int outputs,
                  const std::vector<std::int32_t>& groups);
  void fill_codes(const NetworkModel& model, std::int64_t rows, std::vector<float>& out);

  std::mt19937_64 random_;
};

inline FeatureView view_of(const std::vector<float>& x, const NetworkModel& model,
                           std::int64_t rows) {
  return {x.data(), rows, model.features, 1, rows};
}

}  // namespace quern::codegen
