#pragma once
// Results that are made row by row, on their way to a sink in batches.

#include <cstdint>
#include <vector>

#include "base/column_builder.h"
#include "runtime/sinks/sink.h"

namespace quern::runtime {

/// Collects rows of one schema: append to every column, then end_row(). Not thread-safe.
class RowWriter {
 public:
  RowWriter(const Schema& schema, Sink& sink);

  ColumnBuilder& column(std::size_t i) { return columns_[i]; }
  Result<void> end_row();
  /// Writes what is left; returns the number of rows in all.
  Result<std::int64_t> finish();

 private:
  Result<void> flush();

  Sink& sink_;
  std::vector<ColumnBuilder> columns_;
  std::int64_t written_ = 0;
};

}  // namespace quern::runtime
