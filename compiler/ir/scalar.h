#pragma once
// One constant: a class of a label, an attribute's value.

#include <cstdint>
#include <string>
#include <variant>

namespace quern {

/// A class of a label, in the label's own type: numbers as int64 where the column is an integer.
using Scalar = std::variant<bool, std::int64_t, double, std::string>;

/// The value as people read it, strings bare.
std::string format_scalar(const Scalar& value);

/// language.md's order of classes: numbers by value, false before true, text bytewise, never by
/// collation. Both values have the same alternative.
bool scalar_less(const Scalar& a, const Scalar& b);

}  // namespace quern
