// Quoting and the choice of plug-in: connectors/connector.cpp.

#include <catch2/catch.hpp>

#include "connectors/connector.h"

using namespace quern;

namespace {

Diagnostic refused(const std::string& uri) {
  const auto opened = open_connection({.uri = uri});
  REQUIRE_FALSE(opened.ok());
  return opened.errors()[0];
}

}  // namespace

TEST_CASE("identifiers, names and text are quoted for their dialect") {
  CHECK(quote_identifier("a\"b", Dialect::duckdb) == "\"a\"\"b\"");
  CHECK(quote_identifier("a`b\"", Dialect::mysql) == "`a``b\"`");
  CHECK(quote_identifier("", Dialect::postgres) == "\"\"");
  CHECK(quote_name({.catalog = "c", .schema = "s.t", .table = "t"}, Dialect::duckdb) ==
        "\"c\".\"s.t\".\"t\"");
  CHECK(quote_name({.table = "select"}, Dialect::mysql) == "`select`");
  CHECK(quote_text("it's \\ é", Dialect::duckdb) == "'it''s \\ é'");
  CHECK(quote_text("it's \\", Dialect::mysql) == "'it''s \\\\'");
}

TEST_CASE("unknown schemes are refused, and no password is shown") {
  CHECK(refused("duckbd:x").code == Code::unknown_scheme);
  CHECK(refused("duckbd:x").hint == "did you mean `duckdb`?");
  CHECK(refused("oracle://me:secret@h").message == "unknown database scheme: oracle");
  CHECK(refused("somewhere").code == Code::unknown_scheme);
  CHECK(refused("./my.csv").hint ==
        "write duckdb:FILE, a path that ends in .duckdb or .db, sqlite:FILE, "
        "postgresql://HOST/DATABASE or mysql://HOST/DATABASE");
}
