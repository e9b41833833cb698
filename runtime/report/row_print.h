#pragma once
// A fingerprint of rows by their values: the same for the same rows in any order, on any database
// that holds the values exactly.

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"
#include "runtime/dataset/row_split.h"

namespace quern::runtime {

class RowPrint {
 public:
  explicit RowPrint(std::vector<std::size_t> columns) : hasher_(std::move(columns), 0) {}

  void add(const ColumnBatch& batch) {
    for (const auto hash : hasher_.hash(batch)) sum_ += fold_hash(kFnvBasis, hash);
  }
  /// 16 hexadecimal digits.
  std::string text() const;

 private:
  RowHasher hasher_;
  std::uint64_t sum_ = 0;  ///< a sum has no order
};

}  // namespace quern::runtime
