// Where statements end, per dialect; the prompt's question; long scripts.

#include <catch2/catch.hpp>

#include "parsing.h"

namespace quern::test {
namespace {

/// The statements of a script as printed, separated by bars.
std::string pieces(std::string_view text, Dialect dialect = Dialect::duckdb) {
  std::string out;
  for (const auto& statement : parse(text, dialect).statements) out += ast::print(statement) + "|";
  return out;
}

}  // namespace

TEST_CASE("statements end at semicolons outside strings, comments and parentheses") {
  CHECK(pieces("select 1; select 2") == "select 1|select 2|");
  CHECK(pieces(" ; ;; -- x\n ;select 1;") == "select 1|");
  CHECK(pieces("select ';', \";\", `;` /* ; */ -- ;\n; b") == "select ';', \";\", `;`|b|");
  CHECK(pieces("create rule r as on insert to t do (a; b); c") ==
        "create rule r as on insert to t do (a; b)|c|");
  CHECK(pieces("select 1 -- don't\n; select '\xC3\xA4'\r\n;") == "select 1|select '\xC3\xA4'|");
}

TEST_CASE("dollar quotes and nested comments in DuckDB and PostgreSQL only") {
  for (auto dialect : {Dialect::duckdb, Dialect::postgres}) {
    CHECK(pieces("select $$;$$, $a$;$$;$a$; b", dialect) == "select $$;$$, $a$;$$;$a$|b|");
    CHECK(pieces("a /* /* ; */ ; */ c; b", dialect) == "a /* /* ; */ ; */ c|b|");
    CHECK(pieces("select E'\\';'; b", dialect) == "select E'\\';'|b|");
    CHECK(pieces("select '\\'; b", dialect) == "select '\\'|b|");
  }
  CHECK(pieces("select $$;$$", Dialect::sqlite) == "select $$|$$|");
  CHECK(pieces("a /* /* ; */ c; b", Dialect::sqlite) == "a /* /* ; */ c|b|");
}

TEST_CASE("backslashes, # and -- in MySQL") {
  CHECK(pieces("select '\\';', \"\\\";\"; b", Dialect::mysql) == "select '\\';', \"\\\";\"|b|");
  CHECK(pieces("select 1 # ;'\n; b", Dialect::mysql) == "select 1|b|");
  CHECK(pieces("select 5--3; b", Dialect::mysql) == "select 5--3|b|");
  CHECK(pieces("select 5 -- 3;\n; b", Dialect::mysql) == "select 5|b|");
  CHECK(pieces("/*!40101 SET x */; b", Dialect::mysql) == "/*!40101 SET x */|b|");
  CHECK(pieces("select a #> b; c", Dialect::postgres) == "select a #> b|c|");
}

TEST_CASE("bodies of stored routines are one statement") {
  const std::string trigger =
      "CREATE TRIGGER t AFTER UPDATE OF end ON a BEGIN UPDATE b SET x = CASE WHEN 1 THEN 2 END; "
      "SELECT NEW.end; END";
  CHECK(pieces(trigger + "; b", Dialect::sqlite) == trigger + "|b|");
  const std::string procedure =
      "CREATE DEFINER=`a`@`b` PROCEDURE p() BEGIN IF a THEN BEGIN SELECT 1; END; END IF; "
      "REPEAT SET x=1; UNTIL y END REPEAT; CASE a WHEN 1 THEN SELECT 1; END CASE; END";
  CHECK(pieces(procedure + "; b", Dialect::mysql) == procedure + "|b|");
  CHECK(pieces("BEGIN; COMMIT; END;") == "BEGIN|COMMIT|END|");
  CHECK(pieces("CREATE TABLE event AS SELECT begin; b") == "CREATE TABLE event AS SELECT begin|b|");
  CHECK(pieces("CREATE OR REPLACE FUNCTION f(x) AS x; b") ==
        "CREATE OR REPLACE FUNCTION f(x) AS x|b|");
}

TEST_CASE("the dialect may change from statement to statement") {
  StatementReader reader("use m; select '\\';'; select 2");
  CHECK(reader.next(Dialect::duckdb).ok());
  const auto second = reader.next(Dialect::mysql);
  REQUIRE((second.ok() && *second));
  CHECK(ast::print(**second) == "select '\\';'");
  CHECK(ast::print(**reader.next(Dialect::duckdb)) == "select 2");
}

TEST_CASE("a reader can be moved") {
  StatementReader first("select 1; select 2");
  CHECK(first.next(Dialect::duckdb).ok());
  StatementReader second = std::move(first);
  CHECK(ast::print(**second.next(Dialect::duckdb)) == "select 2");
}

TEST_CASE("an extended statement begins like a query and its TO ends one") {
  const auto is = [](std::string_view text) { return kind(parse_one(text)); };
  CHECK(is("SELECT a FROM t TO TRAIN e INTO m") == "train");
  CHECK(is("SELECT * TO TRAIN e INTO m") == "train");
  CHECK(is("SELECT t.* TO TRAIN e INTO m") == "train");
  CHECK(is("SELECT * FROM s.offset TO TRAIN e INTO m") == "train");
  CHECK(is("SELECT to TO TRAIN e INTO m") == "train");
  CHECK(is("SELECT $1 TO TRAIN e INTO m") == "train");
  CHECK(is("INSERT INTO t SELECT 1 TO TRAIN e INTO m") == "plain");
  CHECK(is("SELECT a * TO TRAIN e") == "plain");
  CHECK(is("SELECT a, to train FROM t") == "plain");
  CHECK(is("SELECT 1 FROM x, to train WHERE a") == "plain");
  CHECK(is("SELECT (SELECT 1 to train)") == "plain");
  CHECK(is("SELECT a FROM t WHERE b SIMILAR TO run") == "plain");
  CHECK(is("SELECT a to train = 5") == "plain");
}

TEST_CASE("the prompt asks for more until a semicolon ends the statement") {
  const auto more = [](std::string_view text) { return needs_more_input(text, Dialect::duckdb); };
  CHECK_FALSE(more(""));
  CHECK_FALSE(more("  -- only a comment\n /* another */ "));
  CHECK_FALSE(more("select 1;"));
  CHECK_FALSE(more("select 1; -- done"));
  CHECK(more("select 1"));
  CHECK(more("select 1; select"));
  CHECK(more("select ';"));
  CHECK(more("select (1;"));
  CHECK(more("select 1; /* open"));
  CHECK(more("select $$;"));
  CHECK_FALSE(more("SELECT 1 TO TRAIN e COLUMN (a INTO m;"));
  CHECK(needs_more_input("CREATE TRIGGER t BEGIN SELECT 1;", Dialect::sqlite));
  CHECK_FALSE(needs_more_input("CREATE TRIGGER t BEGIN SELECT 1; END;", Dialect::sqlite));
}

TEST_CASE("a script of a megabyte parses") {
  const std::string train =
      "SELECT a, 'x''y' FROM t WHERE a > 3 -- don't\n"
      "TO TRAIN xgboost.gbtree WITH objective = multi:softprob, a = [1, 2.5] COLUMN DENSE(a, 4) "
      "LABEL class INTO db.m;\n";
  const std::string plain = "INSERT INTO t (a, b) VALUES (1, 'one; two'), (2, '\xE4\xB8\x89');\n";
  std::string script;
  std::size_t count = 0;
  for (; script.size() < 1'000'000; count += 2) script += train + plain;
  const auto parsed = parse(script);
  CHECK(parsed.errors.empty());
  CHECK(parsed.statements.size() == count);
}

}  // namespace quern::test
