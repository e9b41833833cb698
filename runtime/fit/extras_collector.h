#pragma once
// The columns that say more of a row than features, label and weight: its group, what its margins
// begin with, and the upper bound of its label.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "compiler/ir/statement.h"
#include "runtime/dataset/pages.h"
#include "runtime/dataset/row_split.h"

namespace quern::runtime {

/// Numbers the groups of rows that lie together, and counts what is wrong with them.
class GroupCollector {
 public:
  GroupCollector(std::size_t column, std::string name);

  /// Writes the number of each row's group; `weights`, where not null, are the rows' own.
  void add(const ColumnBatch& batch, std::uint32_t* groups, const float* weights);
  /// Errors: broken_group.
  void check(Diagnostics& errors) const;

 private:
  void begin_group(std::uint64_t hash, const Column& column, std::int64_t row);

  std::size_t column_;
  std::string name_;
  RowHasher hasher_;
  Repeats seen_;
  std::optional<std::uint64_t> last_;  ///< hash of the group that the rows are in
  std::uint32_t number_ = 0;
  float weight_ = 0;     ///< of the group's first row
  bool uneven_ = false;  ///< the group's rows differ in weight
  std::int64_t nulls_ = 0;
  std::int64_t apart_ = 0;  ///< groups that came before, and ended
  std::string first_apart_;
  std::int64_t uneven_groups_ = 0;
};

/// Reads the extras of every row into the pages. Errors come at check(), so that they can count.
class ExtrasCollector {
 public:
  /// \param columns  of the query with `schema`, whose label is column `label`.
  ExtrasCollector(const ir::RowExtras& columns, const Schema& schema, std::size_t label);

  /// Where groups are, weights must be written already.
  void add(const ColumnBatch& batch, const PageStore::Slot& slot);

  /// What is wrong with the rows so far; no spans. Errors: broken_group, bad_base_margin,
  /// bad_upper_bound.
  Diagnostics check() const;

 private:
  void add_margins(const ColumnBatch& batch, const PageStore::Slot& slot);
  void add_bounds(const ColumnBatch& batch, float* out);

  const ir::RowExtras& columns_;
  const Schema& schema_;
  std::size_t label_;
  std::optional<GroupCollector> groups_;
  std::vector<std::int64_t> bad_margins_;  ///< rows, by base margin
  std::int64_t bad_bounds_ = 0;
};

/// Where the statement names the column that an error of ExtrasCollector is about.
SourceSpan span_of_extra(const ir::Train& statement, Code code);

}  // namespace quern::runtime
