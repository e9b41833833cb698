// DuckDB in the conformance suite.

#include <catch2/catch.hpp>

#include "connectors/conformance/conformance.h"

namespace quern::conformance {
namespace {

std::vector<TypeCase> integer_types() {
  return {
      {"BOOLEAN", TypeKind::boolean, {"true", "false"}},
      {"TINYINT", TypeKind::int8, {"-128", "127", "0"}},
      {"SMALLINT", TypeKind::int16, {"-32768", "32767"}},
      {"INTEGER", TypeKind::int32, {"-2147483648", "2147483647"}},
      {"BIGINT", TypeKind::int64, {"'-9223372036854775808'", "9223372036854775807"}},
      {"UTINYINT", TypeKind::uint8, {"0", "255"}},
      {"USMALLINT", TypeKind::uint16, {"0", "65535"}},
      {"UINTEGER", TypeKind::uint32, {"0", "4294967295"}},
      {"UBIGINT", TypeKind::uint64, {"0", "18446744073709551615"}},
      {"HUGEINT",
       TypeKind::decimal,
       {"'-170141183460469231731687303715884105728'", "170141183460469231731687303715884105727",
        "-1"}},
  };
}

std::vector<TypeCase> number_types() {
  return {
      {"FLOAT",
       TypeKind::float32,
       {"1.5", "-0.1", "3.4028235e38", "1.17549435e-38", "'inf'", "'-inf'", "'nan'"}},
      {"DOUBLE",
       TypeKind::float64,
       {"1.0", "0.1", "-1e308", "5e-324", "1e100", "'inf'", "'nan'", "123456789.125"}},
      {"DECIMAL(4,2)", TypeKind::decimal, {"99.99", "-99.99", "0.01", "0"}},
      {"DECIMAL(9,0)", TypeKind::decimal, {"999999999", "-1"}},
      {"DECIMAL(18,3)", TypeKind::decimal, {"999999999999999.999", "-0.001"}},
      {"DECIMAL(38,10)",
       TypeKind::decimal,
       {"'9999999999999999999999999999.9999999999'", "'-0.0000000001'"}},
  };
}

std::vector<TypeCase> text_types() {
  return {
      {"VARCHAR",
       TypeKind::text,
       {"''", "'twelve bytes'", "'thirteen byte'", "'é漢🙂'", "'NULL'", "chr(0)"}},
      {"BLOB",
       TypeKind::blob,
       {"''::BLOB", "'\\x00\\xFF\\xAB'::BLOB", "'plain and longer than twelve'::BLOB"}},
      {"ENUM('a', 'it''s', 'a longer word than twelve')",
       TypeKind::text,
       {"'a'", "'it''s'", "'a longer word than twelve'"}},
      {"JSON", TypeKind::other, {"'{\"a\": [1, null]}'"}},
  };
}

std::vector<TypeCase> time_types() {
  return {
      {"DATE",
       TypeKind::date,
       {"'1970-01-01'", "'0001-01-01'", "'9999-12-31'", "'0044-03-15 (BC)'", "'infinity'",
        "'-infinity'", "'5877642-06-25 (BC)'", "'5881580-07-10'"}},
      {"TIME", TypeKind::time, {"'00:00:00'", "'23:59:59.999999'", "'12:00:00.5'", "'24:00:00'"}},
      {"TIMESTAMP",
       TypeKind::timestamp,
       {"'1969-12-31 23:59:59.999999'", "'2024-02-29 12:34:56.5'", "'infinity'", "'-infinity'",
        "'0001-01-01 00:00:00'", "'290309-12-22 (BC) 00:00:00'", "'294247-01-10 04:00:54.775806'"}},
      {"TIMESTAMP_S",
       TypeKind::timestamp,
       {"'1969-12-31 23:59:59'", "'2024-02-29 12:34:56'", "'infinity'"}},
      {"TIMESTAMP_MS",
       TypeKind::timestamp,
       {"'1969-12-31 23:59:59.999'", "'2024-02-29 12:34:56.5'", "'infinity'"}},
      {"TIMESTAMP_NS",
       TypeKind::timestamp_ns,
       {"'1969-12-31 23:59:59.999999'", "'2024-02-29 12:34:56.5'", "'infinity'",
        "'1969-12-31 23:59:59.999999999'", "'2024-02-29 12:34:56.000000120'"}},
      {"TIMESTAMP WITH TIME ZONE",
       TypeKind::timestamp_tz,
       {"'2024-02-29 12:34:56.5+00'", "'1969-12-31 23:59:59.999999+00'", "'2024-07-01 00:00:00+02'",
        "'infinity'"}},
  };
}

std::vector<TypeCase> other_types() {
  return {
      {"UUID",
       TypeKind::text,
       {"'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
        "'12345678-9abc-def0-1234-56789abcdef0'"}},
      {"INTERVAL",
       TypeKind::interval,
       {"'1 year 2 months 3 days 04:05:06.7'", "'-1 day'", "'0 seconds'", "'-13 months 1 day'",
        "'-100:00:00.000001'", "'2 years 1 month -1 day -00:00:01'", "'1000 hours'"}},
      {"UHUGEINT", TypeKind::big_number, {"'340282366920938463463374607431768211455'", "0"}},
      {"BIGNUM",
       TypeKind::big_number,
       {"'123456789012345678901234567890123456789012345678901234567890'",
        "'-98765432109876543210987654321'", "'0'", "'-1'", "'256'"}},
      {"BIT", TypeKind::other, {"'101'", "'0000000011111111'", "'1'"}},
      {"TIME WITH TIME ZONE", TypeKind::other, {"'12:34:56.789+05:30'", "'00:00:00-15:59'"}},
      {"UUID[]", TypeKind::other, {"['12345678-9abc-def0-1234-56789abcdef0']"}},
      {"VARCHAR[][]", TypeKind::other, {"[['a', 'b, c'], [], NULL, ['it''s']]"}},
      {"INTEGER[][]", TypeKind::other, {"[[1, 2], [], NULL]"}},
      {"DATE[]", TypeKind::other, {"[DATE '2024-02-29', DATE 'infinity']"}},
      {"STRUCT(a INTEGER, \"b c\" VARCHAR[])",
       TypeKind::other,
       {"{'a': 1, 'b c': ['x']}", "{'a': NULL, 'b c': NULL}"}},
      {"MAP(VARCHAR, INTEGER)", TypeKind::other, {"MAP {'k': 1, 'l': NULL}", "MAP {}"}},
      {"UNION(num INTEGER, str VARCHAR)",
       TypeKind::other,
       {"union_value(num := 7)", "union_value(str := 'seven')"},
       false},  // text becomes its first textual member
  };
}

std::vector<TypeCase> list_types() {
  return {
      {"INTEGER[]", TypeKind::list, {"[]", "[1, NULL, 3]", "[-1]", "range(5000)::INTEGER[]"}},
      {"BOOLEAN[]", TypeKind::list, {"[true, NULL, false]", "[false]"}},
      {"FLOAT[]", TypeKind::list, {"['nan', 'inf', -0.5, 1e30]", "[0.1, 7]"}},
      {"DOUBLE[3]", TypeKind::list, {"[1, 2.5, NULL]", "[NULL, NULL, NULL]", "[0, -0.1, 1e100]"}},
      {"DECIMAL(9,2)[]", TypeKind::list, {"[1.25, -0.01]", "[NULL]"}},
      {"DECIMAL(38,1)[2]", TypeKind::list, {"[1.2, -0.1]", "['0', '1234567890123456789012345.6']"}},
      {"HUGEINT[]", TypeKind::list, {"[170141183460469231731687303715884105727]"}},
      {"UHUGEINT[]", TypeKind::list, {"['340282366920938463463374607431768211455', '0']"}},
  };
}

Quirks duckdb_quirks() {
  Quirks quirks;
  quirks.open = [] {
    auto opened = open_connection({.uri = "duckdb::memory:"});
    if (!opened.ok()) FAIL(opened.errors()[0].message);
    run(**opened,
        "SET TimeZone = 'UTC'");  // DuckDB's own text of a TIMESTAMPTZ is in the session's zone
    return *std::move(opened);
  };
  for (const auto& some :
       {integer_types(), number_types(), text_types(), time_types(), list_types(), other_types()}) {
    quirks.types.insert(quirks.types.end(), some.begin(), some.end());
  }
  quirks.text_type = "VARCHAR";
  quirks.series = [](std::int64_t n) {
    return "SELECT range AS i FROM range(" + std::to_string(n) + ")";
  };
  quirks.endless =
      "SELECT count(*) FROM range(100000000) AS a, range(100000000) AS b WHERE a.range + b.range < "
      "0";
  return quirks;
}

}  // namespace

TEST_CASE("DuckDB conformance: types") { check_types(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: results") { check_results(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: errors") { check_errors(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: cancel") { check_cancel(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: append") { check_append(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: loads") { check_loads(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: transactions") { check_transactions(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: catalog") { check_catalog(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: sessions") { check_sessions(duckdb_quirks()); }
TEST_CASE("DuckDB conformance: functions") { check_functions(duckdb_quirks()); }

}  // namespace quern::conformance
