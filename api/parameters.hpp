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

/// NULL, or a value. Dates, times and the like are given as text, which databases read as what it
/// is compared with.
using Parameter = std::variant<std::monostate, bool, std::int64_t, double, std::string, Blob>;

/// In the order of `$1`, `$2`, ...; `?` are counted from the first of the whole script.
using Parameters = std::vector<Parameter>;

/// For `:name`, before the variables of the session; they may be left over. `:'name'`, `:"name"` and
/// `${name}` take the value's text.
using NamedParameters = std::map<std::string, Parameter>;

}  // namespace quern
