#pragma once
// The fast way through a network: towers laid out for blocks of rows, batch norm folded into the
// weights beside it, categories looked up in the first layer's weights.

#include <memory>
#include <span>

#include "codegen/forest/kernel.h"
#include "codegen/network/network_model.h"

namespace quern::codegen {

/// A network made ready. Threads: const, re-entrant.
class NetworkKernel {
 public:
  virtual ~NetworkKernel() = default;
  /// As predict_margins(), within 1e-5 of the margin plus 1e-6. A row has the same bits alone and
  /// among others. \param groups  see GroupRows.
  virtual void score(const FeatureView& x, std::span<float> out, BaseMargins base = {},
                     GroupRows groups = {}) const = 0;
  /// Adds one row's margins to `out`, [outputs]. \param x  its dense columns. \param entries  of
  /// all groups, one behind the other; \param ends  where each group's end. Allocates nothing once
  /// a thread has scored a first row.
  virtual void add_row(const float* x, std::span<const SparseEntry> entries,
                       std::span<const std::size_t> ends, std::span<float> out) const = 0;
};

/// Copies what it needs. `set` must run here. Cost: O(weights) time and memory.
std::unique_ptr<NetworkKernel> make_network_kernel(const NetworkModel& model, VectorSet set);

}  // namespace quern::codegen
