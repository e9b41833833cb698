// Statements and clauses: fields, spans, and the bytes of the query.

#include <catch2/catch.hpp>

#include "parsing.h"

namespace quern::test {
namespace {

template <typename Node>
Node node_of(std::string_view text, Dialect dialect = Dialect::duckdb) {
  return std::get<Node>(parse_one(text, dialect).node);
}

}  // namespace

TEST_CASE("spans are bytes of the script, whatever stands in front") {
  const std::string text =
      "\xEF\xBB\xBF-- größe\r\n  SELECT 'ä' FROM t\r\n TO TRAIN e WITH a = 'ü'\r\n LABEL größe "
      "INTO m@2 ; ";
  const auto statement = parse_one(text);
  const auto& train = std::get<ast::Train>(statement.node);
  CHECK(train.query.text == "SELECT 'ä' FROM t");
  CHECK(at(text, train.query.span) == train.query.text);
  CHECK(at(text, train.estimator.span) == "e");
  CHECK(at(text, train.with[0].span) == "a = 'ü'");
  CHECK(at(text, train.with[0].value.span) == "'ü'");
  CHECK(at(text, train.label->span) == "größe");
  CHECK(at(text, train.into.span) == "m@2");
  CHECK(at(text, statement.span).substr(0, 6) == "SELECT");
  CHECK(text.substr(statement.span.end) == " ; ");
  CHECK(train.span.begin == statement.span.begin);
}

TEST_CASE("the query is kept byte for byte, without comments at its ends") {
  const auto train =
      node_of<ast::Train>("/* a */ SELECT  a -- b\n ,c /* d */ -- e\n TO TRAIN x INTO m");
  CHECK(train.query.text == "SELECT  a -- b\n ,c");
}

TEST_CASE("TO PREDICT keeps its target as written") {
  const auto bare = node_of<ast::Predict>("SELECT 1 TO PREDICT db.t.c USING m");
  CHECK(bare.target->text() == "db.t.c");
  CHECK(bare.target->parts.size() == 3);
  CHECK_FALSE(bare.column);
  const auto named = node_of<ast::Predict>("SELECT 1 TO PREDICT s.t AS `a b` USING m");
  CHECK(named.target->text() == "s.t");
  CHECK(named.column->text == "a b");
  CHECK(named.column->quoted);
  CHECK_FALSE(node_of<ast::Predict>("SELECT 1 TO PREDICT USING m").target);
}

TEST_CASE("COLUMN clauses stay apart") {
  const auto train = node_of<ast::Train>("SELECT 1 TO TRAIN e COLUMN a, b FOR x COLUMN c INTO m");
  REQUIRE(train.columns.size() == 2);
  CHECK(train.columns[0].columns.size() == 2);
  CHECK(train.columns[0].target->text() == "x");
  CHECK_FALSE(train.columns[1].target);
}

TEST_CASE("an estimator in quotes is one part") {
  const auto quoted = node_of<ast::Train>("SELECT 1 TO TRAIN 'xgboost.gbtree' INTO m");
  REQUIRE(quoted.estimator.parts.size() == 1);
  CHECK(quoted.estimator.parts[0] == ast::NamePart{"xgboost.gbtree", true});
  const auto bare = node_of<ast::Train>("SELECT 1 TO TRAIN a-b.com/x:v0.2/Net INTO m");
  CHECK(bare.estimator.text() == "a-b.com/x:v0.2/Net");
}

TEST_CASE("later forms carry their text and the span of the words that name them") {
  const std::string text = "SELECT 1; SELECT 2 TO RUN p CMD 'a' ;";
  const auto parsed = parse(text);
  const auto& later = std::get<ast::Later>(parsed.statements.at(1).node);
  CHECK(later.form == "TO RUN");
  CHECK(later.text == "SELECT 2 TO RUN p CMD 'a'");
  CHECK(at(text, later.span) == "TO RUN");
  const std::string shown = "VERIFY  MODEL m";
  CHECK(at(shown, node_of<ast::Later>(shown).span) == "VERIFY  MODEL");
}

TEST_CASE("paths, URIs and names of the session's statements have their spans") {
  const std::string text = "EXPORT MODEL m TO 'it''s' WITH output.mode = replace";
  const auto exported = node_of<ast::ExportModel>(text);
  CHECK(exported.path.text == "it's");
  CHECK(at(text, exported.path.span) == "'it''s'");
  CHECK(exported.with.at(0).name.text() == "output.mode");
  const std::string attach = "ATTACH 'duckdb:a.db' AS b";
  CHECK(at(attach, node_of<ast::Attach>(attach).uri.span) == "'duckdb:a.db'");
  const std::string set = "SET quern.model_store TO default";
  CHECK(at(set, node_of<ast::SetOption>(set).name.span) == "quern.model_store");
}

TEST_CASE("EXPLAIN wraps the statement it explains") {
  const std::string text = "EXPLAIN IR SELECT 1 TO EVALUATE m";
  const auto inspect = std::get<Box<ast::Inspect>>(parse_one(text).node);
  CHECK(inspect->stage == ast::Stage::ir);
  CHECK(at(text, inspect->statement.span) == "SELECT 1 TO EVALUATE m");
  CHECK(kind(inspect->statement) == "evaluate");
}

TEST_CASE("the dump shows nodes, spans and values") {
  CHECK(ast::dump(parse_one("SELECT 1 TO TRAIN e WITH a = [1, x] LABEL y INTO m")) ==
        "Train [0, 50)\n"
        "  Query [0, 8) \"SELECT 1\"\n"
        "  Estimator [18, 19) e\n"
        "  Attribute [25, 35) a\n"
        "    List [29, 35)\n"
        "      Integer [30, 31) 1\n"
        "      Name [33, 34) x\n"
        "  Label [42, 43) y\n"
        "  Into [49, 50) m\n");
}

TEST_CASE("print uses canonical order and quotes only where it must") {
  CHECK(ast::print(parse_one("SELECT 1 to train e into m label \"y\" with a=1,b='x'")) ==
        "SELECT 1 TO TRAIN e WITH a = 1, b = 'x' LABEL \"y\" INTO m");
}

}  // namespace quern::test
