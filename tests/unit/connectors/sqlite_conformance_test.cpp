// SQLite in the conformance suite, on a file: a database in memory has one session.

#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>

#include "connectors/conformance/conformance.h"

namespace quern::conformance {
namespace {

std::vector<TypeCase> number_types() {
  return {
      {"BOOLEAN", TypeKind::boolean, {"true", "false"}, true, {"true", "false"}},
      {"INTEGER", TypeKind::int64, {"-9223372036854775808", "9223372036854775807", "0"}},
      {"TINYINT", TypeKind::int64, {"-128", "127"}},
      {"UNSIGNED BIG INT", TypeKind::int64, {"0", "9223372036854775807"}},
      {"REAL",
       TypeKind::float64,
       {"1", "0.1", "-1e308", "5e-324", "9e999", "123456789.125", "9007199254740993"},
       true,
       {"1.0", "0.1", "-1e+308", "5e-324", "inf", "123456789.125", "9007199254740992.0"}},
      {"FLOAT", TypeKind::float64, {"1.5", "-0.1"}},
      {"DECIMAL(9,2)",
       TypeKind::float64,
       {"9999999.99", "-0.01", "7"},
       true,
       {"9999999.99", "-0.01", "7.0"}},
  };
}

std::vector<TypeCase> text_types() {
  return {
      {"TEXT",
       TypeKind::text,
       {"''", "'twelve bytes'", "'é漢🙂'", "'NULL'", "'a longer word than twelve'", "7",
        "1.5"}},
      {"VARCHAR(9)", TypeKind::text, {"'longer than nine'"}},
      {"BLOB",
       TypeKind::blob,
       {"x''", "x'00C3A9'", "x'706C61696E'", "'text'"},
       true,
       {"", "\\x00\\xC3\\xA9", "plain", "text"}},
      {"JSON", TypeKind::text, {"'{\"a\": [1, null]}'"}},
  };
}

std::vector<TypeCase> time_types() {
  return {
      {"DATE", TypeKind::date, {"'1970-01-01'", "'0001-01-01'", "'9999-12-31'", "'2024-02-29'"}},
      {"TIME", TypeKind::time, {"'00:00:00'", "'23:59:59.999999'", "'12:00:00.5'"}},
      {"DATETIME",
       TypeKind::timestamp,
       {"'1969-12-31 23:59:59.999999'", "'2024-02-29 12:34:56.5'", "'0001-01-01 00:00:00'",
        "'9999-12-31 23:59:59'"}},
      {"TIMESTAMP",
       TypeKind::timestamp,
       {"'2024-02-29'", "'2024-02-29T12:34'", "'2024-02-29 12:34:56.1234567'",
        "'2024-02-29T12:34:56Z'", "'2024-02-29 12:34:56+02:00'", "'2024-01-01 00:00:00 -01:30'"},
       false,  // written in one form
       {"2024-02-29 00:00:00", "2024-02-29 12:34:00", "2024-02-29 12:34:56.123456",
        "2024-02-29 12:34:56", "2024-02-29 10:34:56", "2024-01-01 01:30:00"}},
      {"TIMESTAMP_NS", TypeKind::timestamp_ns, {"'2024-02-29 12:34:56.00000012'"}},
      {"TIMESTAMP WITH TIME ZONE",
       TypeKind::timestamp_tz,
       {"'2024-02-29 12:34:56.5+00:00'", "'2024-07-01 00:00:00+02:00'"},
       false,  // written in UTC
       {"2024-02-29 12:34:56.5+00", "2024-06-30 22:00:00+00"}},
  };
}

/// A file of its own in a folder that goes when the program ends.
std::unique_ptr<Connection> open_new() {
  struct Folder {
    Folder() {
      auto name = (std::filesystem::temp_directory_path() / "quern_sqlite_XXXXXX").string();
      REQUIRE(mkdtemp(name.data()) != nullptr);
      path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
  };
  static const Folder folder;
  static int files = 0;
  auto opened = open_connection(
      {.uri = "sqlite:" + (folder.path / (std::to_string(++files) + ".db")).string()});
  if (!opened.ok()) FAIL(opened.errors()[0].message);
  // What is tested is not what a power failure leaves.
  run(**opened, "PRAGMA synchronous = OFF");
  return *std::move(opened);
}

Quirks sqlite_quirks() {
  Quirks quirks;
  quirks.open = open_new;
  for (const auto& some : {number_types(), text_types(), time_types()})
    quirks.types.insert(quirks.types.end(), some.begin(), some.end());
  quirks.text_type = "TEXT";
  quirks.types_are_columns = true;
  quirks.queries_in_parentheses = false;
  quirks.cte_sees_table = false;  // "circular reference"
  quirks.ddl_beside_stream = false;
  quirks.series = [](std::int64_t n) {
    return "WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i + 1 < " +
           std::to_string(n) + ") SELECT i FROM s";
  };
  quirks.endless =
      "WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s) SELECT count(*) FROM s";
  return quirks;
}

}  // namespace

TEST_CASE("SQLite conformance: types") { check_types(sqlite_quirks()); }
TEST_CASE("SQLite conformance: results") { check_results(sqlite_quirks()); }
TEST_CASE("SQLite conformance: errors") { check_errors(sqlite_quirks()); }
TEST_CASE("SQLite conformance: cancel") { check_cancel(sqlite_quirks()); }
TEST_CASE("SQLite conformance: append") { check_append(sqlite_quirks()); }
TEST_CASE("SQLite conformance: loads") { check_loads(sqlite_quirks()); }
TEST_CASE("SQLite conformance: transactions") { check_transactions(sqlite_quirks()); }
TEST_CASE("SQLite conformance: catalog") { check_catalog(sqlite_quirks()); }
TEST_CASE("SQLite conformance: sessions") { check_sessions(sqlite_quirks()); }
TEST_CASE("SQLite conformance: functions") { check_functions(sqlite_quirks()); }

}  // namespace quern::conformance
