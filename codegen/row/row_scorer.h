#pragma once
// Features and model for one row at a time: the scorer of programs that have no batch.

#include <memory>
#include <span>

#include "base/result.h"
#include "base/row_value.h"
#include "codegen/forest/model_shape.h"
#include "compiler/ir/manifest.h"

namespace quern::codegen {

/// Threads: const, re-entrant. Allocates nothing once a thread has scored a first row; nothing at
/// all where the model has at most 1,024 features and reads no texts that are vectors.
class RowScorer {
 public:
  virtual ~RowScorer() = default;
  virtual std::int32_t outputs() const = 0;
  virtual Link link() const = 0;
  /// Fills `margins`, [outputs()]; as Scorer::score() of a batch with this row, bit by bit.
  /// \param row  the inputs of the features, then the base margins. Errors: those of RowFeatures,
  /// bad_base_margin.
  virtual Result<void> score(std::span<const RowValue> row, std::span<float> margins) const = 0;
};

/// \param manifest  outlives the scorer. Errors: corrupt_model, not_in_this_version.
Result<std::unique_ptr<RowScorer>> make_row_scorer(const ir::Manifest& manifest,
                                                   std::span<const std::uint8_t> payload);

}  // namespace quern::codegen
