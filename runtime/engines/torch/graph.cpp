// Layers as calls of ATen. Its headers are taken operator by operator: all of torch.h would cost
// ten times as much to compile. Derivatives come through the hooks that libtorch sets, so that no
// header of autograd is needed.

#define AT_PER_OPERATOR_HEADERS

#include "runtime/engines/torch/graph.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gru.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rnn_tanh.h>
#include <ATen/ops/selu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/api/include/torch/version.h>

#include <cstring>
#include <new>

#include "base/box.h"
#include "base/plugin.h"

namespace quern::runtime::training {
namespace {

using at::Tensor;

constexpr auto kFloats = at::kFloat;

/// The library's own words: the first line, for the others tell of its source files.
std::string first_line(const std::string& words) { return words.substr(0, words.find('\n')); }

template <typename Run>
Result<void> guarded(Run run) {
  try {
    run();
    return {};
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "no memory is left to train the network"};
  } catch (const c10::Error& e) {
    const auto words = first_line(e.what_without_backtrace());
    if (words.find("DefaultCPUAllocator") == std::string::npos) {
      return Diagnostic{Code::engine_failed, "LibTorch: " + words};
    }
    return Diagnostic{Code::out_of_memory, "no memory is left to train the network: " + words};
  } catch (const std::exception& e) {
    return Diagnostic{Code::engine_failed, "LibTorch: " + first_line(e.what())};
  }
}

Tensor view(std::vector<float>& floats, std::int64_t rows, std::int64_t columns) {
  return at::from_blob(floats.data(), {rows, columns}, kFloats);
}

Tensor apply(ir::Activation activation, const Tensor& x) {
  using enum ir::Activation;
  switch (activation) {
    case relu: return at::relu(x);
    case relu6: return at::hardtanh(x, 0, 6);
    case leaky_relu: return at::leaky_relu(x, 0.01);
    case elu: return at::elu(x);
    case selu: return at::selu(x);
    case gelu: return at::gelu(x);
    case sigmoid: return at::sigmoid(x);
    case tanh: return at::tanh(x);
    case softplus: return at::softplus(x);
    case softsign: return x.div(x.abs().add(1));
    case swish: return at::silu(x);
  }
  return x;
}

/// Runs cells over packed steps: the outputs of each step, and the last state of each sequence.
std::pair<Tensor, Tensor> run_cells(const ir::RecurrentLayer& layer, const Tensor& steps,
                                    const Tensor& rows_at_step, std::int64_t sequences,
                                    const std::vector<Tensor>& weights) {
  const auto begin = at::zeros({layer.bidirectional ? 2 : 1, sequences, layer.outputs}, kFloats);
  if (layer.cell == ir::Cell::lstm) {
    auto [outputs, last, cells] = at::lstm(steps, rows_at_step, {begin, begin}, weights, true, 1, 0,
                                           false, layer.bidirectional);
    return {outputs, last};
  }
  auto [outputs, last] =
      layer.cell == ir::Cell::gru
          ? at::gru(steps, rows_at_step, begin, weights, true, 1, 0, false, layer.bidirectional)
          : at::rnn_tanh(steps, rows_at_step, begin, weights, true, 1, 0, false,
                         layer.bidirectional);
  return {outputs, last};
}

/// One tower: its layers' tensors, and what the last forward() left for backward().
class TowerGraph {
 public:
  TowerGraph(const ir::Tower& tower, const TowerLayout& layout, at::Generator& random)
      : tower_(tower), layout_(layout), random_(random), weights_(tower.layers.size()) {}

  /// Makes a tensor of the layer that it is named after.
  Tensor add_weight(std::size_t layer, const std::vector<std::int64_t>& shape, bool trained) {
    auto tensor = at::zeros(shape, kFloats);
    tensor.requires_grad_(trained);
    weights_[layer].push_back(tensor);
    return tensor;
  }

  Tensor forward(TowerInput& input, bool training) {
    input_ = &input;
    training_ = training;
    const auto positions = static_cast<std::int64_t>(input.positions.size());
    matrix_ = view(input.matrix, positions, layout_.columns);
    added_ = view(input.added, positions, layout_.added);
    matrix_.requires_grad_(training && layout_.learns_columns && positions > 0);
    added_.requires_grad_(training && layout_.added > 0);
    Tensor x = matrix_;
    for (std::size_t i = 0; i < tower_.layers.size(); ++i) {
      x = std::visit([&](const auto& layer) { return run(layer, i, x); }, tower_.layers[i]);
    }
    return x;
  }

