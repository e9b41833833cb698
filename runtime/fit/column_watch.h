#pragma once
// What a look at each column's own values tells while rows pass: columns with a single value, and
// columns that are like ids.

#include <vector>

#include "base/diagnostic.h"
#include "compiler/ir/statement.h"
#include "runtime/fit/constant_watch.h"
#include "runtime/fit/id_watch.h"

namespace quern::runtime {

/// Watches the columns that features are made of. Not thread-safe.
class ColumnWatch {
 public:
  /// Of a training that goes on from a model nothing is watched: its features cannot change.
  explicit ColumnWatch(const ir::Train& statement);

  void add(const ColumnBatch& batch);

  /// Warnings, one a kind: constant_column, id_column. \param program  as fitted: a text may have
  /// turned out to be a vector, which is no id.
  void note(const ir::FeatureProgram& program, Diagnostics& notes) const;

 private:
  struct Watched {
    ConstantWatch constant;
    IdWatch id;
  };
  void note_constants(Diagnostics& notes) const;
  void note_ids(const ir::FeatureProgram& program, Diagnostics& notes) const;

  const ir::Train& statement_;
  std::vector<Watched> columns_;  ///< one an input of the program; empty: none is watched
};

}  // namespace quern::runtime
