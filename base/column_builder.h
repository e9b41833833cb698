#pragma once
// Builds one column value by value; for results that we make ourselves.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/column.h"

namespace quern {

/// Appends values of one kind and hands out the finished column. Not thread-safe.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(ColumnType type);

  void append_null();
  void append_bool(bool value);  ///< boolean
  void append_int(
      std::int64_t value);           ///< integers, date, time, timestamps: cut to the kind's width
  void append_double(double value);  ///< float32 and float64
  void append_decimal(__int128 value);       ///< decimal, already multiplied by 10^scale
  void append_text(std::string_view value);  ///< text, blob, other, big_number
  void append_interval(const Interval& value);
  /// The elements of the list that end_list() will close.
  ColumnBuilder& elements() { return elements_.front(); }
  void end_list();  ///< list: of what was appended to elements() since the last row
  /// Copies one value of a column of the same type, NULL included.
  void append_from(const Column& source, std::int64_t row);

  std::int64_t length() const { return length_; }
  /// The column built so far; the builder is empty again.
  Column finish();

 private:
  void append_validity(bool valid);
  void append_bytes(const void* data, std::size_t size);
  void append_list(const Column& source, std::int64_t row);
  std::int32_t end_of_row() const;

  ColumnType type_;
  std::int64_t length_ = 0;
  std::int64_t null_count_ = 0;
  std::vector<std::uint8_t> validity_;
  std::vector<std::uint8_t> values_;
  std::vector<std::int32_t> offsets_;
  std::vector<ColumnBuilder> elements_;  ///< one for lists, else none
};

}  // namespace quern
