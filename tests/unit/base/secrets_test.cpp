// Passwords in text of the user's.

#include "base/secrets.h"

#include <catch2/catch.hpp>

#include "base/diagnostic.h"

using namespace quern;

TEST_CASE("a URI is shown without its password, whatever the password holds") {
  CHECK(mask_passwords("postgresql://me:se:cr@et/@host:5432/db") ==
        "postgresql://me:*********@host:5432/db");
  CHECK(mask_passwords("mysql://me:pw@tcp(host:3306)/db") == "mysql://me:**@tcp(host:3306)/db");
  CHECK(mask_passwords("postgresql://me@host/db?Password=pw&x=1") ==
        "postgresql://me@host/db?Password=**&x=1");
}

TEST_CASE("text without a password stays as it is") {
  for (const char* text : {"postgresql://host/db", "duckdb:a@b.duckdb", "://", "a://b:c",
                           "SELECT 1", "x://h:1 'a@b'", "postgresql://me@host:5432/db"}) {
    CHECK(mask_passwords(text) == text);
  }
}

TEST_CASE("every URI of a text is masked, and only inside its own quotes") {
  CHECK(mask_passwords("ATTACH 'a://u:p@h'; ATTACH 'b://v:qé@i' AS x@y") ==
        "ATTACH 'a://u:*@h'; ATTACH 'b://v:**@i' AS x@y");
}

TEST_CASE("the line under a caret shows no password, and the caret stays in place") {
  const std::string sql = "ATTACH 'postgresql://u:secret@h/db' AS pg";
  const Diagnostic d{Code::not_in_this_version, "not in this version", {39, 41}};
  const auto drawn = render(d, sql, "x.sql");
  CHECK(drawn.find("secret") == std::string::npos);
  CHECK(drawn.find("postgresql://u:******@h/db' AS pg") != std::string::npos);
}
