#pragma once
// What TO PREDICT adds to a row: the prediction, and what was asked for with it.

#include <cstdint>
#include <vector>

#include "base/column_builder.h"
#include "codegen/scorer.h"
#include "compiler/ir/statement.h"
#include "runtime/pipeline/outcomes.h"

namespace quern::runtime {

/// Margins to columns. Threads: const, re-entrant.
class Results {
 public:
  /// Both outlive it.
  Results(const ir::Predict& statement, const codegen::Scorer& scorer);

  /// The columns of the statement's output behind those that are kept.
  /// \param margins  [rows, outputs]; they become answers.
  std::vector<Column> build(std::vector<float>& margins, std::int64_t rows) const;

 private:
  using Builders = std::vector<ColumnBuilder>;
  void append_class(Builders& columns, std::size_t at, std::size_t c) const;
  void add_class(Builders& columns, std::span<const float> row,
                 std::vector<std::size_t>& ranked) const;
  void add_ranked(Builders& columns, std::span<const float> row, std::size_t at,
                  std::vector<std::size_t>& ranked) const;

  const ir::Predict& s_;
  const ir::Label& label_;
  Outcomes outcomes_;
};

}  // namespace quern::runtime
