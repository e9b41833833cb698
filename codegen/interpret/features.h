#pragma once
// The feature program, interpreted: batches of columns to a float32 matrix. Slow, obvious, the
// oracle of compiled code.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "codegen/interpret/sparse_rows.h"
#include "codegen/interpret/steps.h"
#include "codegen/interpret/text_table.h"
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

/// Computes what features that need no dictionary read: numbers, parts of dates, elements of lists.
/// One object serves the columns of one batch, feature by feature; the elements of a list are
/// converted once for all its features that follow one another. T: float or double.
template <typename T>
class PlainValues {
 public:
  /// Fills `out`, column.length elements; NaN where the value is missing. `transform` is no
  /// category.
  void run(const ir::Transform& transform, const Column& column, T* out);

  const BadTexts& bad() const { return bad_; }  ///< that are no vectors of their length

 private:
  void run_element(const Column& column, std::int32_t index, T* out);
  void run_text(const Column& column, const ir::Element& element, T* out);
  void read_texts(const Column& column, const ir::Element& element);

  const Column* list_ = nullptr;  ///< whose elements `elements_` holds
  std::vector<T> elements_;       ///< of text row by row, NaN where there are none
  std::string delimiter_;         ///< by which those of text were found
  std::int32_t of_ = 0;
  bool ragged_ = false;
  BadTexts bad_;
};

/// The same with the steps behind it: all features of one batch that begin with a number.
class NumberFeatures {
 public:
  /// Fills `out` as above; the feature's steps are fitted.
  void run(const ir::Feature& feature, const Column& column, float* out);
  /// Only what the feature reads, without its steps.
  void read(const ir::Feature& feature, const Column& column, double* out) {
    sources_.run(feature.transform, column, out);
  }
  /// Texts of the batch that are no vectors of the length that features want.
  const BadTexts& bad() const { return plain_.bad().count > 0 ? plain_.bad() : sources_.bad(); }

 private:
  PlainValues<float> plain_;
  PlainValues<double> sources_;
  std::vector<double> values_;
};

/// Computes a Cross. \param columns for each input of the program, its column of the batch.
void run_cross(const ir::Cross& cross, const ColumnBatch& batch,
               const std::vector<std::size_t>& columns, float* out);

/// Runs a fitted program. Threads: const, re-entrant.
class FeatureInterpreter {
 public:
  /// \param columns for each input of the program, the column of the batches that holds it.
  FeatureInterpreter(const ir::FeatureProgram& program, std::vector<std::size_t> columns);

  /// Fills column-major `out`: feature f of row r at [f * stride + r], stride >= batch.rows; those
  /// of groups are left out, hidden ones not. Errors: list_length_changed.
  Result<void> run(const ColumnBatch& batch, float* out, std::int64_t stride) const;

  /// The same of some features: features[i] of row r at [i * stride + r].
  Result<void> run_some(const ColumnBatch& batch, const std::vector<std::size_t>& features,
                        float* out, std::int64_t stride) const;

  /// Appends the entries of each group. \param features  as run() has filled them.
  Result<void> run_groups(const ColumnBatch& batch, const float* features, std::int64_t stride,
                          std::vector<SparseRows>& out) const;

  /// Fills column-major `out`, [width(program), batch.rows], with the features of groups too.
  /// Errors: as run().
  Result<void> run_wide(const ColumnBatch& batch, std::vector<float>& out) const;

 private:
  Result<void> check_lists(const ColumnBatch& batch) const;
  void run_feature(std::size_t feature, const ColumnBatch& batch, NumberFeatures& numbers,
                   float* out) const;

  const ir::FeatureProgram& program_;
  std::vector<std::size_t> columns_;
  std::vector<TextTable> codes_;  ///< for each feature; empty unless it has a vocabulary
};

}  // namespace quern::codegen
