// Property: parse(print(tree)) == tree, for a few thousand random trees in every dialect.

#include <catch2/catch.hpp>
#include <random>

#include "parsing.h"

namespace quern::test {
namespace {

/// Makes random trees of every node type that has a printer.
class TreeMaker {
 public:
  explicit TreeMaker(unsigned seed) : random_(seed) {}

  ast::Statement statement() {
    switch (below(4)) {
      case 0: return {registry()};
      case 1: {
        auto inside = coin() ? extended() : registry();
        return {Box<ast::Inspect>(ast::Inspect{
            static_cast<ast::Stage>(below(5)), {inside}, static_cast<ast::Format>(below(2))})};
      }
      default: return {extended()};
    }
  }

 private:
  using Node = decltype(ast::Statement::node);

  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  bool coin() { return below(2) == 0; }

  template <typename Make>
  auto maybe(Make make) -> std::optional<decltype(make())> {
    if (coin()) return std::nullopt;
    return make();
  }

  template <typename Make>
  auto several(int least, int most, Make make) {
    std::vector<decltype(make())> out;
    for (int n = least + below(most - least + 1); n > 0; --n) out.push_back(make());
    return out;
  }

  template <std::size_t N>
  std::string one_of(const char* const (&choices)[N]) {
    return choices[below(static_cast<int>(N))];
  }

  std::string text() {
    const auto pieces = several(0, 5, [&] {
      return one_of(
          {"a", "'", "\"", "`", "\\", ";", "\n", "--", "/*", "$$", "ä", "数", " ", "\\'", "\\\\"});
    });
    std::string out;
    for (const auto& piece : pieces) out += piece;
    return out;
  }

  ast::NamePart part() {
    if (below(4) == 0) return {"q" + text(), true};
    return {one_of({"a",       "b1",     "_x",     "größe",      "表",     "to",     "train",
                    "predict", "model",  "models", "show",       "if",     "exists", "except",
                    "plan",    "sql",    "label",  "with",       "column", "using",  "into",
                    "for",     "target", "cmd",    "constraint", "as"}),
            false};
  }

  ast::Name name() {
    return {several(1, 3, [&] { return part(); })};
  }
  ast::ModelName model() {
    return {name(), maybe([&] { return std::int64_t{below(100)}; })};
  }
  ast::Query query() {
    return {one_of({"SELECT 1", "SELECT * FROM t", "WITH q AS (SELECT 1) SELECT * FROM q",
                    "TABLE t", "FROM t SELECT *", "VALUES (1, ';')", "(SELECT 1)",
                    "SELECT to FROM label", "SELECT 'it''s' -- x\nFROM t"})};
  }

  /// The statements about models and the session.
  Node registry() {
    switch (below(10)) {
      case 0: return ast::ShowModels{maybe([&] { return text(); })};
      case 1: return ast::DropModel{model(), coin()};
      case 2: return ast::ShowTrain{model()};
      case 3: return ast::ShowAttributes{name()};
      case 4: return ast::DescribeModel{model()};
      case 5: return ast::ExportModel{model(), {text()}, with()};
      case 6: return ast::ImportModel{{text()}, with(), model()};
      case 7: {
        ast::Name option = name();
        option.parts.insert(option.parts.begin(), ast::NamePart{"quern", false});
        return ast::SetOption{option, expr()};
      }
      case 8: return ast::ShowTrials{model()};
      default: return ast::Attach{{"duckdb:" + text()}, name()};
    }
  }

  ast::Expr leaf() {
    switch (below(7)) {
      case 0: return {ast::Null{}};
      case 1: return {ast::Boolean{coin()}};
      case 2: return {ast::Integer{static_cast<std::int64_t>(random_()) * (coin() ? 1 : -1)}};
      case 3:
        return {ast::Real{
            std::ldexp(static_cast<double>(random_()) * (coin() ? 1 : -1), below(200) - 100)}};
      case 4: return {ast::Text{text()}};
      default: return {name()};
    }
  }

  ast::Expr expr(int depth = 4) {
    if (depth == 0) return leaf();
    const auto inner = [this, depth] { return expr(depth - 1); };
    switch (below(8)) {
      case 0: return {ast::List{several(0, 3, inner)}};
      case 1: return {ast::Map{several(0, 3, [&] { return ast::MapEntry{text(), inner()}; })}};
      case 2: return {ast::Call{name(), several(0, 3, inner)}};
      case 3: return {ast::Unary{'-', inner()}};
      case 4:
      case 5: return {ast::Binary{"+-*/%"[below(5)], inner(), inner()}};
      default: return leaf();
    }
  }

  ast::Expr column() {
    if (below(5) == 0) return {ast::Star{several(0, 2, [&] { return name(); })}};
    return expr(2);
  }

  ast::Attribute attribute() { return {name(), expr()}; }
  ast::ColumnClause columns() {
    return {several(1, 3, [&] { return column(); }), maybe([&] { return name(); })};
  }
  std::vector<ast::Attribute> with() {
    return several(0, 3, [&] { return attribute(); });
  }

  Node extended() {
    const auto some_name = [&] { return name(); };
    switch (below(4)) {
      case 0:
        return ast::Train{query(),          name(),
                          with(),           several(0, 2, [&] { return columns(); }),
                          maybe(some_name), maybe([&] { return model(); }),
                          model()};
      case 1: {
        auto target = maybe(some_name);
        auto as = target ? maybe([&] { return part(); }) : std::nullopt;
        return ast::Predict{query(), target, as, with(), model()};
      }
      case 2: return ast::Evaluate{query(), model(), with(), maybe(some_name), maybe(some_name)};
      default: return ast::Explain{query(), model(), with(), maybe(some_name), maybe(some_name)};
    }
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("parse(print(tree)) == tree") {
  const auto dialect =
      GENERATE(Dialect::duckdb, Dialect::postgres, Dialect::mysql, Dialect::sqlite);
  TreeMaker maker(20240607U + static_cast<unsigned>(dialect));
  for (int i = 0; i < 4000; ++i) {
    const auto tree = maker.statement();
    const auto printed = ast::print(tree);
    const auto parsed = parse(printed + ";", dialect);
    const bool same = parsed.statements.size() == 1 && parsed.statements[0] == tree;
    if (same) continue;
    const auto errors = parsed.errors.empty() ? "" : render(parsed.errors[0], printed, "printed");
    FAIL("tree " << i << ": " << printed << "\n" << errors);
  }
  SUCCEED();
}

}  // namespace quern::test
