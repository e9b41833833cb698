#pragma once
// Fitting: one pass over the training rows turns the unfitted feature program into a fitted one and
// spools the rows as feature pages.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "compiler/plan/plan.h"
#include "runtime/dataset/pages.h"
#include "runtime/fit/label_collector.h"

namespace quern::runtime {

/// What the pass found.
struct Fitted {
  ir::FeatureProgram program;
  ir::Label label;
  const ir::Objective* objective = nullptr;
  std::unique_ptr<PageStore> pages;
  Diagnostics notes;
};

/// Feed it every batch of the query, in order, then finish. Not thread-safe.
class Fitter {
 public:
  /// `plan` must outlive the fitter.
  explicit Fitter(const plan::Train& plan);

  void add(const ColumnBatch& batch);

  /// Sorts vocabularies, turns provisional codes in the pages into final ones, checks values.
  /// Errors: those of LabelCollector::finish(), infinite_value, bad_weight; at most ten.
  Result<Fitted> finish();

 private:
  struct Dictionary {
    codegen::TextCodes codes = {};
    std::vector<std::string> values = {};  ///< by provisional code
    bool hashed = false;
  };

  void add_feature(std::size_t f, const Column& column, float* out);
  void add_category(std::size_t f, const Column& column, float* out);
  float code_of(std::size_t f, std::string_view value);
  void start_hashing(std::size_t f);
  void add_weights(const Column& column, float* out);
  void finish_category(std::size_t f, ir::Feature& feature);
  Diagnostics check_values() const;

  const plan::Train& plan_;
  std::unique_ptr<PageStore> pages_;
  LabelCollector label_;
  std::vector<Dictionary> dictionaries_;  ///< one a feature; used by categories
  std::vector<std::int64_t> infinite_;    ///< values beyond float32, one a feature
  std::int64_t bad_weights_ = 0;
  bool any_weight_ = false;  ///< one above zero
};

}  // namespace quern::runtime
