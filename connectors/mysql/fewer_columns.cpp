// One pass over the tokens. MariaDB takes no list of names behind a derived table, and renames the
// columns of a common table expression.

#include "connectors/mysql/fewer_columns.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/similar.h"
#include "connectors/some_columns.h"
#include "connectors/sql_text.h"

namespace quern::mysql {
namespace {

/// Words outside of parentheses that make rows something else than those of the tables.
constexpr std::array<std::string_view, 20> kOfResult{
    "DISTINCT",  "DISTINCTROW", "GROUP",  "HAVING", "ORDER",
    "LIMIT",     "OFFSET",      "FETCH",  "UNION",  "INTERSECT",
    "EXCEPT",    "MINUS",       "INTO",   "FOR",    "LOCK",
    "PROCEDURE", "WINDOW",      "VALUES", "ROWNUM", "SQL_CALC_FOUND_ROWS"};

bool is_merged(std::string_view sql) {
  if (sql::leading_words(sql, 1, Dialect::mysql) != "SELECT") return false;
  int depth = 0;
  for (auto token = sql::next_token(sql, 0, Dialect::mysql); token.size() > 0;
       token = sql::next_token(sql, token.end, Dialect::mysql)) {
    const auto word = sql.substr(token.begin, token.size());
    const auto is = [&](std::string_view other) { return equal_ignoring_case(word, other); };
    if (word == "(") ++depth;
    if (word == ")") --depth;
    // Variables may change from row to row; comments that the server runs hide words.
    if (word == "@" || is("OVER") || word.starts_with("/*") || depth < 0) return false;
    if (depth == 0 && std::any_of(kOfResult.begin(), kOfResult.end(), is)) return false;
  }
  return depth == 0;
}

}  // namespace

std::optional<std::string> with_fewer_columns(const std::string& sql,
                                              const std::vector<std::size_t>& used,
                                              std::size_t columns) {
  const auto query = sql::without_end(sql, Dialect::mysql);
  if (used.empty() || used.size() == columns || !is_merged(query)) return std::nullopt;
  std::string values, names;
  for (const auto i : used) values += (values.empty() ? "c" : ", c") + std::to_string(i);
  for (std::size_t i = 0; i < columns; ++i) names += (i > 0 ? ", c" : "c") + std::to_string(i);
  // The line break ends a comment that the query may end with.
  return "WITH q(" + names + ") AS (" + std::string(query) + "\n) SELECT " + values + " FROM q";
}

}  // namespace quern::mysql
