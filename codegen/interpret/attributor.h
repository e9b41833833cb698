#pragma once
// How much each feature moved a row's margins, whatever kind of model gave them.

#include <optional>

#include "codegen/forest/model.h"
#include "codegen/interpret/shap.h"

namespace quern::codegen {

/// Exact Tree SHAP of a forest, or the terms of a linear model. Threads: const, re-entrant.
class Attributor {
 public:
  /// `model` must outlive it. Errors: those of TreeShap::make().
  static Result<Attributor> make(const Model& model);

  /// Values a row: for each output one a feature, then the expected margin (the bias).
  std::size_t width() const;

  /// Fills out[width()], output after output. Each output's values sum to its margin, up to
  /// rounding.
  void explain(const FeatureView& x, std::int64_t row, std::span<double> out,
               BaseMargins base = {}) const;

 private:
  explicit Attributor(const Model& model) : model_(model) {}

  const Model& model_;
  std::optional<TreeShap> trees_;  ///< of a forest
};

}  // namespace quern::codegen
