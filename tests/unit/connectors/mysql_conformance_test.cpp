// MariaDB in the conformance suite.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>

#include "connectors/conformance/conformance.h"
#include "mysql_server.h"

namespace quern::mysql_test {

std::string uri_of(const std::string& database, const std::string& more) {
  const char* server = std::getenv("QUERN_TEST_MYSQL");
  if (server == nullptr) FAIL("QUERN_TEST_MYSQL names no server: run this by with_servers.py");
  std::string uri = server;
  uri.replace(uri.find("/mysql?"), 7, "/" + database + "?");
  return uri + more;
}

std::unique_ptr<Connection> connect(const std::string& uri) {
  auto opened = open_connection({.uri = uri});
  if (!opened.ok()) FAIL(opened.errors()[0].message);
  return *std::move(opened);
}

std::unique_ptr<Connection> fresh(std::string* name) {
  static int number = 0;
  const auto database = "conformance_" + std::to_string(++number);
  const auto first = connect(uri_of("mysql"));
  conformance::run(*first, "CREATE DATABASE " + database);
  if (name != nullptr) *name = database;
  return connect(uri_of(database));
}

}  // namespace quern::mysql_test

namespace quern::conformance {
namespace {

std::vector<TypeCase> integer_types() {
  return {
      {"BOOLEAN", TypeKind::boolean, {"TRUE", "FALSE"}},
      {"TINYINT(1)", TypeKind::boolean, {"0", "1"}},
      {"TINYINT", TypeKind::int8, {"-128", "127"}},
      {"TINYINT UNSIGNED", TypeKind::uint8, {"0", "255"}},
      {"SMALLINT", TypeKind::int16, {"-32768", "32767"}},
      {"SMALLINT UNSIGNED", TypeKind::uint16, {"0", "65535"}},
      {"MEDIUMINT", TypeKind::int32, {"-8388608", "8388607"}},
      {"MEDIUMINT UNSIGNED", TypeKind::uint32, {"0", "16777215"}},
      {"INT", TypeKind::int32, {"-2147483648", "2147483647"}},
      {"INT UNSIGNED", TypeKind::uint32, {"0", "4294967295"}},
      {"BIGINT", TypeKind::int64, {"-9223372036854775808", "9223372036854775807"}},
      {"BIGINT UNSIGNED", TypeKind::uint64, {"0", "18446744073709551615"}},
      {"YEAR", TypeKind::int16, {"1901", "2155", "2024"}},
      {"BIT(1)", TypeKind::boolean, {"b'0'", "b'1'"}},
      {"BIT(9)", TypeKind::uint64, {"b'101010101'", "0"}},
      {"BIT(64)", TypeKind::uint64, {"18446744073709551615", "0"}},
  };
}

std::vector<TypeCase> number_types() {
  return {
      {"FLOAT", TypeKind::float32, {"1.5", "-0.1", "3.40282e38", "1.17549e-38", "0"}},
      {"DOUBLE",
       TypeKind::float64,
       {"1.0", "0.1", "-1e308", "5e-324", "1e100", "123456789.125", "1.7976931348623157e308"}},
      {"DECIMAL(4,2)", TypeKind::decimal, {"99.99", "-99.99", "0.01", "0", "-0.5"}},
      {"DECIMAL(9,0)", TypeKind::decimal, {"999999999", "-1", "10000"}},
      {"DECIMAL(18,3) UNSIGNED", TypeKind::decimal, {"999999999999999.999", "1234567.1"}},
      {"DECIMAL(38,10)",
       TypeKind::decimal,
       {"9999999999999999999999999999.9999999999", "-0.0000000001", "10000.0001"}},
      {"DECIMAL(38,38)",
       TypeKind::decimal,
       {"0.99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001"}},
      {"DECIMAL(65,30)",
       TypeKind::big_number,
       {"0", "-1.50", "12345678901234567890123456789012345.123456789012345678901234567890"}},
      {"DECIMAL(65,0)",
       TypeKind::big_number,
       {"99999999999999999999999999999999999999999999999999999999999999999", "-1"}},
  };
}

std::vector<TypeCase> text_types() {
  return {
      {"LONGTEXT",
       TypeKind::text,
       {"''", "'twelve bytes'", "'é漢🙂'", "'NULL'", "'tab\\tnew\\nline\\\\ \\0 \\r\\n'",
        "REPEAT('é漢🙂', 40000)", "'\\\\N'"}},
      {"VARCHAR(9)", TypeKind::text, {"'é漢🙂'", "' a '", "''"}},
      {"CHAR(5)", TypeKind::text, {"'abc'", "''", "'  a'"}},
      {"VARCHAR(300) CHARACTER SET latin1", TypeKind::text, {"'é'", "REPEAT('ü', 300)"}},
      {"ENUM('a', 'it''s')", TypeKind::text, {"'a'", "'it''s'"}},
      {"SET('a', 'b')", TypeKind::text, {"'a,b'", "''"}},
      {"LONGBLOB",
       TypeKind::blob,
       {"''", "x'00ffab0a095c'", "'plain and longer than twelve'", "REPEAT(x'ff00', 300000)"}},
      {"VARBINARY(5)", TypeKind::blob, {"x'00ff'", "''"}},
      {"BINARY(3)", TypeKind::blob, {"x'00ff'", "'abc'"}},
      {"JSON", TypeKind::other, {"'{\"a\": [1, null, \"\\\\\\\\\"]}'"}},
      {"UUID",
       TypeKind::text,
       {"'00000000-0000-0000-0000-000000000000'", "'123e4567-e89b-12d3-a456-426655440000'"}},
      {"INET6", TypeKind::other, {"'::1'", "'2001:db8::ff00:42:8329'"}},
      {"GEOMETRY", TypeKind::blob, {"ST_GeomFromText('POINT(1 2.5)')"}},
  };
}

std::vector<TypeCase> time_types() {
  return {
      {"DATE", TypeKind::date, {"'1970-01-01'", "'0001-01-01'", "'9999-12-31'", "'2024-02-29'"}},
      {"DATETIME(6)",
       TypeKind::timestamp,
       {"'1969-12-31 23:59:59.999999'", "'2024-02-29 12:34:56.5'", "'0001-01-01 00:00:00'",
        "'9999-12-31 23:59:59.999999'"}},
      {"DATETIME", TypeKind::timestamp, {"'2024-02-29 12:34:56'"}, false},
      {"TIMESTAMP(3)",
       TypeKind::timestamp,
       {"'2024-02-29 12:34:56.125'", "'1970-01-02 00:00:00'"},
       false},  // DATETIME(6) has more digits
      {"TIME(6)",
       TypeKind::interval,
       {"'00:00:00'", "'23:59:59.999999'", "'838:59:59.5'", "'-100:00:00.000001'", "'-00:00:01'"}},
      {"TIME", TypeKind::interval, {"'12:34:56'"}, false},
  };
}

std::string float_as_ours(std::string text) {
  const auto e = text.find('e');
  if (e == std::string::npos) return text.find('.') == std::string::npos ? text + ".0" : text;
  if (text[e + 1] != '-') text.insert(e + 1, "+");
  return text;
}

std::string blob_as_ours(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const auto c = static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    const bool plain = c >= ' ' && c <= '~' && c != '\\';
    out += plain ? std::string(1, c) : "\\x" + hex.substr(i, 2);
  }
  return out;
}

std::string without_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string as_ours(const TypeCase& type, const std::string& text) {
  switch (type.kind) {
    case TypeKind::boolean: return text == "0" ? "false" : "true";
    case TypeKind::float32:
    case TypeKind::float64: return float_as_ours(text);
    case TypeKind::blob: return blob_as_ours(text);
    case TypeKind::timestamp:
    case TypeKind::interval: return without_zeros(text);
    default: return text;
  }
}

/// CAST gives bytes for bytes and for bits, of whatever form.
std::string as_text(const TypeCase& type, const std::string& value) {
  if (type.kind == TypeKind::blob) return "HEX(" + value + ")";
  if (type.sql_type.starts_with("BIT")) return "CAST(" + value + " + 0 AS CHAR)";
  return "CAST(" + value + " AS CHAR)";
}

Quirks mysql_quirks() {
  Quirks quirks;
  quirks.open = [] { return mysql_test::fresh(); };
  for (const auto& some : {integer_types(), number_types(), text_types(), time_types()})
    quirks.types.insert(quirks.types.end(), some.begin(), some.end());
  quirks.types_are_columns = true;
  quirks.text_type = "CHAR";
  quirks.as_text = as_text;
  quirks.as_ours = as_ours;
  quirks.quoted_column = "`no column`";
  quirks.ddl_beside_stream = false;  // DROP commits, and waits for the table's readers
  quirks.series = [](std::int64_t n) {
    return "SELECT CAST(seq AS SIGNED) AS i FROM seq_0_to_" + std::to_string(n - 1);
  };
  quirks.endless =
      "SELECT count(*) FROM seq_1_to_100000000 AS a, seq_1_to_100000000 AS b WHERE a.seq + b.seq < "
      "0";
  quirks.own_number = "SELECT CONNECTION_ID()";
  quirks.end_session = [](const std::string& number) { return "KILL CONNECTION " + number; };
  return quirks;
}

}  // namespace

TEST_CASE("MariaDB conformance: types") { check_types(mysql_quirks()); }
TEST_CASE("MariaDB conformance: results") { check_results(mysql_quirks()); }
TEST_CASE("MariaDB conformance: errors") { check_errors(mysql_quirks()); }
TEST_CASE("MariaDB conformance: cancel") { check_cancel(mysql_quirks()); }
TEST_CASE("MariaDB conformance: append") { check_append(mysql_quirks()); }
TEST_CASE("MariaDB conformance: loads") { check_loads(mysql_quirks()); }
TEST_CASE("MariaDB conformance: transactions") { check_transactions(mysql_quirks()); }
TEST_CASE("MariaDB conformance: catalog") { check_catalog(mysql_quirks()); }
TEST_CASE("MariaDB conformance: sessions") { check_sessions(mysql_quirks()); }

}  // namespace quern::conformance
