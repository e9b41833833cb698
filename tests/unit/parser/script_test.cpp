// Variables and backslash commands before the parser, and the way back from what they became.

#include "parser/script.h"

#include <catch2/catch.hpp>

namespace quern {
namespace {

Result<Source> no_files(const std::string& name, const std::string&) {
  return Diagnostic{Code::cannot_read_file, "cannot read file: " + name};
}

Script expanded(const std::string& text,
                Variables variables = {{"n", "5"}, {"t", "it's"}, {"w", "a b"}},
                Dialect dialect = Dialect::duckdb) {
  return expand({"<test>", text}, variables, dialect, no_files);
}

/// The expanded text, or the code and the source text of each problem.
std::string text_of(const std::string& text, Dialect dialect = Dialect::duckdb) {
  const auto script = expanded(
      text, {{"n", "5"}, {"neg", "-5"}, {"t", "it's"}, {"w", "a\\b"}, {"q", "s.tab"}}, dialect);
  std::string out;
  for (const auto& [source, problem] : script.problems) {
    out += std::string(code_number(problem.code)) + " " +
           text.substr(problem.span.begin, problem.span.size()) + "|";
  }
  return script.problems.empty() ? script.text : out;
}

}  // namespace

TEST_CASE("a variable becomes its value in three forms") {
  CHECK(text_of("select :n, :'t', :\"t\"; x") == "select 5, 'it''s', \"it's\"; x");
  CHECK(text_of("select * from :q where a=:n and b<:n") == "select * from s.tab where a=5 and b<5");
  CHECK(text_of("select 1-:neg") == "select 1- -5");
  CHECK(text_of("from ${q} limit ${n}; from log_${n}") == "from s.tab limit 5; from log_5");
  CHECK(text_of("select [:n, :n], {'a': :n}, f(:n)") == "select [5, 5], {'a': 5}, f(5)");
  CHECK(text_of("select :\"t\", :'w'", Dialect::mysql) == "select `it's`, 'a\\\\b'");
}

TEST_CASE("a named value is a literal as it stands, and its text in the other forms") {
  const ScriptValues values{
      .named = {{"x", {{"'it''s'", "'it\\'s'"}, "it's"}}, {"b", {{"unhex('00')", {}}, "b"}}}};
  const auto with_values = [&](const std::string& text) {
    Variables variables = {{"x", "hidden"}, {"n", "5"}};
    return expand({"<test>", text}, variables, Dialect::duckdb, no_files, values);
  };
  CHECK(with_values("select :x, :'x', :\"x\", :n, a::x, l[1:x]").text ==
        "select 'it''s', 'it''s', \"it's\", 5, a::x, l[1:x]");
  CHECK(with_values("select 1 to predict using m with a = :x").text ==
        "select 1 to predict using m with a = 'it\\'s'");
  CHECK(with_values("select :b").text == "select unhex('00')");
  const auto refused = with_values("select 1 to predict using m with a = :b");
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems[0].diagnostic.message == "parameter b has a value that no clause takes");
  CHECK(refused.problems[0].diagnostic.span == SourceSpan{37, 39});
}

TEST_CASE("in our clauses a backslash of a value is doubled") {
  CHECK(text_of("select :'w' to predict using m with x = :'w'") ==
        "select 'a\\b' to predict using m with x = 'a\\\\b'");
}

TEST_CASE("what only looks like a variable is left alone") {
  for (const std::string same : {
           "select ':n', \":n\", $$ :n $$, $a$:n$a$ -- :n\n, 1 /* :n */",
           "select a::n, a[1:n], a[:n], a[b :n], {'a':n}, {a :n}, {'k':'n'}, x:n",
           "select 1 to train xgboost.gbtree with objective = reg:n label x into m",
           "select list_transform(l, lambda x: x + n), a:1, a := n, 'x' || $1",
           "select '${n}'",
       }) {
    CHECK(text_of(same) == same);
  }
  CHECK(text_of("select E'\\':n', `:n`") == "select E'\\':n', `:n`");
}

TEST_CASE("unknown variables and values that do not fit are problems at their place") {
  CHECK(text_of("select :nn, :'x', ${yy}") == "Q1007 :nn|Q1007 :'x'|Q1007 ${yy}|");
  CHECK(text_of("select :t") == "Q1008 :t|");
  CHECK(expanded("select :zz", {{"t1", ""}, {"table", "x"}})
            .problems[0]
            .diagnostic.hint.find("-v zz=") != std::string::npos);
  CHECK(expanded("select :tabel", {{"table", "x"}}).problems[0].diagnostic.hint ==
        "did you mean `table`?");
}

