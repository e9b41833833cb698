#pragma once
// The layers of a network in the library: forwards, and backwards by its automatic differentiation.
// The only door to LibTorch; what stands in front of the layers, the losses and the optimizers are
// plain C++.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/network.h"
#include "runtime/engines/torch/layout.h"
#include "runtime/engines/torch/tower_input.h"

namespace quern::runtime::training {

/// A tensor of a layer, in the library's memory.
struct Parameter {
  std::string tensor;  ///< its name among ir::tensor_shapes()
  std::size_t tower = 0;
  std::vector<std::int64_t> shape;
  /// Of a first linear layer: which columns of the named tensor these are; empty: all.
  std::vector<std::int32_t> columns;
  float* values = nullptr;
  float* gradient = nullptr;  ///< after backward(); null where nothing came of it
  std::int64_t size = 0;
  bool trained = true;
  bool penalised = false;  ///< a weight rather than a bias or a scale
};

/// Threads: one at a time. Errors: engine_failed with the library's words, out_of_memory.
class Graph {
 public:
  virtual ~Graph() = default;
  virtual std::vector<Parameter>& parameters() = 0;
  /// The margins [rows, outputs] of a batch, an input for each tower. \param training  dropout
  /// takes effect, batch norms use and learn from the batch (of two rows or more), backward() may
  /// follow
  virtual Result<void> forward(std::span<TowerInput> inputs, bool training, float* margins) = 0;
  /// Takes the derivatives by the margins of the last forward(), gives those by parameters and
  /// inputs. \param anew  else those by parameters are added to what is there
  virtual Result<void> backward(const float* slopes, bool anew, std::span<TowerInput> inputs) = 0;
};

/// A network's layers, all weights 0. \param seed  of dropout. `network` and `layout` must outlive
/// it.
Result<std::unique_ptr<Graph>> make_graph(const ir::Network& network, const Layout& layout,
                                          std::uint64_t seed);

/// "LibTorch 1.13.1"
std::string library_words();

/// Sets how many threads the library computes with, and takes that back.
class ThreadCount {
 public:
  explicit ThreadCount(int threads);
  ~ThreadCount();
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
  int blas_before_;
};

}  // namespace quern::runtime::training
