#pragma once
// Column batches: how rows travel from a connector to kernels and sinks. The layout is Apache
// Arrow's, so a batch can leave the library through the Arrow C data interface without copying.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quern {

enum class TypeKind : std::uint8_t {
  boolean,  // values: bits, least significant first
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  decimal,     // values: signed 128-bit integers, value * 10^scale; HUGEINT is decimal with scale 0
  big_number,  // laid out as text: the digits of numbers that no other kind holds
  text,        // offsets int32[length + 1] into values; UTF-8
  blob,        // as text, any bytes
  date,        // int32 days since 1970-01-01
  time,        // int64 microseconds since midnight
  timestamp,   // int64 microseconds since 1970-01-01, no zone
  timestamp_ns,  // int64 nanoseconds since 1970-01-01, no zone
  timestamp_tz,  // int64 microseconds since 1970-01-01 UTC
  interval,      // Interval
  list,          // offsets int32[length + 1] into `elements`: numbers or booleans
  other,         // laid out as text: the database's own rendering
};

/// Three counts that no rule turns into one another: months and days have no fixed length.
struct Interval {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t micros = 0;
};

struct ColumnType {
  TypeKind kind = TypeKind::other;
  std::uint8_t precision = 0;  ///< decimal only
  std::uint8_t scale = 0;      ///< decimal only
  std::string sql_name = {};   ///< the database's name for the type, for messages and CREATE TABLE
  /// Lists of every kind, those of TypeKind::other too: of what.
  std::shared_ptr<const ColumnType> element = {};
  std::int32_t size = 0;  ///< lists: elements of each, where the type says so; else 0

  /// Types are equal when they are stored alike; `sql_name` is only their spelling.
  friend bool operator==(const ColumnType& a, const ColumnType& b);
};

bool is_integer(TypeKind kind);
bool is_number(TypeKind kind);  ///< integers of any size, floats and decimal
/// True for the kinds whose values are bytes between two offsets: text and what is laid out so.
bool is_bytes(TypeKind kind);
/// Width of one value in `Column::values` in bytes; 0 for boolean (bits), lists and bytes.
std::size_t value_width(TypeKind kind);
/// Quern's own name for a kind, lower case: "int64", "text", ...
std::string_view kind_name(TypeKind kind);

/// Read-only bytes with shared ownership: owned here, or borrowed from whatever `owner` keeps
/// alive.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::shared_ptr<const void> owner, const void* data, std::size_t size)
      : owner_(std::move(owner)), data_(static_cast<const std::byte*>(data)), size_(size) {}

  /// Takes over a vector's storage without copying its elements.
  template <typename T>
  static Buffer own(std::vector<T> values) {
    auto held = std::make_shared<const std::vector<T>>(std::move(values));
    return {held, held->data(), held->size() * sizeof(T)};
  }

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// One column of a batch.
struct Column {
  ColumnType type;
  std::int64_t length = 0;
  std::int64_t null_count = 0;
  Buffer validity = {};  ///< bit i set: row i is not NULL; may be empty when null_count == 0
  Buffer values = {};
  Buffer offsets = {};                          ///< variable-width kinds only
  std::shared_ptr<const Column> elements = {};  ///< lists only: those of all rows

  bool is_null(std::int64_t row) const {
    if (null_count == 0 || validity.empty()) return false;
    return ((static_cast<std::uint8_t>(validity.data()[row >> 3]) >> (row & 7)) & 1) == 0;
  }
  /// Fixed-width values as an array of `length` elements; T must have the kind's width.
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(values.data()), static_cast<std::size_t>(length)};
  }
  bool boolean(std::int64_t row) const {
    return ((static_cast<std::uint8_t>(values.data()[row >> 3]) >> (row & 7)) & 1) != 0;
  }
  /// Where the bytes or elements of a row begin; they end where the next row's begin.
  std::int32_t offset(std::int64_t row) const {
    return reinterpret_cast<const std::int32_t*>(offsets.data())[row];
  }
  /// Elements of a list; undefined for NULL.
  std::int32_t list_size(std::int64_t row) const { return offset(row + 1) - offset(row); }
  /// The bytes of a text, blob or other value; undefined for NULL.
  std::string_view text(std::int64_t row) const {
    return {reinterpret_cast<const char*>(values.data()) + offset(row),
            static_cast<std::size_t>(list_size(row))};
  }
};

struct Field {
  std::string name;
  ColumnType type;
  friend bool operator==(const Field&, const Field&) = default;
};

using Schema = std::vector<Field>;

/// Rows of one schema. Cheap to copy: buffers are shared.
struct ColumnBatch {
  std::int64_t rows = 0;
  std::vector<Column> columns;
};

}  // namespace quern
