#pragma once
// A model as data, of any kind. Read from the training library's own model format by a reader of
// ours, so that prediction needs no training library.

#include <cstdint>
#include <span>
#include <variant>

#include "base/result.h"
#include "codegen/forest/forest.h"
#include "codegen/forest/linear.h"
#include "codegen/network/network_model.h"

namespace quern::codegen {

using Model = std::variant<Forest, Linear, NetworkModel>;

inline const ModelShape& shape_of(const Model& model) {
  return std::visit([](const auto& of_kind) -> const ModelShape& { return of_kind; }, model);
}

/// Scores rows; see the overload of the model's kind.
inline void predict_margins(const Model& model, const FeatureView& x, std::span<float> out,
                            BaseMargins base = {}) {
  std::visit([&](const auto& of_kind) { predict_margins(of_kind, x, out, base); }, model);
}

/// Reads a gbtree, dart or gblinear model as XGBoost 1.7 saves it, UBJ or JSON (told apart by
/// content). Checks every index and size, so that a scorer may trust the result. Runs no code of
/// the payload. Refuses NaN thresholds, and leaves and weights that are not finite; memory stays
/// within a small multiple of the payload plus 256 MB for category sets. Pruned nodes are left out.
/// Errors: corrupt_model, out_of_memory, not_in_this_version (multi-output trees, objectives whose
/// link is not known here).
Result<Model> read_xgboost_model(std::span<const std::uint8_t> payload);

}  // namespace quern::codegen
