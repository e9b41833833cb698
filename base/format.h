#pragma once
// Values as people read them, the same in every front end and test.

#include <cstdint>
#include <string>

#include "base/column.h"

namespace quern {

/// One value as text. NULL gives "NULL"; floats the shortest text that reads back equal (integral
/// ones with ".0"); decimals with all digits of their scale; dates and times as ISO 8601 with a
/// blank, timestamp_tz in UTC with "+00"; intervals and lists as DuckDB writes them; blobs as \xHH
/// for bytes outside printable ASCII.
std::string format_value(const Column& column, std::int64_t row);

/// The shortest decimal text that reads back as `value`; "nan", "inf" and "-inf" for the rest.
std::string format_double(double value);

/// The same for a float32.
std::string format_float(float value);

/// "1 row", "2 rows".
std::string counted(std::int64_t n, const std::string& noun);

}  // namespace quern
