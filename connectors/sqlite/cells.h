#pragma once
// One column of a batch while its rows come in: SQLite's values, checked against one type.

#include <sqlite3.h>

#include <cstring>
#include <string_view>
#include <vector>

#include "base/column.h"

namespace quern::sqlite {

/// Collects values of one kind. Rows are those taken since the last finish().
class Cells {
 public:
  /// \param lenient  text takes numbers too, as SQLite writes them.
  Cells(ColumnType type, bool lenient);

  const ColumnType& type() const { return type_; }
  /// Takes one value; false, and takes nothing, where it is not of the type.
  bool take(sqlite3_value* value) {
    const int stored = sqlite3_value_type(value);
    // What most columns hold.
    if (stored == SQLITE_FLOAT && type_.kind == TypeKind::float64)
      return put(sqlite3_value_double(value));
    if (stored == SQLITE_INTEGER && type_.kind == TypeKind::int64)
      return put(static_cast<std::int64_t>(sqlite3_value_int64(value)));
    return take_other(value, stored);
  }
  std::int64_t rows() const { return rows_; }
  /// Bytes of texts and blobs so far.
  std::size_t bytes() const { return is_bytes(type_.kind) ? used_ : 0; }
  /// The rows so far as a column; begins anew.
  Column finish();

 private:
  template <typename T>
  bool put(T value) {
    if (used_ + sizeof(T) > values_.size()) make_room(sizeof(T));
    std::memcpy(values_.data() + used_, &value, sizeof(T));
    used_ += sizeof(T);
    ++rows_;
    return true;
  }
  bool take_other(sqlite3_value* value, int stored);
  bool take_number(sqlite3_value* value, int stored);
  bool take_time(std::string_view text);
  bool take_null();
  bool put_bytes(std::string_view bytes);
  void make_room(std::size_t bytes);
  Buffer validity() const;
  Buffer bits() const;

  ColumnType type_;
  bool lenient_;
  std::int64_t rows_ = 0;
  std::size_t used_ = 0;              ///< of `values_`
  std::vector<std::uint8_t> values_;  ///< booleans: a byte each
  std::vector<std::int32_t> offsets_;
  std::vector<std::int64_t> nulls_;  ///< rows
};

/// The bytes of a TEXT or BLOB value, or of a number as SQLite writes it; valid until the value
/// changes.
std::string_view bytes_of(sqlite3_value* value);

}  // namespace quern::sqlite
