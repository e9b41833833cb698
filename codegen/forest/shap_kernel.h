#pragma once
// Exact Tree SHAP for many rows at once. shap_steps.h tells how it works.

#include <cstddef>
#include <memory>
#include <span>

#include "codegen/forest/kernel.h"
#include "codegen/interpret/shap.h"

namespace quern::codegen {

/// A forest made ready to explain many rows. Threads: const, re-entrant.
class ShapKernel {
 public:
  virtual ~ShapKernel() = default;
  /// As TreeShap::explain() of each row: fills out[x.rows, width]. Sums are float32 within a few
  /// trees and double beyond; tests hold the values to the oracle's within 1e-5 of the row's
  /// largest.
  virtual void explain(const FeatureView& x, std::span<double> out,
                       BaseMargins base = {}) const = 0;
};

/// Bytes of tables that a kernel keeps.
inline constexpr std::size_t kMostTables = std::size_t{256} << 20U;

/// Makes the kernel of a forest, which `oracle` is of; both must outlive it. It leaves trees deeper
/// than 64 levels to the oracle. `set` must run here. Cost: for each pair of players of a path's,
/// some hundred bytes and nanoseconds a split. Trees whose tables would go beyond `most_tables`
/// get smaller ones, which are made anew for each block of rows.
std::unique_ptr<ShapKernel> make_shap_kernel(const Forest& forest, const TreeShap& oracle,
                                             VectorSet set, std::size_t most_tables = kMostTables);

}  // namespace quern::codegen
