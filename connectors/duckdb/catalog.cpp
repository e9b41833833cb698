// Names are resolved here and not by trial: a failed statement would abort the user's transaction.

#include "connectors/duckdb/catalog.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/similar.h"
#include "connectors/duckdb/json.h"
#include "connectors/sql_text.h"

namespace quern::duckdb {
namespace {

struct Entry {
  TableName name;
  bool is_view = false;
  bool is_temporary = false;
  std::string comment;
};

/// Where unqualified names are looked for.
struct SearchPath {
  std::string catalog;            ///< the current one
  std::vector<TableName> places;  ///< catalog and schema; `table` is unused
};

constexpr const char* kEntries =
    "SELECT database_name, schema_name, table_name, 'table', temporary::VARCHAR, coalesce(comment, "
    "'') "
    "FROM duckdb_tables() WHERE lower(table_name) = lower($1) "
    "UNION ALL SELECT database_name, schema_name, view_name, 'view', temporary::VARCHAR, "
    "coalesce(comment, '') "
    "FROM duckdb_views() WHERE lower(view_name) = lower($1)";

constexpr const char* kSchemas =
    "SELECT 'yes' FROM duckdb_schemas() WHERE lower(schema_name) = lower($1) "
    "AND database_name IN (current_database(), 'system', 'temp') "
    "UNION ALL SELECT 'yes' FROM duckdb_databases() WHERE lower(database_name) = lower($1)";

/// $1 a catalog or "", $2 a schema or "": where one part stands for a catalog, it is one.
constexpr const char* kReadOnly =
    "SELECT database_name FROM duckdb_databases() WHERE readonly AND lower(database_name) = lower("
    "CASE WHEN $1 <> '' THEN $1 WHEN $2 <> '' AND NOT EXISTS (SELECT 1 FROM duckdb_schemas() s "
    "WHERE "
    "s.database_name = current_database() AND lower(s.schema_name) = lower($2)) THEN $2 "
    "ELSE current_database() END)";

Result<std::vector<Entry>> entries_named(Session& session, const std::string& table) {
  QUERN_TRY(const auto rows, session.ask(kEntries, {table}));
  std::vector<Entry> entries;
  for (const auto& row : rows) {
    entries.push_back({{row[0], row[1], row[2]}, row[3] == "view", row[4] == "true", row[5]});
  }
  return entries;
}

/// Splits `a.b,"c,d".e` at its commas; one part is a schema of the current catalog, or else a
/// catalog.
std::vector<TableName> parse_path(const std::string& text, const std::string& catalog) {
  std::vector<TableName> places;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto parts = sql::split_name(std::string_view(text).substr(at), Dialect::duckdb);
    if (parts.size() == 1) {
      places.push_back({catalog, parts[0], ""});
      places.push_back({parts[0], "main", ""});
    } else if (parts.size() == 2) {
      places.push_back({parts[0], parts[1], ""});
    }
    auto token = sql::next_token(text, at, Dialect::duckdb);
    while (token.size() > 0 && text[token.begin] != ',')
      token = sql::next_token(text, token.end, Dialect::duckdb);
    at = token.end;
  }
  if (places.empty()) places.push_back({catalog, "main", ""});
  return places;
}

Result<SearchPath> search_path(Session& session) {
  QUERN_TRY(const auto rows,
            session.ask("SELECT current_database(), current_setting('search_path')", {}));
  SearchPath path{.catalog = rows.at(0).at(0), .places = {}};
  path.places.push_back({"temp", "main", ""});
  for (auto& place : parse_path(rows[0][1], path.catalog)) path.places.push_back(std::move(place));
  path.places.push_back({"system", "main", ""});
  path.places.push_back({"system", "pg_catalog", ""});
  return path;
}

/// The places that a name may mean, nearest first.
std::vector<TableName> places_of(const TableName& name, const SearchPath& path) {
  if (!name.catalog.empty())
    return {{name.catalog, name.schema.empty() ? "main" : name.schema, ""}};
  if (name.schema.empty()) return path.places;
  std::vector<TableName> places{{path.catalog, name.schema, ""}, {name.schema, "main", ""}};
  for (const auto& place : path.places) places.push_back({place.catalog, name.schema, ""});
  return places;
}

const Entry* choose(const std::vector<Entry>& entries, const std::vector<TableName>& places) {
  for (const auto& place : places) {
    for (const auto& entry : entries) {
      const bool here = equal_ignoring_case(entry.name.catalog, place.catalog) &&
                        equal_ignoring_case(entry.name.schema, place.schema);
      if (here) return &entry;
    }
  }
  return nullptr;
}

Result<std::optional<Entry>> resolve(Session& session, const SearchPath& path,
                                     const TableName& name) {
  QUERN_TRY(const auto entries, entries_named(session, name.table));
  const auto* entry = choose(entries, places_of(name, path));
  return entry == nullptr ? std::optional<Entry>() : std::optional<Entry>(*entry);
}

using Names = std::set<std::string>;

void collect(const Json& node, const Names& hidden, std::vector<TableName>& tables);

/// A common table expression hides a table of its name from what follows it, and from itself where
/// it is recursive.
void collect_with_expressions(const Json& node, Names hidden, std::vector<TableName>& tables) {
  if (node.text_of("type") == "RECURSIVE_CTE_NODE")
    hidden.insert(lower_ascii(node.text_of("cte_name")));
  const auto* map = node.find("cte_map");
  const auto* entries = map == nullptr ? nullptr : map->find("map");
  for (const auto& entry : entries == nullptr ? std::vector<Json>() : entries->items) {
    collect(entry, hidden, tables);
    hidden.insert(lower_ascii(entry.text_of("key")));
  }
  for (const auto& [key, value] : node.members) {
    if (key != "cte_map") collect(value, hidden, tables);
  }
}

/// Collects the base tables of a serialized syntax tree.
void collect(const Json& node, const Names& hidden, std::vector<TableName>& tables) {
  if (node.text_of("type") == "BASE_TABLE") {
    TableName name{node.text_of("catalog_name"), node.text_of("schema_name"),
                   node.text_of("table_name")};
    if (!name.schema.empty() || !hidden.contains(lower_ascii(name.table)))
      tables.push_back(std::move(name));
  }
  const bool scope =
      node.find("cte_map") != nullptr || node.text_of("type") == "RECURSIVE_CTE_NODE";
  if (scope) return collect_with_expressions(node, hidden, tables);
  for (const auto& [key, value] : node.members) collect(value, hidden, tables);
  for (const auto& item : node.items) collect(item, hidden, tables);
}

/// Expressions that name no table; there may be a hundred thousand of them behind an IN.
bool is_leaf(const Json& node) {
  const auto* of_class = node.find("class");
  return of_class != nullptr && (of_class->text == "CONSTANT" || of_class->text == "COLUMN_REF");
}

Result<std::vector<TableName>> tables_written(Session& session, const std::string& sql) {
  QUERN_TRY(const auto rows, session.ask("SELECT json_serialize_sql($1::VARCHAR)::VARCHAR", {sql}));
  std::vector<TableName> tables;
  if (const auto tree = parse_json(rows.at(0).at(0), is_leaf)) collect(*tree, {}, tables);
  return tables;
}

}  // namespace

