#pragma once
// NULLs of a column that is gathered value by value.

#include <cstdint>
#include <utility>
#include <vector>

#include "base/column.h"

namespace quern {

/// Which rows are not NULL; bits from the first NULL on.
class Validity {
 public:
  void add(bool valid) {
    if (!valid) {
      if (bits_.empty()) bits_.assign(static_cast<std::size_t>(rows_ / 8 + 1), 0xff);
      ++nulls_;
    }
    if (!bits_.empty()) {
      const auto byte = static_cast<std::size_t>(rows_ / 8);
      if (byte == bits_.size()) bits_.push_back(0xff);
      if (!valid) bits_[byte] &= static_cast<std::uint8_t>(~(1U << (rows_ % 8)));
    }
    ++rows_;
  }
  std::int64_t rows() const { return rows_; }
  void finish(Column& out) {
    out.length = rows_;
    out.null_count = nulls_;
    if (nulls_ > 0) out.validity = Buffer::own(std::move(bits_));
    *this = {};
  }

 private:
  std::int64_t rows_ = 0;
  std::int64_t nulls_ = 0;
  std::vector<std::uint8_t> bits_;
};

}  // namespace quern
