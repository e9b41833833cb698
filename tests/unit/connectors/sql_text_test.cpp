// The tokenizer that connectors share.

#include "connectors/sql_text.h"

#include <catch2/catch.hpp>

using namespace quern;

namespace {

std::string token(const std::string& text, std::size_t position,
                  Dialect dialect = Dialect::duckdb) {
  const auto span = sql::token_at(text, position, dialect);
  return text.substr(span.begin, span.size());
}

std::string found(const std::string& text, const std::string& name) {
  const auto span = sql::find_name(text, name, Dialect::duckdb);
  return span.known() ? text.substr(span.begin, span.size()) : "(none)";
}

}  // namespace

TEST_CASE("a token is found whole") {
  CHECK(token("select abc from t", 7) == "abc");
  CHECK(token("select a.\"b c\".d, 1", 7) == "a.\"b c\".d");
  CHECK(token("select 'it''s' x", 7) == "'it''s'");
  CHECK(token("select e'a\\'b' x", 7) == "e'a\\'b'");
  CHECK(token("select $$ it's $$ x", 7) == "$$ it's $$");
  CHECK(token("select $q$ $$ $q$ x", 7) == "$q$ $$ $q$");
  CHECK(token("select 1.5e3, 2", 7) == "1.5e3");
  CHECK(token("select x::date", 8) == "::");
  CHECK(token("select é漢 from t", 7) == "é漢");
  CHECK(token("select 'open", 7) == "'open");
  CHECK(token("select /* a /* b */ c */ x", 25) == "x");
  CHECK(token("select a", 99).empty());
  CHECK(token("", 0).empty());
}

TEST_CASE("names are found outside comments, quoted or not") {
  CHECK(found("-- nope\nselect \"Nope\"", "nope") == "\"Nope\"");
  CHECK(found("select * from 'a.csv'", "a.csv") == "'a.csv'");
  CHECK(found("select /* nope */ 1", "nope") == "(none)");
}

TEST_CASE("leading words and several statements") {
  CHECK(sql::leading_words("/* x */ create or Replace temp table t", 4, Dialect::duckdb) ==
        "CREATE OR REPLACE TEMP");
  CHECK(sql::leading_words("(select 1)", 2, Dialect::duckdb).empty());
  CHECK(sql::has_several_statements("select 1; select 2", Dialect::duckdb));
  CHECK_FALSE(sql::has_several_statements("select ';'; -- ; x\n;", Dialect::duckdb));
  CHECK(sql::split_name("a.\"b.\"\"c\".d", Dialect::duckdb) ==
        std::vector<std::string>{"a", "b.\"c", "d"});
}

TEST_CASE("each dialect has its own quotes and comments") {
  CHECK(token("select `a``b`, 1", 7, Dialect::mysql) == "`a``b`");
  CHECK(token("select 'a\\'b', 1", 7, Dialect::mysql) == "'a\\'b'");
  CHECK(token("select 5--3", 8, Dialect::mysql) == "-");
  CHECK(token("select 5 -- 3\n, x", 16, Dialect::mysql) == "x");
  CHECK(token("# a\nx", 4, Dialect::mysql) == "x");
  CHECK(token("/* /* */ x", 9, Dialect::mysql) == "x");
  CHECK(token("a /*!50000 b */ c", 4, Dialect::mysql) == "/*!50000 b */");
  CHECK(token("a /*! open", 4, Dialect::mysql) == "/*! open");
  CHECK(sql::without_end("a /*M! b */ /* c */ ; -- d", Dialect::mysql) == "a /*M! b */");
  CHECK(sql::without_end("a /*! b */;", Dialect::duckdb) == "a");
  CHECK(token("select [a b], 1", 7, Dialect::sqlite) == "[a b]");
  CHECK(token("select a.`b`, 1", 7, Dialect::sqlite) == "a.`b`");
  CHECK(token("select $$ it's $$ x", 7, Dialect::postgres) == "$$ it's $$");
  CHECK(token("select a.`b", 7, Dialect::postgres) == "a");
}

TEST_CASE("what ends a statement is taken off") {
  const auto rest = [](const char* text) { return sql::without_end(text, Dialect::postgres); };
  CHECK(rest("select ';' -- ; \n ; ; -- last") == "select ';'");
  CHECK(rest("select 1") == "select 1");
  CHECK(rest(" ; ").empty());
}
