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

TEST_CASE("parameters and literals behind their words are masked") {
  CHECK(mask_passwords("host=h password=pw user=me") == "host=h password=** user=me");
  CHECK(mask_passwords("host=h password = 'p w' x=1") == "host=h password = '***' x=1");
  CHECK(mask_passwords("'host=h password=''p w'' x=1'") == "'host=h password=''***'' x=1'");
  CHECK(mask_passwords("sslpassword=pw&x=1") == "sslpassword=**&x=1");
  CHECK(mask_passwords("SET s3_secret_access_key = 'pw'") == "SET s3_secret_access_key = '**'");
  CHECK(mask_passwords("(TYPE s3, SECRET 'it''s', REGION 'x')") ==
        "(TYPE s3, SECRET '*****', REGION 'x')");
  CHECK(mask_passwords("CREATE USER me IDENTIFIED BY 'pw'") == "CREATE USER me IDENTIFIED BY '**'");
  CHECK(mask_passwords("password='unclosed") == "password='********");
}

TEST_CASE("columns and values that are called like a password are left alone") {
  for (const char* text : {"SELECT token, secret FROM t WHERE token = 'the'", "password = other",
                           "SELECT password FROM t", "CREATE SECRET s (TYPE s3)"}) {
    CHECK(mask_passwords(text) == text);
  }
}

TEST_CASE("masked text stays as it is when it is masked again") {
  for (const char* text : {"a://u:p@h", "password='it''s'", "SECRET 'x' a://b:c@d:e@f"})
    CHECK(mask_passwords(mask_passwords(text)) == mask_passwords(text));
  CHECK(mask_passwords("'duckdb:a?password=\x01', 'b'") == "'duckdb:a?password=*', 'b'");
}

TEST_CASE("a message that repeats a password of the text is masked, other words are not") {
  const Diagnostic d{.code = Code::internal,
                     .message = "unknown name pw, not pwd: pw",
                     .hint = "say -v pw=...",
                     .notes = {{SourceSpan::none(), "pw here"}}};
  const auto masked = mask_passwords(d, "a://u:pw@h");
  CHECK(masked.message == "unknown name **, not pwd: **");
  CHECK(masked.hint == "say -v **=...");
  CHECK(masked.notes.front().message == "** here");
}

TEST_CASE("the line under a caret shows no password, and the caret stays in place") {
  const std::string sql = "ATTACH 'postgresql://u:secret@h/db' AS pg";
  const Diagnostic d{Code::not_in_this_version, "not in this version", {39, 41}};
  const auto drawn = render(d, sql, "x.sql");
  CHECK(drawn.find("secret") == std::string::npos);
  CHECK(drawn.find("postgresql://u:******@h/db' AS pg") != std::string::npos);
}

TEST_CASE("a text that is masked stays as it is when it is masked again") {
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "passwd='password='''=";
  for (const std::string& text : {std::string("passwd='password='''=''"), nested}) {
    const auto once = mask_passwords(text);
    CHECK(mask_passwords(once) == once);
  }
}
