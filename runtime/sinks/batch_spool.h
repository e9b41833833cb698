#pragma once
// Rows that wait until the query that gives them has ended: in memory up to a bound, and in a
// temporary file beyond it.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "runtime/dataset/nameless_file.h"

namespace quern::runtime {

/// Batches of one schema, in the order they came. Not thread-safe.
class BatchSpool {
 public:
  /// \param memory_bytes  what may be held in memory; batches behind the first one that does not
  ///                      fit go into the file.
  explicit BatchSpool(std::int64_t memory_bytes) : memory_left_(memory_bytes) {}

  /// Errors: out_of_memory where the file cannot be made or has no room. Cost of a batch in the
  /// file: a copy value by value, and one write.
  Result<void> add(ColumnBatch batch);
  /// Hands out all batches, once; ends at the first error of `take`, which it returns.
  Result<void> drain(const std::function<Result<void>(const ColumnBatch&)>& take);

 private:
  void write(const ColumnBatch& batch);
  ColumnBatch read(std::size_t offset, std::size_t bytes) const;

  std::int64_t memory_left_;
  std::vector<ColumnBatch> held_;
  std::optional<NamelessFile> file_;
  std::vector<ColumnType> types_;     ///< of the columns in the file
  std::vector<std::size_t> written_;  ///< bytes of each batch there
};

}  // namespace quern::runtime
