#pragma once
// Whether a column is like an id: a value of its own in nearly every row.

#include <cstdint>
#include <string_view>

#include "base/column.h"
#include "runtime/fit/value_sketch.h"

namespace quern::runtime {

/// Looks at the texts, or whole numbers in a column of any number type, as long as they may be ids;
/// a column whose values repeat or have fractions costs nothing behind the rows that show it. The
/// answer does not depend on the order of the rows, but for columns whose first rows all repeat and
/// whose later ones do not. Not thread-safe.
class IdWatch {
 public:
  void add(const Column& column);

  /// True where nearly all of at least 50 rows have a value, and nearly all of these one of their
  /// own, and that is no measurement's doing: text always; whole numbers where so many drawn evenly
  /// from their range would have repeated, or where the name says that they are ids.
  bool is_like_id(std::string_view name) const;

  std::int64_t rows() const { return rows_; }
  /// The share of rows with a value of their own, as far as the kept values tell.
  double own_share() const;

 private:
  void add_texts(const Column& column);
  void add_numbers(const Column& column);
  template <typename T>
  void add_whole(const Column& column);
  template <typename T>
  void add_real(const Column& column);
  void add_wide(const Column& column);
  void add_number(std::int64_t value);
  bool would_repeat() const;

  bool open_ = true;
  bool text_ = false;
  ValueSketch sketch_;
  std::int64_t rows_ = 0;
  std::int64_t missing_ = 0;
  double low_ = 0;
  double high_ = 0;
};

/// True for `id`, `ID`, `customer_id`, `customerId`, `uuid`, `order_no` and the like.
bool is_named_like_id(std::string_view name);

}  // namespace quern::runtime