TEST_CASE("set, unset and echo between statements") {
  CHECK(text_of("\\set a 7\nselect :a;\n-- why\n  \\set a 'two words'\nselect :'a'") ==
        "\nselect 7;\n-- why\n  \nselect 'two words'");
  CHECK(text_of("\\unset n\nselect :n") == "Q1007 :n|");
  const auto script = expanded("select 1;\n\\echo n is :n, :'t' 'a  b'\nselect 2;\n\\echo end\r\n");
  REQUIRE(script.echoes.size() == 2);
  CHECK(script.echoes[0].words == "n is 5, 'it''s' a  b");
  CHECK(script.echoes[0].before == 10);
  CHECK(script.echoes[1].before > script.text.find('2'));
}

TEST_CASE("commands that are not understood") {
  CHECK(text_of("\\st a 1\n") == "Q1009 \\st|");
  CHECK(text_of("\\set 1a 1\n") == "Q1009 \\set 1a 1|");
  CHECK(text_of("\\set a b c\n") == "Q1009 \\set a b c|");
  CHECK(text_of("\\set a 'b\n") == "Q1006 '|");
  CHECK(text_of("select 1\n\\echo x\n;") == "Q1009 \\echo|");
  CHECK(text_of("\\i no.sql") == "Q5007 \\i no.sql|");
}

TEST_CASE("variables made of variables grow to a limit") {
  std::string doubling = "\\set a xx\n";
  for (int i = 0; i < 60; ++i) doubling += "\\set a :a:a\n";
  const auto script = expanded(doubling + "SELECT 1");
  REQUIRE(!script.problems.empty());
  CHECK(script.problems.front().diagnostic.code == Code::variable_value);
  CHECK(script.text.size() < 1000);

  const std::string megabyte(1 << 20, 'a');
  std::string uses = "SELECT 1";
  for (int i = 0; i < 40; ++i) uses += ", :'m'";
  const auto long_text = expanded(uses, {{"m", megabyte}});
  REQUIRE(!long_text.problems.empty());
  CHECK(long_text.problems.front().diagnostic.code == Code::variable_value);
  CHECK(long_text.text.size() < 20 * megabyte.size());
  CHECK(expanded("SELECT :'m', :'m'", {{"m", megabyte}}).problems.empty());
}

TEST_CASE("files that include each other many times over end") {
  std::string many;
  for (int i = 0; i < 28; ++i) many += "\\i again\n";
  const auto again = [&](const std::string& name, const std::string&) {
    return Result<Source>(Source{name, many});
  };
  Variables none;
  const auto script = expand({"<test>", many}, none, Dialect::duckdb, again);
  REQUIRE(!script.problems.empty());
  CHECK(script.problems.front().diagnostic.code == Code::bad_command);
  CHECK(script.sources.size() < 2000);
}

TEST_CASE("every byte of the expanded text leads back to its source") {
  const std::string text = "\\set long 12345\nselect :long, nope, :n";
  const auto script = expanded(text);
  CHECK(script.text == "\nselect 12345, nope, 5");
  const auto back = [&](const std::string& words) {
    const auto begin = script.text.find(words);
    const auto span = script.map.place({begin, begin + words.size()}).span;
    return text.substr(span.begin, span.size());
  };
  CHECK(back("nope") == "nope");
  CHECK(back("12345") == ":long");
  CHECK(back("234") == ":long");
  CHECK(back("45, no") == ":long, no");
  CHECK(back("pe, 5") == "pe, :n");
  const auto end = script.text.size();
  CHECK(script.map.place({end, end}).span == SourceSpan{text.size() - 2, text.size()});
  CHECK_FALSE(script.map.place(SourceSpan::none()).span.known());
}

TEST_CASE("included files take part, and their spans lead into them") {
  Variables variables;
  const auto files = [](const std::string& name, const std::string& from) -> Result<Source> {
    if (name == "self") return Source{"self", "\\i self\n"};
    return Source{from + "/" + name, "\\set b 2\nselect inner :b; -- open"};
  };
  const auto script =
      expand({"a", "select 1;\n\\i f\nselect :b"}, variables, Dialect::duckdb, files);
  REQUIRE(script.problems.empty());
  CHECK(script.text == "select 1;\n\nselect inner 2; -- open\n\nselect 2");
  const auto at = script.text.find("inner");
  CHECK(script.map.place({at, at + 5}).source == 1);
  CHECK(script.map.place({at, at + 5}).span == SourceSpan{16, 21});
  CHECK(script.sources[1].name == "a/f");
  const auto endless = expand({"a", "\\i self\n"}, variables, Dialect::duckdb, files);
  REQUIRE(endless.problems.size() == 1);
  CHECK(endless.problems[0].diagnostic.code == Code::bad_command);
}

}  // namespace quern
