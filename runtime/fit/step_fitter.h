#pragma once
// Features with steps: those whose steps the rows must tell wait in the pages as doubles until the
// last row has come.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "codegen/interpret/features.h"
#include "runtime/dataset/pages.h"

namespace quern::runtime {

/// Fits standardize, minmax, impute and quantile_bucket on the rows to learn from; sizes of
/// categories on all rows. Not thread-safe.
class StepFitter {
 public:
  /// For `learned`: statistics are taken of all rows.
  static constexpr int kAllRows = 256;

  /// \param fixed  the program is that of a model to go on from: nothing is fitted.
  StepFitter(const ir::FeatureProgram& program, bool fixed);

  /// True where a feature's values wait; its place in the pages is filled by finish().
  bool waits(std::size_t f) const { return states_[f].place >= 0; }

  /// Takes the rows of a feature with steps: into `slot`, or into `out` where nothing waits.
  void add(std::size_t f, const ir::Feature& feature, const Column& column,
           codegen::NumberFeatures& numbers, const PageStore::Slot& slot, float* out);

  /// What went wrong in a feature: infinite values, ids that are none.
  Diagnostics check(const ir::FeatureProgram& program, SourceSpan span) const;

  /// Fits what waits, step by step, and fills the pages.
  /// \param learned  statistics are taken of rows with a mark below it, or of kAllRows.
  /// Errors: infinite_value, bad_category_id, too_many_values, column_empty.
  Result<void> finish(ir::FeatureProgram& program, PageStore& pages, int learned, SourceSpan span);

  /// Warnings: function_undefined.
  void note(const ir::FeatureProgram& program, SourceSpan span, Diagnostics& notes) const;

  /// True where a feature had a value that is not missing.
  bool seen(std::size_t f) const { return states_[f].seen; }

 private:
  struct State {
    std::int32_t place = -1;  ///< among RowShape::waiting; -1: none
    std::size_t first = 0;    ///< steps that need no fitting, and stand before the others
    std::int64_t infinite = 0;
    std::int64_t undefined = 0;  ///< values of 0 and less that a logarithm met
    std::int64_t bad_ids = 0;
    bool seen = false;
  };
  static void run(State& state, const ir::Step& step, std::span<double> values);
  Result<void> fit(const ir::Feature& feature, ir::Step& step, const State& state, PageStore& pages,
                   int learned, SourceSpan span) const;
  void fill(std::size_t f, PageStore& pages);

  std::vector<State> states_;  ///< one a feature
};

}  // namespace quern::runtime
