// Runs grammar/accept and grammar/reject. A line `-- expect: a, b` says what the next statements
// are or which errors the next statements give; `-- dialect: mysql` holds for the file.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "parsing.h"

namespace quern::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<fs::path> files_in(const std::string& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(fs::path(QUERN_GRAMMAR_DIR) / folder)) {
    if (entry.path().extension() == ".sql") out.push_back(entry.path());
  }
  return out;
}

/// The rest of every line that begins with `key`.
std::vector<std::string> lines_behind(const std::string& text, const std::string& key) {
  std::vector<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key, 0) == 0) out.push_back(line.substr(key.size()));
  }
  return out;
}

Dialect dialect_of(const std::string& text) {
  const auto named = lines_behind(text, "-- dialect: ");
  if (named.empty()) return Dialect::duckdb;
  if (named[0] == "mysql") return Dialect::mysql;
  return named[0] == "postgres" ? Dialect::postgres : Dialect::sqlite;
}

std::string join_lines(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += item + "\n";
  return out;
}

/// The expectations of a file, one a line; items are separated by a comma, which quotes protect.
std::string expected_lines(const std::string& text) {
  std::vector<std::string> out;
  for (const auto& line : lines_behind(text, "-- expect: ")) {
    std::string item;
    bool in_quotes = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      in_quotes = in_quotes != (line[i] == '"');
      if (line[i] == ',' && !in_quotes) {
        out.push_back(item);
        item.clear();
        ++i;  // the blank behind the comma
      } else {
        item += line[i];
      }
    }
    out.push_back(item);
  }
  return join_lines(out);
}

std::string describe(const Diagnostic& error, const std::string& text) {
  const auto code = std::string(code_number(error.code));
  if (error.span.size() == 0) return code + " at end";
  return code + " at \"" + at(text, error.span) + "\"";
}

}  // namespace

TEST_CASE("every accepted example parses, is what it says, and survives printing") {
  for (const auto& path : files_in("accept")) {
    INFO(path);
    const auto text = read_file(path);
    const auto dialect = dialect_of(text);
    const auto parsed = parse(text, dialect);
    for (const auto& error : parsed.errors) FAIL_CHECK(render(error, text, path.string()));
    std::vector<std::string> kinds;
    for (const auto& statement : parsed.statements) {
      kinds.push_back(kind(statement));
      const auto printed = ast::print(statement);
      INFO(printed);
      CHECK(parse_one(printed, dialect) == statement);
    }
    CHECK(join_lines(kinds) == expected_lines(text));
  }
}

TEST_CASE("every rejected example gives the errors it names, where it says") {
  for (const auto& path : files_in("reject")) {
    INFO(path);
    const auto text = read_file(path);
    const auto parsed = parse(text, dialect_of(text));
    std::vector<std::string> found;
    for (const auto& error : parsed.errors) found.push_back(describe(error, text));
    CHECK(parsed.statements.empty());
    CHECK(join_lines(found) == expected_lines(text));
  }
}

}  // namespace quern::test