Result<std::optional<TableInfo>> find_table(Session& session, const TableName& name) {
  QUERN_TRY(const auto path, search_path(session));
  QUERN_TRY(const auto entry, resolve(session, path, name));
  if (!entry) return std::optional<TableInfo>();
  QUERN_TRY(const auto prepared,
            session.prepare("SELECT * FROM " + quote_name(entry->name, Dialect::duckdb)));
  return std::optional<TableInfo>({.name = entry->name,
                                   .columns = prepared.schema(),
                                   .is_view = entry->is_view,
                                   .is_temporary = entry->is_temporary,
                                   .comment = entry->comment});
}

Result<bool> schema_exists(Session& session, const std::string& name) {
  QUERN_TRY(const auto rows, session.ask(kSchemas, {name}));
  return !rows.empty();
}

Result<void> check_writable(Session& session, const TableName& name) {
  QUERN_TRY(const auto rows, session.ask(kReadOnly, {name.catalog, name.schema}));
  if (rows.empty()) return {};
  return Diagnostic{Code::read_only, "database is read-only: " + rows[0][0]};
}

Result<std::vector<TableName>> tables_read(Session& session, const std::string& sql) {
  std::vector<TableName> reads;
  QUERN_TRY(const auto tables, tables_written(session, sql));
  if (tables.empty()) return reads;
  QUERN_TRY(const auto path, search_path(session));
  for (const auto& name : tables) {
    QUERN_TRY(const auto entry, resolve(session, path, name));
    const bool fresh = entry && std::find(reads.begin(), reads.end(), entry->name) == reads.end();
    if (fresh) reads.push_back(entry->name);
  }
  return reads;
}