  void take_slopes(TowerInput& input) {
    take(matrix_, input.matrix_slopes, input.matrix.size());
    take(added_, input.added_slopes, input.added.size());
    matrix_ = Tensor();
    added_ = Tensor();
  }

 private:
  static void take(const Tensor& from, std::vector<float>& slopes, std::size_t count) {
    slopes.assign(from.requires_grad() ? count : 0, 0);
    if (slopes.empty() || !from.grad().defined()) return;
    const auto gradient = from.grad().contiguous();
    std::memcpy(slopes.data(), gradient.data_ptr<float>(), count * sizeof(float));
  }

  Tensor run(const ir::LinearLayer& layer, std::size_t number, const Tensor& x) {
    const auto& weights = weights_[number];
    const Tensor bias = layer.bias ? weights[1] : Tensor();
    if (number > 0 || layout_.added == 0) return at::linear(x, weights[0], bias);
    if (layout_.columns > 0) return at::linear(x, weights[0], bias).add(added_);
    return layer.bias ? added_.add(bias) : added_;
  }
  Tensor run(const ir::ActivationLayer& layer, std::size_t /*number*/, const Tensor& x) {
    return apply(layer.activation, x);
  }
  Tensor run(const ir::DropoutLayer& layer, std::size_t /*number*/, const Tensor& x) {
    if (!training_ || layer.rate == 0) return x;
    const double kept = 1 - double{layer.rate};
    // A generator of our own: the library's is shared by all that use it.
    return x.mul(at::empty_like(x.detach()).bernoulli_(kept, random_).div_(kept));
  }
  Tensor run(const ir::BatchNormLayer& layer, std::size_t number, const Tensor& x) {
    const auto& w = weights_[number];
    // A single row has no variance.
    const bool by_batch = training_ && x.size(0) > 1;
    return at::batch_norm(x, w[0], w[1], w[2], w[3], by_batch, layer.momentum, layer.epsilon,
                          false);
  }
  Tensor run(const ir::RecurrentLayer& layer, std::size_t number, const Tensor& x) {
    const std::int64_t width = layer.bidirectional ? 2 * layer.outputs : layer.outputs;
    if (input_->order.empty()) return at::zeros({layer.whole ? 0 : input_->rows, width}, kFloats);
    const auto sequences = static_cast<std::int64_t>(input_->order.size());
    const auto steps =
        at::from_blob(input_->rows_at_step.data(),
                      {static_cast<std::int64_t>(input_->rows_at_step.size())}, at::kLong);
    const auto [outputs, last] = run_cells(layer, x, steps, sequences, weights_[number]);
    if (layer.whole) return outputs;
    const auto order = at::from_blob(input_->order.data(), {sequences}, at::kLong);
    const auto states = last.permute({1, 0, 2}).reshape({sequences, width});
    return at::zeros({input_->rows, width}, kFloats).index_copy(0, order, states);
  }

  const ir::Tower& tower_;
  const TowerLayout& layout_;
  at::Generator& random_;
  std::vector<std::vector<Tensor>> weights_;  ///< by layer
  TowerInput* input_ = nullptr;
  bool training_ = false;
  Tensor matrix_;
  Tensor added_;
};

/// The layer's number in "dnn.layer12.weight".
std::size_t layer_number(const std::string& tower, const std::string& tensor) {
  return std::stoul(tensor.substr(tower.size() + std::strlen(".layer")));
}

class TorchGraph final : public Graph {
 public:
  TorchGraph(const ir::Network& network, const Layout& layout, std::uint64_t seed)
      : random_(at::make_generator<at::CPUGeneratorImpl>(seed)) {
    for (std::size_t t = 0; t < network.towers.size(); ++t) {
      towers_.emplace_back(network.towers[t], layout.towers[t], random_);
    }
    for (const auto& shape : ir::tensor_shapes(network)) add_parameter(network, layout, shape);
  }

  std::vector<Parameter>& parameters() override { return parameters_; }

