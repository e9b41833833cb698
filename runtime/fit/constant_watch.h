#pragma once
// Whether a column has a single value.

#include <string>

#include "base/column.h"

namespace quern::runtime {

/// Looks at the rows of one column until a NULL or a second value comes; most columns cost nothing
/// behind their second row. Exact, in any row order. Not thread-safe.
class ConstantWatch {
 public:
  void add(const Column& column);

  /// True where there were rows, none of them NULL or NaN, and all of one value.
  bool is_constant() const { return open_ && any_; }
  /// That value as people read it; long ones are cut off.
  const std::string& value() const { return shown_; }

 private:
  bool is_all(const Column& column) const;

  bool open_ = true;
  bool any_ = false;
  std::string first_;  ///< the bytes of the first row
  std::string shown_;
};

}  // namespace quern::runtime
