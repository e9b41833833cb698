#pragma once
// What TO PREDICT adds to a row: the prediction, and what was asked for with it.

#include <cstdint>
#include <vector>

#include "base/column_builder.h"
#include "codegen/scorer.h"
#include "compiler/ir/statement.h"
#include "runtime/pipeline/outcomes.h"
#include "runtime/pipeline/unlabelled_model.h"

namespace quern::runtime {

/// Margins to columns. Threads: const, re-entrant.
class Results {
 public:
  /// All outlive it. \param unlabelled  tells distances; null where none are asked for.
  Results(const ir::Predict& statement, const codegen::Scorer& scorer,
          const UnlabelledModel* unlabelled);

  /// The columns of the statement's output behind those that are kept.
  /// \param margins  [rows, outputs] of the batch; they become answers. Errors: those of
  /// UnlabelledModel::each_row().
  Result<std::vector<Column>> build(std::vector<float>& margins, const ColumnBatch& batch) const;

 private:
  using Builders = std::vector<ColumnBuilder>;
  void append_class(Builders& columns, std::size_t at, std::size_t c) const;
  void add_class(Builders& columns, std::span<const float> row,
                 std::vector<std::size_t>& ranked) const;
  Result<void> add_distances(ColumnBuilder& column, std::span<const float> answers,
                             const ColumnBatch& batch) const;
  void add_ranked(Builders& columns, std::span<const float> row, std::size_t at,
                  std::vector<std::size_t>& ranked) const;

  const ir::Predict& s_;
  const ir::Label& label_;
  Outcomes outcomes_;
  const UnlabelledModel* unlabelled_;
};

}  // namespace quern::runtime
