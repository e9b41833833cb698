#pragma once
// A neural network with its weights: what the engine that trained it left behind, read and checked,
// and the slow and obvious scorer of it.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codegen/forest/model_shape.h"
#include "codegen/interpret/sparse_rows.h"
#include "compiler/ir/network.h"
#include "compiler/ir/tensors.h"

namespace quern::codegen {

/// The numbers of a layer or block, found once.
struct NetworkModel : ModelShape {
  ir::Network network;
  std::vector<ir::Tensor> tensors;  ///< as ir::tensor_shapes() of the network, finite

  /// The tensor of that name, which the network has.
  std::span<const float> numbers(std::string_view name) const;
  friend bool operator==(const NetworkModel&, const NetworkModel&) = default;
};

/// The entries of rows' sparse groups. Empty where a view shows them as columns behind the dense
/// ones, NaN for what is absent.
using GroupRows = std::span<const SparseRows>;

/// Reads what the payload format "quern.network" holds. Checks every name, shape and number, so
/// that a scorer may trust the result. \param objective  says the link function.
/// Errors: corrupt_model, model_too_new, not_in_this_version, out_of_memory.
Result<NetworkModel> read_network(std::span<const std::uint8_t> payload,
                                  std::string_view objective);

/// Under this name a payload says how many layers make an encoding, where more stand behind them
/// that give rows back. read_network() leaves those out.
inline constexpr std::string_view kEncoderLayers = "encoder_layers";
/// As read_network(), with all layers.
Result<NetworkModel> read_whole_network(std::span<const std::uint8_t> payload,
                                        std::string_view objective);

/// Groups of rows that a view shows as columns.
std::vector<SparseRows> groups_of(const NetworkModel& model, const FeatureView& x);

/// Scores rows one by one in float64: slow, obvious, the oracle of the kernels, which agree with it
/// and with the library that trained within 1e-5 of the margin plus 1e-6.
///
/// \param x   at least the network's dense columns, and those of its groups where `groups` is
/// empty. \param out f32, [x.rows, model.outputs], row-major; margins, before the link function.
/// Threads:
///            const, re-entrant.
void predict_margins(const NetworkModel& model, const FeatureView& x, std::span<float> out,
                     BaseMargins base = {}, GroupRows groups = {});

}  // namespace quern::codegen
