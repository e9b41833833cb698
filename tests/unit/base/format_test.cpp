// Values as text: base/format.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "base/column_builder.h"
#include "base/format.h"

using namespace quern;

namespace {

std::string integer(TypeKind kind, std::int64_t value) {
  ColumnBuilder builder({.kind = kind});
  builder.append_int(value);
  return format_value(builder.finish(), 0);
}

std::string decimal(__int128 value, std::uint8_t scale) {
  ColumnBuilder builder({.kind = TypeKind::decimal, .precision = 38, .scale = scale});
  builder.append_decimal(value);
  return format_value(builder.finish(), 0);
}

std::string text(TypeKind kind, std::string_view value) {
  ColumnBuilder builder({.kind = kind});
  builder.append_text(value);
  return format_value(builder.finish(), 0);
}

constexpr std::int64_t kDay = 86400LL * 1000000;

}  // namespace

TEST_CASE("floats are the shortest text that reads back") {
  CHECK(format_double(1) == "1.0");
  CHECK(format_double(0.1) == "0.1");
  CHECK(format_double(-0.0) == "-0.0");
  CHECK(format_double(1e100) == "1e+100");
  CHECK(format_double(5e-324) == "5e-324");
  CHECK(format_double(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(format_double(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(format_double(std::nan("")) == "nan");
  CHECK(format_float(0.1F) == "0.1");
  CHECK(std::stod(format_double(1.0 / 3)) == 1.0 / 3);
}

TEST_CASE("integers keep their width and sign") {
  CHECK(integer(TypeKind::int8, -128) == "-128");
  CHECK(integer(TypeKind::uint8, 255) == "255");
  CHECK(integer(TypeKind::uint64, -1) == "18446744073709551615");
  CHECK(integer(TypeKind::int64, INT64_MIN) == "-9223372036854775808");
}

TEST_CASE("decimals show all digits of their scale") {
  CHECK(decimal(0, 2) == "0.00");
  CHECK(decimal(-1, 2) == "-0.01");
  CHECK(decimal(12345, 2) == "123.45");
  CHECK(decimal(7, 0) == "7");
  const auto least = static_cast<__int128>(1) << 126;
  CHECK(decimal(-least - least, 0) == "-170141183460469231731687303715884105728");
}

TEST_CASE("dates and times are ISO 8601") {
  CHECK(integer(TypeKind::date, 0) == "1970-01-01");
  CHECK(integer(TypeKind::date, -1) == "1969-12-31");
  CHECK(integer(TypeKind::date, 19782) == "2024-02-29");
  CHECK(integer(TypeKind::date, -719528) == "0001-01-01 (BC)");
  CHECK(integer(TypeKind::date, INT32_MAX) == "infinity");
  CHECK(integer(TypeKind::date, -INT32_MAX) == "-infinity");
  CHECK(integer(TypeKind::time, kDay - 1) == "23:59:59.999999");
  CHECK(integer(TypeKind::time, kDay) == "24:00:00");
  CHECK(integer(TypeKind::time, 500000) == "00:00:00.5");
  CHECK(integer(TypeKind::timestamp, -1) == "1969-12-31 23:59:59.999999");
  CHECK(integer(TypeKind::timestamp, -kDay) == "1969-12-31 00:00:00");
  CHECK(integer(TypeKind::timestamp_tz, 0) == "1970-01-01 00:00:00+00");
  CHECK(integer(TypeKind::timestamp, INT64_MAX) == "infinity");
  CHECK(integer(TypeKind::timestamp_tz, INT64_MAX) == "infinity");
  CHECK(integer(TypeKind::timestamp_tz, -INT64_MAX) == "-infinity");
}

TEST_CASE("text is itself, bytes outside printable ASCII are escaped in blobs") {
  CHECK(text(TypeKind::text, "é\n") == "é\n");
  CHECK(text(TypeKind::other, "[1, 2]") == "[1, 2]");
  CHECK(text(TypeKind::blob, std::string_view("a\0\xff\\", 4)) == "a\\x00\\xFF\\x5C");
}

TEST_CASE("NULL is NULL, whatever the type") {
  for (const auto kind : {TypeKind::boolean, TypeKind::int16, TypeKind::float64, TypeKind::decimal,
                          TypeKind::text, TypeKind::timestamp_tz}) {
    ColumnBuilder builder({.kind = kind});
    builder.append_null();
    CHECK(format_value(builder.finish(), 0) == "NULL");
  }
}
