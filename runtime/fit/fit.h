#pragma once
// Fitting: one pass over the training rows turns the unfitted feature program into a fitted one and
// spools the rows as feature pages.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "compiler/plan/plan.h"
#include "runtime/dataset/pages.h"
#include "runtime/dataset/row_split.h"
#include "runtime/fit/column_watch.h"
#include "runtime/fit/dictionary.h"
#include "runtime/fit/extras_collector.h"
#include "runtime/fit/group_fitter.h"
#include "runtime/fit/label_collector.h"
#include "runtime/fit/step_fitter.h"
#include "runtime/fit/vector_finder.h"

namespace quern::runtime {

/// What the pass found.
struct Fitted {
  ir::FeatureProgram program;
  ir::Label label;  ///< of a training without one only the answer's name, and its task
  const ir::Objective* objective = nullptr;
  ir::LabelDomain domain = ir::LabelDomain::any;  ///< of a label that is a number
  std::unique_ptr<PageStore> pages;
  std::unique_ptr<PageSource> train;       ///< the rows to learn from; lies in `pages`
  std::unique_ptr<PageSource> validation;  ///< the rows kept apart; null where there are none
  std::unique_ptr<PageSource> test;        ///< those of the last test; null where there are none
  ir::SplitMethod split = ir::SplitMethod::none;  ///< never by_size
  int folds = 0;                                  ///< kfold only; `train` is all of them
  std::vector<float> class_factors;               ///< of row weights, by class; empty: 1
  std::unique_ptr<PageStore> validation_pages;    ///< rows of validation.select
  Diagnostics notes;

  /// Of all folds, or of all but one.
  std::vector<std::uint8_t> marks_of_folds(std::optional<int> but = {}) const;
};

/// Feed it every batch of the query, in order, then finish. Not thread-safe.
class Fitter {
 public:
  /// `plan` must outlive the fitter.
  explicit Fitter(const plan::Train& plan);

  /// Features beyond so many bytes lie in a temporary file. Before the first batch.
  void keep_in_memory(std::int64_t bytes) { pages_->keep_in_memory(bytes); }

  void add(const ColumnBatch& batch);

  /// Sorts vocabularies, turns provisional codes in the pages into final ones, fits steps, checks
  /// values, splits. Errors: those of LabelCollector::finish(), ExtrasCollector::check() and
  /// StepFitter::finish(), infinite_value, too_many_values, bad_weight, empty_split; at most ten.
  Result<Fitted> finish();

 private:
  void add_feature(std::size_t f, const ColumnBatch& batch, codegen::NumberFeatures& numbers,
                   const PageStore::Slot& slot);
  void add_weights(const Column& column, float* out);
  void check_dictionaries(Diagnostics& errors) const;
  Diagnostics check_values() const;
  void begin_split();
  void mark_rows(const ColumnBatch& batch, const PageStore::Slot& slot);
  Result<void> mark_parts(Fitted& out);
  void mark_ranked(Fitted& out);
  void note_rare_classes(const std::vector<std::int64_t>& counts, Fitted& out) const;
  Result<void> finish_label(Fitted& out, Diagnostics errors);
  int learned_marks(ir::SplitMethod split) const;
  Diagnostic empty_side(const char* side, std::int64_t rows) const;
  Result<void> finish_features(Fitted& out);
  Result<void> finish_split(Fitted& out);
  Result<void> weigh_classes(Fitted& out);

  const plan::Train& plan_;
  StepFitter steps_;
  GroupFitter groups_;
  VectorFinder vectors_;
  ColumnWatch watch_;
  std::unique_ptr<PageStore> pages_;
  std::optional<LabelCollector> label_;  ///< none of a training without a label
  ExtrasCollector extras_;
  std::optional<RowDraw> draw_;  ///< while a drawn split is possible
  std::optional<SplitColumn> split_column_;
  std::vector<std::optional<Dictionary>> dictionaries_;  ///< one a feature; of texts
  std::vector<std::int64_t> infinite_;                   ///< values beyond float32, one a feature
  codegen::BadTexts bad_texts_;  ///< that are no vectors of the length that features want
  std::vector<bool> seen_;       ///< a value that is not missing, one a feature
  std::int64_t bad_weights_ = 0;
  bool any_weight_ = false;  ///< one above zero
};

}  // namespace quern::runtime