  Result<void> forward(std::span<TowerInput> inputs, bool training, float* margins) override {
    return guarded([&] {
      const c10::AutoGradMode mode(training);
      Tensor sum = towers_.front().forward(inputs.front(), training);
      for (std::size_t t = 1; t < towers_.size(); ++t) {
        sum = sum.add(towers_[t].forward(inputs[t], training));
      }
      const auto whole = sum.contiguous();
      std::memcpy(margins, whole.data_ptr<float>(), sizeof(float) * whole.numel());
      margins_ = training ? sum : Tensor();
    });
  }

  Result<void> backward(const float* slopes, bool anew, std::span<TowerInput> inputs) override {
    return guarded([&] {
      if (anew) {
        for (auto& tensor : tensors_) tensor.mutable_grad() = Tensor();
      }
      if (margins_.requires_grad()) {
        // Not written to; the interface takes no pointer to const.
        margins_.backward(at::from_blob(const_cast<float*>(slopes), margins_.sizes(), kFloats));
      }
      margins_ = Tensor();
      for (std::size_t t = 0; t < towers_.size(); ++t) towers_[t].take_slopes(inputs[t]);
      for (std::size_t i = 0; i < tensors_.size(); ++i) take_gradient(i);
    });
  }

 private:
  void add_parameter(const ir::Network& network, const Layout& layout,
                     const ir::TensorShape& shape) {
    for (std::size_t t = 0; t < network.towers.size(); ++t) {
      const auto& name = network.towers[t].name;
      if (!shape.name.starts_with(name + ".layer")) continue;
      Parameter parameter{shape.name, t, shape.shape};
      const auto layer = layer_number(name, shape.name);
      const bool weight = shape.shape.size() == 2;
      if (layer == 0 && weight && layout.towers[t].added > 0) {
        parameter.columns = layout.towers[t].weight_columns;
        parameter.shape[1] = static_cast<std::int64_t>(parameter.columns.size());
      }
      auto tensor = towers_[t].add_weight(layer, parameter.shape, shape.trained);
      parameter.values = tensor.data_ptr<float>();
      parameter.size = tensor.numel();
      parameter.trained = shape.trained;
      parameter.penalised = weight;
      tensors_.push_back(tensor);
      parameters_.push_back(std::move(parameter));
    }
  }
  void take_gradient(std::size_t i) {
    auto& gradient = tensors_[i].mutable_grad();
    if (gradient.defined() && !gradient.is_contiguous()) gradient = gradient.contiguous();
    parameters_[i].gradient = gradient.defined() ? gradient.data_ptr<float>() : nullptr;
  }

  at::Generator random_;
  std::vector<TowerGraph> towers_;
  std::vector<Parameter> parameters_;
  std::vector<Tensor> tensors_;  ///< of the parameters
  Tensor margins_;
};

/// Threads of the matrix products. OpenBLAS has its own count, which the library does not set.
using SetThreads = void (*)(int);
using GetThreads = int (*)();
struct Blas {
  SetThreads set = nullptr;
  GetThreads get = nullptr;
};

Blas find_blas() {
  const auto library = SharedLibrary::open({"libopenblas.so.0"});
  if (!library) return {};
  // The library itself stays: libtorch holds it.
  return {reinterpret_cast<SetThreads>(library->symbol("openblas_set_num_threads")),
          reinterpret_cast<GetThreads>(library->symbol("openblas_get_num_threads"))};
}

const Blas& blas() {
  static const Blas found = find_blas();
  return found;
}

}  // namespace

Result<std::unique_ptr<Graph>> make_graph(const ir::Network& network, const Layout& layout,
                                          std::uint64_t seed) {
  std::unique_ptr<Graph> graph;
  QUERN_CHECK(guarded([&] { graph = std::make_unique<TorchGraph>(network, layout, seed); }));
  return graph;
}

std::string library_words() { return std::string("LibTorch ") + TORCH_VERSION; }

ThreadCount::ThreadCount(int threads)
    : before_(at::get_num_threads()), blas_before_(blas().get != nullptr ? blas().get() : 0) {
  at::set_num_threads(threads);
  if (blas().set != nullptr) blas().set(threads);
}

ThreadCount::~ThreadCount() {
  at::set_num_threads(before_);
  if (blas_before_ > 0) blas().set(blas_before_);
}

}  // namespace quern::runtime::training
