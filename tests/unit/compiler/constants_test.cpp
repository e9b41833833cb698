// Arithmetic in attribute values.

#include "compiler/bind/constants.h"

#include <catch2/catch.hpp>

using namespace quern;
using binding::Constant;

namespace {

ast::Expr number(std::int64_t v) { return {ast::Integer{v}}; }
ast::Expr real(double v) { return {ast::Real{v}}; }
ast::Expr binary(char op, ast::Expr a, ast::Expr b) {
  return {ast::Binary{op, std::move(a), std::move(b)}};
}

Constant folded(const ast::Expr& e) {
  auto out = binding::fold(e);
  REQUIRE(out);
  return *out;
}

}  // namespace

TEST_CASE("integers stay integers where the result is one") {
  CHECK(std::get<std::int64_t>(folded(binary('*', number(3), number(-4))).node) == -12);
  CHECK(std::get<std::int64_t>(folded(binary('/', number(12), number(4))).node) == 3);
  CHECK(std::get<std::int64_t>(folded(binary('%', number(13), number(4))).node) == 1);
  CHECK(std::get<double>(folded(binary('/', number(1), number(2))).node) == 0.5);
}

TEST_CASE("integer overflow goes on in floating point") {
  CHECK(std::get<double>(folded(binary('+', number(INT64_MAX), number(1))).node) ==
        9223372036854775808.0);
  CHECK(std::get<double>(folded(binary('*', number(INT64_MAX), number(2))).node) ==
        18446744073709551616.0);
  CHECK(std::get<double>(folded({ast::Unary{'-', number(INT64_MIN)}}).node) ==
        9223372036854775808.0);
  CHECK(std::get<double>(folded(binary('/', number(INT64_MIN), number(-1))).node) ==
        9223372036854775808.0);
}

TEST_CASE("what has no value is an error") {
  CHECK_FALSE(binding::fold(binary('/', number(1), number(0))));
  CHECK_FALSE(binding::fold(binary('%', real(1), real(0))));
  CHECK_FALSE(binding::fold(binary('+', number(1), {ast::Text{"x"}})));
  CHECK_FALSE(binding::fold({ast::Unary{'-', ast::Expr{ast::Boolean{true}}}}));
}

TEST_CASE("a map folds its values and has one for each key") {
  ast::Map map;
  map.items = {{"a", binary('/', number(1), number(2))}, {"b", number(3)}};
  const auto out = folded({map});
  CHECK(binding::kind_words(out) == "a map");
  CHECK(binding::print(out) == "{a: 0.5, b: 3}");
  map.items.emplace_back("a", number(1));
  CHECK_FALSE(binding::fold({map}));
}
