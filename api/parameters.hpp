#pragma once
// Values for the `?` and `$1` of a statement.

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace quern {

/// Bytes that are no text.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

/// Days since 1970-01-01, of the years 1 to 9999.
struct DateValue {
  std::int32_t days = 0;
  friend bool operator==(const DateValue&, const DateValue&) = default;
};

/// Microseconds since 1970, without a time zone, of the years 1 to 9999.
struct TimestampValue {
  std::int64_t microseconds = 0;
  friend bool operator==(const TimestampValue&, const TimestampValue&) = default;
};

/// NULL, or a value that is no list. Times and the like are given as text, which databases read as
/// what it is compared with.
using ScalarParameter = std::variant<std::monostate, bool, std::int64_t, double, std::string, Blob,
                                     DateValue, TimestampValue>;

/// Elements of one type, or NULL. MySQL and SQLite have no lists.
struct ListValue {
  std::vector<ScalarParameter> elements;
  friend bool operator==(const ListValue&, const ListValue&) = default;
};

using Parameter = std::variant<std::monostate, bool, std::int64_t, double, std::string, Blob,
                               DateValue, TimestampValue, ListValue>;

/// In the order of `$1`, `$2`, ...; `?` are counted from the first of the whole script.
using Parameters = std::vector<Parameter>;

/// For `:name`, before the variables of the session; they may be left over. `:'name'`, `:"name"` and
/// `${name}` take the value's text.
using NamedParameters = std::map<std::string, Parameter>;

}  // namespace quern
