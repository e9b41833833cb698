#pragma once
// The feature program, interpreted: batches of columns to a float32 matrix. Slow, obvious, the
// oracle of compiled code.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "compiler/ir/feature_program.h"

namespace quern::codegen {

/// Look-up by string_view without building a string.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
using TextCodes = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

/// Writes a column as float32: float32(double(x)), booleans as 0 and 1, times and intervals in
/// seconds, NULL as NaN. `out` has `column.length` elements; the column's kind is one of these.
void numbers_to_float(const Column& column, float* out);

/// The same without the last rounding; for labels and weights.
void numbers_to_double(const Column& column, double* out);

/// Computes the features that need no dictionary: numbers, parts of dates, elements of lists.
/// One object serves the columns of one batch, feature by feature; the elements of a list are
/// converted once for all its features that follow one another.
class PlainFeatures {
 public:
  /// Fills `out`, column.length elements; NaN where the value is missing. `feature` is no category.
  void run(const ir::Feature& feature, const Column& column, float* out);

 private:
  void run_element(const Column& column, std::int32_t index, float* out);

  const Column* list_ = nullptr;  ///< whose elements `elements_` holds
  std::vector<float> elements_;
};

/// Runs a fitted program. Threads: const, re-entrant.
class FeatureInterpreter {
 public:
  /// \param columns for each input of the program, the column of the batches that holds it.
  FeatureInterpreter(const ir::FeatureProgram& program, std::vector<std::size_t> columns);

  /// Fills column-major `out`: feature f of row r at [f * stride + r], stride >= batch.rows.
  /// Errors: list_length_changed.
  Result<void> run(const ColumnBatch& batch, float* out, std::int64_t stride) const;

 private:
  Result<void> check_lists(const ColumnBatch& batch) const;

  const ir::FeatureProgram& program_;
  std::vector<std::size_t> columns_;
  std::vector<TextCodes> codes_;  ///< for each feature; empty unless it has a vocabulary
};

}  // namespace quern::codegen
