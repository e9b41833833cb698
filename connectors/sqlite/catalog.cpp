// Names are looked up in each file's sqlite_schema.

#include "connectors/sqlite/catalog.h"

#include <algorithm>
#include <charconv>

#include "base/similar.h"
#include "connectors/sql_text.h"

namespace quern::sqlite {
namespace {

constexpr auto kDialect = Dialect::sqlite;

Result<std::optional<Entry>> entry_in(Session& session, const std::string& schema,
                                      const std::string& table) {
  QUERN_TRY(const auto rows,
            session.ask("SELECT name, type, sql FROM " + quote_identifier(schema, kDialect) +
                            ".sqlite_schema WHERE name = ?1 COLLATE NOCASE AND "
                            "type IN ('table', 'view')",
                        {table}));
  if (rows.empty()) return std::optional<Entry>();
  return std::optional(Entry{.name = {.schema = schema, .table = rows[0][0]},
                             .is_view = rows[0][1] == "view",
                             .sql = rows[0][2]});
}

/// Schemas in the order in which a name without one is looked for.
std::vector<std::string> search_order(Session& session) {
  auto out = schemas(session);
  if (out.size() > 1) std::swap(out[0], out[1]);  // SQLite's list has main before temp
  return out;
}

Result<bool> is_view(Session& session, const std::string& name) {
  for (const auto& schema : search_order(session)) {
    QUERN_TRY(const auto entry, entry_in(session, schema, name));
    if (entry) return entry->is_view;
  }
  return false;
}

bool word_is(std::string_view sql, SourceSpan token, std::string_view word) {
  return equal_ignoring_case(sql.substr(token.begin, token.size()), word);
}

/// `SELECT ... FROM name` with nothing behind it and nothing computed: one row for each of the
/// table's.
bool reads_whole_table(const std::string& sql) {
  auto token = sql::next_token(sql, 0, kDialect);
  if (!word_is(sql, token, "SELECT")) return false;
  while (token.size() > 0 && !word_is(sql, token, "FROM")) {
    if (word_is(sql, token, "(") || word_is(sql, token, "DISTINCT")) return false;
    token = sql::next_token(sql, token.end, kDialect);
  }
  token = sql::next_token(sql, token.end, kDialect);
  token = sql::token_at(sql, token.begin, kDialect);
  return token.size() > 0 && token.end == sql::without_end(sql, kDialect).size();
}

}  // namespace

std::vector<std::string> schemas(Session& session) {
  std::vector<std::string> out;
  for (int i = 0; const auto* name = sqlite3_db_name(session.handle(), i); ++i)
    out.emplace_back(name);
  return out;
}

Result<std::optional<Entry>> find_entry(Session& session, const TableName& name) {
  if (!name.catalog.empty()) return std::optional<Entry>();
  for (const auto& schema : search_order(session)) {
    if (!name.schema.empty() && !equal_ignoring_case(schema, name.schema)) continue;
    QUERN_TRY(auto entry, entry_in(session, schema, name.table));
    if (entry) return entry;
  }
  return std::optional<Entry>();
}

Result<std::vector<TableName>> tables_read(Session& session, const std::vector<Access>& reads) {
  std::vector<TableName> out;
  for (const auto& read : reads) {
    if (!read.within.empty()) {
      QUERN_TRY(const bool within_view, is_view(session, read.within));
      if (within_view) continue;
    }
    QUERN_TRY(const auto entry, find_entry(session, {.schema = read.schema, .table = read.table}));
    if (entry && std::find(out.begin(), out.end(), entry->name) == out.end())
      out.push_back(entry->name);
  }
  return out;
}

Result<std::vector<std::string>> dependent_statements(Session& session, const TableName& table) {
  std::vector<std::string> out;
  QUERN_TRY(const auto entry, find_entry(session, table));
  if (!entry) return out;
  const auto schema = quote_identifier(entry->name.schema, kDialect);
  QUERN_TRY(const auto rows,
            session.ask("SELECT sql FROM " + schema +
                            ".sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE AND sql IS NOT NULL "
                            "AND type IN ('index', 'trigger') ORDER BY type, rowid",
                        {entry->name.table}));
  for (const auto& row : rows) {
    // SQLite keeps `CREATE [UNIQUE] INDEX name ...` and the like, without the schema.
    auto token = sql::next_token(row[0], 0, kDialect);
    while (!word_is(row[0], token, "INDEX") && !word_is(row[0], token, "TRIGGER") &&
           token.size() > 0)
      token = sql::next_token(row[0], token.end, kDialect);
    const auto name = sql::next_token(row[0], token.end, kDialect);
    out.push_back(row[0].substr(0, name.begin) + schema + "." + row[0].substr(name.begin));
  }
  return out;
}

Result<void> check_writable(Session& session, const TableName& name) {
  const auto schema = name.schema.empty() ? "main" : name.schema;
  if (sqlite3_db_readonly(session.handle(), schema.c_str()) != 1) return {};
  const auto* file = sqlite3_db_filename(session.handle(), schema.c_str());
  return Diagnostic{Code::read_only,
                    "database is read-only: " + (file == nullptr || *file == 0 ? schema : file)};
}

Result<std::optional<std::int64_t>> estimate_rows(Session& session, const std::string& sql) {
  std::optional<std::int64_t> none;
  std::vector<Access> accesses;
  if (!session.look_at(sql, accesses) || !reads_whole_table(sql)) return none;
  QUERN_TRY(const auto reads, tables_read(session, accesses));
  if (reads.size() != 1) return none;
  QUERN_TRY(const auto statistics, entry_in(session, reads[0].schema, "sqlite_stat1"));
  if (!statistics) return none;
  QUERN_TRY(const auto rows, session.ask("SELECT max(CAST(stat AS INTEGER)) FROM " +
                                             quote_identifier(reads[0].schema, kDialect) +
                                             ".sqlite_stat1 WHERE tbl = ?1",
                                         {reads[0].table}));
  const auto& text = rows.at(0).at(0);
  std::int64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  return read.ec == std::errc() ? std::optional(count) : none;
}

std::string comment_text(const std::string& comment) {
  if (comment.empty()) return "";
  std::string out = "/* ";
  for (const char c : comment) {
    // A backslash keeps the slash of an ending apart from its star, and stands for itself twice.
    if (c == '\\' || (c == '/' && out.back() == '*')) out += '\\';
    out += c;
  }
  return out + " */ ";
}

std::string comment_of(const std::string& create_table) {
  auto begin = create_table.find('(');
  // A name may hold a parenthesis: look behind its token.
  for (auto token = sql::next_token(create_table, 0, kDialect); token.size() > 0;
       token = sql::next_token(create_table, token.end, kDialect)) {
    begin = token.begin;
    if (create_table[begin] == '(') break;
  }
  if (begin == std::string::npos || create_table.compare(begin, 3, "(/*") != 0) return "";
  const auto end = create_table.find("*/", begin + 3);
  if (end == std::string::npos) return "";
  std::string out;
  for (auto i = begin + 3; i < end; ++i) {
    if (create_table[i] == '\\' && i + 1 < end) ++i;
    out += create_table[i];
  }
  if (out.starts_with(' ')) out.erase(0, 1);
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace quern::sqlite
