// PostgreSQL in the conformance suite. The server is the one of QUERN_TEST_POSTGRES; each test has
// a database of its own on it.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "connectors/conformance/conformance.h"
#include "postgres_server.h"

namespace quern::postgres_test {

std::unique_ptr<Connection> connect(const std::string& database) {
  const char* server = std::getenv("QUERN_TEST_POSTGRES");
  if (server == nullptr) FAIL("QUERN_TEST_POSTGRES names no server: run this by with_servers.py");
  std::string uri = server;
  uri.replace(uri.find("/postgres?"), 10, "/" + database + "?");
  auto opened = open_connection({.uri = uri});
  if (!opened.ok()) FAIL(opened.errors()[0].message);
  return *std::move(opened);
}

std::string fresh() {
  static int number = 0;
  auto name = "test_" + std::to_string(++number);
  const auto first = connect("postgres");
  conformance::run(*first, "CREATE DATABASE " + name);
  return name;
}

}  // namespace quern::postgres_test

namespace quern::conformance {
namespace {

std::unique_ptr<Connection> fresh() { return postgres_test::connect(postgres_test::fresh()); }

std::vector<TypeCase> number_types() {
  return {
      {"boolean", TypeKind::boolean, {"true", "false"}},
      {"smallint", TypeKind::int16, {"-32768", "32767"}},
      {"integer", TypeKind::int32, {"-2147483648", "2147483647"}},
      {"bigint", TypeKind::int64, {"'-9223372036854775808'", "9223372036854775807"}},
      {"oid", TypeKind::uint32, {"0", "4294967295"}},
      {"real",
       TypeKind::float32,
       {"1.5", "-0.1", "'3.4028235e38'", "'1.17549435e-38'", "'inf'", "'-inf'", "'nan'"}},
      {"double precision",
       TypeKind::float64,
       {"1.0", "0.1", "'-1e308'", "'5e-324'", "1e100", "'inf'", "'nan'", "123456789.125"}},
      {"numeric(4,2)", TypeKind::decimal, {"99.99", "-99.99", "0.01", "0", "-0.5"}},
      {"numeric(9,0)", TypeKind::decimal, {"999999999", "-1", "10000", "100000000"}},
      {"numeric(18,3)", TypeKind::decimal, {"999999999999999.999", "-0.001", "1234567.1"}},
      {"numeric(38,10)",
       TypeKind::decimal,
       {"'9999999999999999999999999999.9999999999'", "'-0.0000000001'", "10000.0001"}},
      {"numeric(38,38)", TypeKind::decimal, {"0.99999999999999999999999999999999999999"}},
      {"numeric",
       TypeKind::big_number,
       {"0", "-1.50", "'1e100'", "'1e-30'", "10000", "0.0001", "'NaN'", "'Infinity'", "'-Infinity'",
        "12345678901234567890123456789012345678901234567890.123456789"}},
      {"numeric(60,5)", TypeKind::big_number, {"1.00000", "'1e50'", "-0.00001"}},
  };
}

std::vector<TypeCase> text_types() {
  return {
      {"text",
       TypeKind::text,
       {"''", "'twelve bytes'", "'é漢🙂'", "'NULL'", "E'tab\\tnew\\nline\\\\'"}},
      {"varchar(9)", TypeKind::text, {"'é漢🙂'", "' a '"}},
      {"character(5)", TypeKind::text, {"'abc'", "''", "'  a'"}},
      {"name", TypeKind::text, {"'a name'"}},
      {"\"char\"", TypeKind::text, {"'x'"}},
      {"bytea", TypeKind::blob, {"''", "'\\x00ffab'", "'plain and longer than twelve'"}},
      {"uuid",
       TypeKind::text,
       {"'00000000-0000-0000-0000-000000000000'", "'12345678-9abc-def0-1234-56789abcdef0'"}},
      {"json", TypeKind::other, {"'{\"a\": [1, null]}'"}},
      {"jsonb", TypeKind::other, {"'{\"a\": [1, null]}'"}},
      {"inet", TypeKind::other, {"'10.0.0.1/8'", "'::1'"}},
      {"point", TypeKind::other, {"'(1,2.5)'"}},
      {"int4range", TypeKind::other, {"'[1,5)'", "'empty'"}},
      {"bit(5)", TypeKind::other, {"'10101'"}},
      {"time with time zone", TypeKind::other, {"'12:34:56.789+05:30'"}},
      {"text[]", TypeKind::other, {"'{a,\"b, c\",NULL}'", "'{}'"}},
      {"money", TypeKind::big_number, {"12.34", "0.01"}, false},
  };
}

std::vector<TypeCase> time_types() {
  return {
      {"date",
       TypeKind::date,
       {"'1970-01-01'", "'0001-01-01'", "'9999-12-31'", "'0044-03-15 BC'", "'infinity'",
        "'-infinity'", "'4713-01-01 BC'", "'5874897-12-31'", "'2000-01-01'"}},
      {"time", TypeKind::time, {"'00:00:00'", "'23:59:59.999999'", "'12:00:00.5'", "'24:00:00'"}},
      {"timestamp",
       TypeKind::timestamp,
       {"'1969-12-31 23:59:59.999999'", "'2024-02-29 12:34:56.5'", "'infinity'", "'-infinity'",
        "'0001-01-01 00:00:00'", "'4713-01-01 00:00:00 BC'", "'294246-12-31 23:59:59'"}},
      {"timestamp with time zone",
       TypeKind::timestamp_tz,
       {"'2024-02-29 12:34:56.5+00'", "'1969-12-31 23:59:59.999999+00'", "'2024-07-01 00:00:00+02'",
        "'infinity'"}},
      {"interval",
       TypeKind::interval,
       {"'1 year 2 months 3 days 04:05:06.7'", "'-1 day'", "'0 seconds'", "'1000 hours'",
        "'-100:00:00.000001'"}},
  };
}

std::vector<TypeCase> list_types() {
  return {
      {"integer[]", TypeKind::list, {"'{}'", "'{1,NULL,3}'", "'{-1}'"}},
      {"smallint[]", TypeKind::list, {"'{1,2}'"}},
      {"bigint[]", TypeKind::list, {"'{9223372036854775807}'"}},
      {"boolean[]", TypeKind::list, {"'{t,NULL,f}'"}},
      {"real[]", TypeKind::list, {"'{NaN,Infinity,-0.5,1e30}'"}},
      {"double precision[]", TypeKind::list, {"'{0,-0.1,1e100}'"}},
      {"numeric(9,2)[]", TypeKind::list, {"'{1.25,-0.01}'", "'{NULL}'"}},
      {"numeric[]", TypeKind::list, {"'{12345678901234567890123456789012345678901,-0.01}'"}},
  };
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string float_as_ours(std::string text) {
  replace_all(text, "Infinity", "inf");
  replace_all(text, "NaN", "nan");
  const bool whole = text.find_first_of(".einf") == std::string::npos;
  return whole ? text + ".0" : text;
}

std::string blob_as_ours(const std::string& hex) {
  std::string out;
  for (std::size_t i = 2; i + 1 < hex.size(); i += 2) {
    const auto c = static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    std::string escaped = "\\x" + hex.substr(i, 2);
    std::transform(escaped.begin() + 2, escaped.end(), escaped.begin() + 2, ::toupper);
    const bool plain = c >= ' ' && c <= '~' && c != '\\';
    out += plain ? std::string(1, c) : escaped;
  }
  return out;
}

std::string item_as_ours(const std::string& item, const std::string& type) {
  if (item == "NULL") return item;
  if (type.starts_with("boolean")) return item == "t" ? "true" : "false";
  return type.starts_with("real") || type.starts_with("double") ? float_as_ours(item) : item;
}

std::string list_as_ours(const std::string& text, const std::string& type) {
  std::string out = "[";
  std::string item;
  for (const char c : text.substr(1)) {
    if (c != ',' && c != '}') {
      item += c;
    } else if (!item.empty()) {
      out += (out.size() > 1 ? ", " : "") + item_as_ours(item, type);
      item.clear();
    }
  }
  return out + "]";
}

std::string time_as_ours(std::string text) {
  const auto era = text.find(" BC");
  if (era == std::string::npos) return text;
  text.erase(era);
  return text.insert(std::min(text.find(' '), text.size()), " (BC)");
}

std::string as_ours(const TypeCase& type, std::string text) {
  switch (type.kind) {
    case TypeKind::float32:
    case TypeKind::float64: return float_as_ours(text);
    case TypeKind::blob: return blob_as_ours(text);
    case TypeKind::list: return list_as_ours(text, type.sql_type);
    case TypeKind::date:
    case TypeKind::timestamp:
    case TypeKind::timestamp_tz: return time_as_ours(text);
    case TypeKind::interval:
      replace_all(text, "mon", "month");
      replace_all(text, "-1 days", "-1 day");
      return text;
    case TypeKind::big_number:
      if (type.sql_type == "money") text.erase(0, 1);
      return text;
    default: return text;
  }
}

Quirks postgres_quirks() {
  Quirks quirks;
  quirks.open = fresh;
  for (const auto& some : {number_types(), text_types(), time_types(), list_types()})
    quirks.types.insert(quirks.types.end(), some.begin(), some.end());
  quirks.text_type = "text";
  quirks.as_ours = as_ours;
  quirks.names_views = false;
  quirks.ddl_beside_stream = false;  // DROP waits for the table's readers
  quirks.series = [](std::int64_t n) {
    return "SELECT i FROM generate_series(0::bigint, " + std::to_string(n) + " - 1) AS s(i)";
  };
  quirks.endless =
      "SELECT count(*) FROM generate_series(1, 100000000) AS a, generate_series(1, 100000000) AS b "
      "WHERE a + b < 0";
  quirks.own_number = "SELECT pg_backend_pid()";
  quirks.end_session = [](const std::string& number) {
    return "SELECT pg_terminate_backend(" + number + ", 60000)";
  };
  return quirks;
}

}  // namespace

TEST_CASE("PostgreSQL conformance: types") { check_types(postgres_quirks()); }
TEST_CASE("PostgreSQL conformance: results") { check_results(postgres_quirks()); }
TEST_CASE("PostgreSQL conformance: errors") { check_errors(postgres_quirks()); }
TEST_CASE("PostgreSQL conformance: cancel") { check_cancel(postgres_quirks()); }
TEST_CASE("PostgreSQL conformance: append") { check_append(postgres_quirks()); }
TEST_CASE("PostgreSQL conformance: loads") { check_loads(postgres_quirks()); }
TEST_CASE("PostgreSQL conformance: transactions") { check_transactions(postgres_quirks()); }
TEST_CASE("PostgreSQL conformance: catalog") { check_catalog(postgres_quirks()); }
TEST_CASE("PostgreSQL conformance: sessions") { check_sessions(postgres_quirks()); }

}  // namespace quern::conformance
