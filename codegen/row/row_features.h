#pragma once
// The feature program for one row of a caller's values, without an allocation.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/row_value.h"
#include "codegen/interpret/features.h"
#include "codegen/interpret/text_table.h"
#include "codegen/interpret/text_vectors.h"
#include "compiler/ir/feature_program.h"

namespace quern::codegen {

/// What a row needs besides the stack; it keeps its room from row to row. One serves one thread.
struct RowScratch {
  std::vector<float> features;
  std::vector<double> numbers;       ///< of the text that was read last
  std::vector<SparseEntry> entries;  ///< of all groups, one behind the other
  std::vector<std::size_t> ends;     ///< where each group's end
};

/// Computes the features of a row as FeatureInterpreter does those of a batch, bit by bit. Dates
/// are given as days since 1970-01-01, times and intervals in seconds, timestamps of every kind as
/// microseconds since then. Threads: const, re-entrant.
class RowFeatures {
 public:
  /// \param program  outlives it. Errors: not_in_this_version for what needs memory (NGRAMS).
  static Result<RowFeatures> make(const ir::FeatureProgram& program);

  /// Fills `out`, [program.features.size()]. Errors: column_retyped, list_length_changed,
  /// bad_vector_text, bad_model_call (a number that is no category of a double).
  Result<void> run(std::span<const RowValue> row, float* out, RowScratch& scratch) const;
  /// Fills the entries of each group. \param features  as run() has filled them.
  Result<void> run_groups(std::span<const RowValue> row, const float* features,
                          RowScratch& scratch) const;

 private:
  explicit RowFeatures(const ir::FeatureProgram& program);
  Result<void> check(std::span<const RowValue> row) const;
  Result<void> run_one(std::size_t f, std::span<const RowValue> row, float* out,
                       RowScratch& scratch) const;

  const ir::FeatureProgram& program_;
  std::vector<TextTable> codes_;  ///< for each feature; empty unless it has a vocabulary
  bool plain_ = true;             ///< each feature is a number as it is
};

}  // namespace quern::codegen
