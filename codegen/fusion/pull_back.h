#pragma once
// Steps of a feature, moved from the values to the thresholds that they are compared with.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/column.h"
#include "compiler/ir/feature_steps.h"

namespace quern::codegen {

/// Where a feature that never falls as its column rises comes to a threshold.
/// Where a feature that never falls as its column rises comes to a threshold: steps of one feature
/// over a column of one kind. Every answer is found by search among all values
/// of the kind and by the interpreter's own steps, so it is exact.
class PullBack {
 public:
  /// nullopt where a step may fall, or a kind has no order of its own.
  static std::optional<PullBack> make(const std::vector<ir::Step>& steps, TypeKind kind);

  /// The least value whose feature is not below the threshold, in the column's bits. nullopt where
  /// that is so of all values or of none, or the feature falls near the threshold, as rounding may
  /// make a logarithm do.
  std::optional<std::uint64_t> find(float threshold) const;

  /// The greatest value that a logarithm makes missing, in the column's bits; nullopt: none.
  std::optional<std::uint64_t> floor() const { return floor_; }

  float of_missing() const;  ///< the feature of NULL and NaN
  float of_low() const;      ///< that of values up to floor()

 private:
  PullBack(const std::vector<ir::Step>& steps, TypeKind kind) : steps_(&steps), kind_(kind) {}
  float feature(double value) const;
  void find_floor();

  const std::vector<ir::Step>* steps_;
  TypeKind kind_;
  bool logarithm_ = false;
  std::optional<std::uint64_t> floor_;
};

}  // namespace quern::codegen
