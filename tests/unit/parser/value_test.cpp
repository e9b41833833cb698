// Attribute values and feature columns.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "parsing.h"

namespace quern::test {
namespace {

ast::Expr value(const std::string& source, Dialect dialect = Dialect::duckdb) {
  const auto statement = parse_one("SELECT 1 TO TRAIN e WITH a = " + source + " INTO m", dialect);
  return std::get<ast::Train>(statement.node).with.at(0).value;
}

ast::Expr column(const std::string& source) {
  const auto statement = parse_one("SELECT 1 TO TRAIN e COLUMN " + source + " INTO m");
  return std::get<ast::Train>(statement.node).columns.at(0).columns.at(0);
}

std::string text(const std::string& source, Dialect dialect = Dialect::duckdb) {
  return std::get<ast::Text>(value(source, dialect).node).value;
}

std::int64_t integer(const std::string& source) {
  return std::get<ast::Integer>(value(source).node).value;
}

double real(const std::string& source) { return std::get<ast::Real>(value(source).node).value; }

}  // namespace

TEST_CASE("integers of either sign, up to the last one") {
  CHECK(integer("0") == 0);
  CHECK(integer("-1") == -1);
  CHECK(integer("+7") == 7);
  CHECK(integer("- 7") == -7);
  CHECK(integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("reals in every spelling; integers that overflow become reals") {
  CHECK(real(".5") == 0.5);
  CHECK(real("1.") == 1.0);
  CHECK(real("1e3") == 1000.0);
  CHECK(real("-2.5E-1") == -0.25);
  CHECK(real("9223372036854775808") == 9223372036854775808.0);
  CHECK(std::isinf(real("1e999")));
  CHECK(real("1e-999") == 0.0);
}

TEST_CASE("strings: doubled quotes, three escapes, every other backslash itself") {
  const auto dialect =
      GENERATE(Dialect::duckdb, Dialect::postgres, Dialect::mysql, Dialect::sqlite);
  CHECK(text("'it''s'", dialect) == "it's");
  CHECK(text("\"it's\"", dialect) == "it's");
  CHECK(text(R"('it\'s')", dialect) == "it's");
  CHECK(text(R"("n = \"x\"")", dialect) == "n = \"x\"");
  CHECK(text(R"('\d+\\')", dialect) == R"(\d+\)");
  CHECK(text("'a\n;--b'", dialect) == "a\n;--b");
  CHECK(text("''", dialect).empty());
}

TEST_CASE("dollar quotes where the dialect has them") {
  CHECK(text("$$it's$$") == "it's");
  CHECK(text("$q$a$$b$q$", Dialect::postgres) == "a$$b");
  CHECK_FALSE(parse("SELECT 1 TO TRAIN e WITH a = $$x$$ INTO m", Dialect::mysql).errors.empty());
}

TEST_CASE("constants, bare words and names") {
  CHECK(std::holds_alternative<ast::Null>(value("NULL").node));
  CHECK(std::get<ast::Boolean>(value("True").node).value);
  CHECK(std::get<ast::Name>(value("reg:squarederror").node).text() == "reg:squarederror");
  CHECK(std::get<ast::Name>(value("a-b").node).text() == "a-b");
  CHECK(std::get<ast::Name>(value("s.Net").node).parts.size() == 2);
  CHECK(std::get<ast::Name>(value("`a b`").node).parts[0].quoted);
}

TEST_CASE("maps take words, strings and numbers as keys") {
  const auto map = std::get<ast::Map>(value("{a: 1, 'b c': x, 0: 2, -1: 3, label: reg}").node);
  REQUIRE(map.items.size() == 5);
  CHECK(map.items[1].key == "b c");
  CHECK(map.items[2].key == "0");
  CHECK(map.items[3].key == "-1");
  CHECK(map.items[4].key == "label");
}

TEST_CASE("arithmetic binds as usual") {
  CHECK(value("1 + 2 * 3") == value("1 + (2 * 3)"));
  CHECK(value("1 - 2 - 3") == value("(1 - 2) - 3"));
  CHECK(value("-(1) * 2") == value("(-(1)) * 2"));
  CHECK_FALSE(value("1 - (2 - 3)") == value("1 - 2 - 3"));
  CHECK(ast::print(value("2*(3-1)")) == "2 * (3 - 1)");
  CHECK(ast::print(value("1 -2")) == "1 - 2");
}

TEST_CASE("feature columns") {
  const auto call = std::get<ast::Call>(column("DENSE(c, 4, COMMA)").node);
  CHECK(call.function.text() == "DENSE");
  CHECK(call.args.size() == 3);
  CHECK(std::get<ast::Text>(column("\"f[0-9]+\"").node).value == "f[0-9]+");
  CHECK(std::get<ast::Star>(column("* EXCEPT (a, t.b)").node).except.size() == 2);
  CHECK(std::get<ast::Name>(column("\"T\".\"x y\"").node).parts.size() == 2);
  CHECK(std::get<ast::Name>(column("label").node).text() == "label");
}

TEST_CASE("expressions may be deep, but not so deep that walking them overflows") {
  CHECK_NOTHROW(value(std::string(300, '[') + std::string(300, ']')));
  const auto nested = [](const std::string& source) {
    return error_of("SELECT 1 TO TRAIN e WITH a = " + source + " INTO m").message;
  };
  std::string sum = "1", signs;
  for (int i = 0; i < 10000; ++i) {
    sum += " + 1";
    signs += "- ";
  }
  CHECK(nested(std::string(100000, '(') + "1" + std::string(100000, ')')) ==
        "expression is nested too deeply");
  CHECK(nested(sum) == "expression is nested too deeply");
  CHECK(nested(signs + "1") == "expression is nested too deeply");
}

}  // namespace quern::test