namespace {

/// `CREATE [UNIQUE] INDEX name ON table(...)` with the table's whole name: DuckDB leaves out its
/// catalog.
std::string on_table(const std::string& sql, const TableName& table) {
  auto token = sql::next_token(sql, 0, Dialect::duckdb);
  token = sql::next_token(sql, token.end, Dialect::duckdb);
  if (sql.substr(token.begin, token.size()) == "UNIQUE")
    token = sql::next_token(sql, token.end, Dialect::duckdb);
  for (int behind_index = 0; behind_index < 3; ++behind_index)
    token = sql::next_token(sql, token.end, Dialect::duckdb);
  token = sql::token_at(sql, token.begin, Dialect::duckdb);
  return sql.substr(0, token.begin) + quote_name(table, Dialect::duckdb) + sql.substr(token.end);
}

}  // namespace

Result<std::vector<std::string>> index_statements(Session& session, const TableName& name) {
  QUERN_TRY(const auto table, find_table(session, name));
  std::vector<std::string> statements;
  if (!table) return statements;
  QUERN_TRY(
      const auto rows,
      session.ask("SELECT sql FROM duckdb_indexes() WHERE database_name = $1 AND schema_name = "
                  "$2 AND table_name = $3 AND sql IS NOT NULL ORDER BY index_name",
                  {table->name.catalog, table->name.schema, table->name.table}));
  for (const auto& row : rows) statements.push_back(on_table(row[0], table->name));
  return statements;
}

namespace {

/// The guess that stands at a node; sorting has none of its own.
std::optional<std::int64_t> cardinality(const Json& node) {
  const auto name = node.text_of("name");
  const auto* children = node.find("children");
  const bool passes_on = name == "ORDER_BY" || name == "PROJECTION";
  if (passes_on && children != nullptr && children->items.size() == 1) {
    if (const auto below = cardinality(children->items[0])) return below;
  }
  const auto* extra = node.find("extra_info");
  const auto text = extra == nullptr ? "" : extra->text_of("Estimated Cardinality");
  std::int64_t estimate = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), estimate);
  return read.ec == std::errc() ? std::optional(estimate) : std::nullopt;
}

}  // namespace

Result<std::optional<std::int64_t>> estimate_rows(Session& session, const std::string& sql) {
  // A query that cannot be explained can still be run.
  const auto rows = session.ask("EXPLAIN (FORMAT json) " + sql, {});
  if (session.cancelled()) return rows.errors();
  if (!rows || rows->empty() || rows->at(0).size() < 2) return std::optional<std::int64_t>();
  const auto plan = parse_json(rows->at(0)[1]);
  if (!plan || plan->items.empty()) return std::optional<std::int64_t>();
  return cardinality(plan->items[0]);
}

}  // namespace quern::duckdb
