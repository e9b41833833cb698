#pragma once
// A network with its weights as they are trained: tables in front, the library's layers behind.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/ir/network.h"
#include "compiler/ir/tensors.h"
#include "runtime/engines/torch/graph.h"
#include "runtime/engines/torch/row_reader.h"
#include "runtime/engines/torch/table.h"

namespace quern::runtime::training {

/// Threads: one at a time.
class LiveNetwork {
 public:
  /// All weights 0. Errors: those of make_graph().
  static Result<std::unique_ptr<LiveNetwork>> make(ir::Network network, std::uint64_t seed);

  const ir::Network& network() const { return network_; }
  const Layout& layout() const { return layout_; }
  std::vector<Table>& tables() { return tables_; }
  std::vector<Parameter>& parameters() { return graph_->parameters(); }

  /// Takes the weights of ir::tensor_shapes(). Error: corrupt_model, a tensor that is missing, of
  /// another shape or not the network's.
  Result<void> restore(const ir::Tensors& tensors);
  /// The weights as ir::tensor_shapes() has them.
  ir::Tensors tensors() const;

  /// Graph::forward() over rows of a block. `margins` gets its size.
  Result<void> forward(const RowBlock& block, std::span<const std::int64_t> rows, bool training,
                       std::vector<float>& margins);
  /// Graph::backward(); the tables' derivatives are collected as well.
  Result<void> backward(const std::vector<float>& slopes, bool anew = true);

 private:
  explicit LiveNetwork(ir::Network network);

  ir::Network network_;
  Layout layout_;
  std::vector<Table> tables_;
  std::vector<TowerInput> inputs_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace quern::runtime::training
