// Backslash commands that others carry out: what a script becomes, and what is refused.

#include <catch2/catch.hpp>

#include "parser/script.h"

namespace quern {
namespace {

Script expanded(const std::string& text, const CommandMeaning& meaning) {
  static const IncludeReader none = [](const std::string& name,
                                       const std::string&) -> Result<Source> {
    return Source{name, "SELECT 2;\n\\q\nSELECT 3;\n"};
  };
  Variables variables{{"t", "cats"}};
  return expand({"a.sql", text}, variables, Dialect::duckdb, none, {}, meaning);
}

CommandMeaning meaning() {
  return {
      [](const std::string& name, const std::vector<std::string>& words) -> Result<std::string> {
        return "SHOW " + name + (words.empty() ? "" : " " + words[0]);
      },
      true};
}

}  // namespace

TEST_CASE("a command may stand for a statement") {
  const auto script = expanded("SELECT 1;\n\\d :t\nSELECT 4;\n", meaning());
  CHECK(script.problems.empty());
  CHECK(script.text == "SELECT 1;\nSHOW d cats;\n\nSELECT 4;\n");
  // What goes wrong in it is shown at the command.
  CHECK(script.map.place({11, 15}).span == SourceSpan{10, 15});
}

TEST_CASE("commands of how rows are shown are kept in their turn") {
  const auto script = expanded("\\x\nSELECT 1;\n\\o 'two words'\n", meaning());
  REQUIRE(script.commands.size() == 2);
  CHECK(script.commands[0].name == "x");
  CHECK(script.commands[0].before == 0);
  CHECK(script.commands[1].words == std::vector<std::string>{"two words"});
  CHECK(script.commands[1].before > 9);
}

TEST_CASE("\\q ends its file") {
  CHECK(expanded("SELECT 1;\n\\q\nSELECT ':nothing';\n", meaning()).text == "SELECT 1;\n");
  CHECK(expanded("\\i x\nSELECT 4;\n", meaning()).text == "SELECT 2;\n\n\nSELECT 4;\n");
}

TEST_CASE("what nobody carries out is a problem") {
  const auto problem = [](const std::string& text, const CommandMeaning& how) {
    const auto script = expanded(text, how);
    return script.problems.empty() ? "" : script.problems[0].diagnostic.message;
  };
  CHECK(problem("\\d\n", {}) == "`\\d` has no meaning here");
  CHECK(problem("\\x\n", {}) == "`\\x` has no meaning here");
  CHECK(problem("\\watch 2\n", meaning()) == "`\\watch` works at a prompt only");
  CHECK(problem("\\c duckdb:x\n", meaning()) == "`\\c` works at a prompt only");
  CHECK(problem("\\nothing\n", meaning()) == "unknown command `\\nothing`");
}

TEST_CASE("each command is listed once, with its usage") {
  std::string seen;
  for (const auto& form : command_forms()) {
    CHECK(std::string(form.usage).starts_with("\\" + std::string(form.name)));
    CHECK(seen.find(" " + std::string(form.name) + " ") == std::string::npos);
    seen += " " + std::string(form.name) + " ";
    CHECK(form.fewest <= form.most);
  }
}

}  // namespace quern
