// Questions to pg_catalog. Names go in as values, never as text.

#include "connectors/postgres/catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/postgres/types.h"
#include "connectors/sql_text.h"

namespace quern::postgres {
namespace {

constexpr const char* kTable =
    "SELECT current_database(), n.nspname, c.relname, c.relkind, c.relpersistence, "
    "coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_catalog.pg_class AS c "
    "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
    "WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'f', 'v', 'm') "
    "AND ($2 = '' OR $2 = current_database())";

/// The columns of a table as those of a query that reads it.
Result<Schema> columns_of(Session& session, const TableName& name) {
  const ResultHandle prepared(
      PQprepare(session.handle(), "", ("SELECT * FROM " + quoted(name)).c_str(), 0, nullptr));
  if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK)
    return session.failure(prepared.get(), Stage::running, {});
  const ResultHandle described(PQdescribePrepared(session.handle(), ""));
  QUERN_TRY(const auto columns, result_columns(session, described.get()));
  Schema out;
  for (const auto& column : columns) out.push_back(column.field);
  return out;
}

using Json = nlohmann::json;

/// Collects what the nodes of a plan scan, as {schema, name}.
void collect(const Json& node, std::vector<TableName>& out) {
  if (node.contains("Relation Name")) {
    out.push_back(
        {.schema = node.value("Schema", ""), .table = node["Relation Name"].get<std::string>()});
  }
  for (const auto* key : {"Plans"}) {
    if (!node.contains(key)) continue;
    for (const auto& child : node[key]) collect(child, out);
  }
}

/// The tables themselves and those they are partitions or children of.
constexpr const char* kWithParents =
    "WITH RECURSIVE t(o) AS (SELECT to_regclass(x)::oid FROM unnest($1::text[]) AS u(x) UNION "
    "SELECT i.inhparent FROM t JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = t.o) "
    "SELECT current_database(), n.nspname, c.relname FROM t JOIN pg_catalog.pg_class AS c ON c.oid "
    "= t.o JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace ORDER BY 2, 3";

/// Values as the text of an array.
std::string array_of(const std::vector<TableName>& names) {
  std::string out = "{";
  for (const auto& name : names) {
    out += out.size() > 1 ? ",\"" : "\"";
    for (const char c : quoted(name)) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + "}";
}

std::vector<TableName> with_parents(Session& session, const std::vector<TableName>& scanned) {
  if (scanned.empty()) return {};
  const auto rows = session.ask(kWithParents, {array_of(scanned)});
  if (!rows) return scanned;
  std::vector<TableName> out;
  for (const auto& row : *rows) out.push_back({row[0], row[1], row[2]});
  return out;
}

}  // namespace

std::string quoted(const TableName& name) {
  return quote_name({.schema = name.schema, .table = name.table}, Dialect::postgres);
}

Result<std::optional<TableInfo>> find_table(Session& session, const TableName& name) {
  QUERN_TRY(const auto rows, session.ask(kTable, {quoted(name), name.catalog}));
  if (rows.empty()) return std::optional<TableInfo>();
  const auto& row = rows[0];
  TableInfo out{.name = {row[0], row[1], row[2]},
                .columns = {},
                .is_view = row[3] == "v" || row[3] == "m",
                .is_temporary = row[4] == "t",
                .comment = row[5]};
  QUERN_TRY(out.columns, columns_of(session, out.name));
  return std::optional<TableInfo>(std::move(out));
}

Result<bool> schema_exists(Session& session, const std::string& name) {
  QUERN_TRY(const auto rows,
            session.ask("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", {name}));
  return !rows.empty();
}

Result<void> check_writable(Session& session, const TableName& name) {
  const auto refused = [](const std::string& why) {
    return Diagnostic{Code::read_only, "database is read-only: " + why};
  };
  QUERN_TRY(const auto state, session.ask("SELECT pg_is_in_recovery(), "
                                          "current_setting('transaction_read_only'), "
                                          "coalesce(current_schema(), '')"));
  if (state[0][0] == "t") return refused("the server is a standby");
  if (state[0][1] == "on") return refused("the session is set so (default_transaction_read_only)");
  const auto schema = name.schema.empty() ? state[0][2] : name.schema;
  if (schema.empty()) {
    auto d = refused("no schema of the search path is there");
    d.hint = "SET search_path to a schema in which you may create tables";
    return d;
  }
  // What is there is read as well: the next version of a model follows the last.
  const auto table = quoted({.schema = schema, .table = name.table});
  QUERN_TRY(const auto may, session.ask("SELECT current_user, has_schema_privilege($1, 'CREATE'), "
                                        "has_table_privilege(to_regclass($2), 'INSERT') AND "
                                        "has_table_privilege(to_regclass($2), 'SELECT') "
                                        "FROM pg_catalog.pg_namespace WHERE nspname = $1",
                                        {schema, table}));
  if (may.empty()) return {};
  const bool is_there = !may[0][2].empty();
  if (may[0][is_there ? 2 : 1] == "t") return {};
  auto d =
      refused("user " + may[0][0] + " may not " +
              (is_there ? "read and add to table " + table : "create tables in schema " + schema));
  d.hint = "GRANT " +
           (is_there ? "SELECT, INSERT ON " + table
                     : "CREATE ON SCHEMA " + quote_identifier(schema, Dialect::postgres)) +
           " TO " + quote_identifier(may[0][0], Dialect::postgres) + " is its owner's to give";
  return d;
}

QueryPlan plan_of(Session& session, const std::string& sql) {
  QueryPlan out;
  const std::string text(sql::without_end(sql, Dialect::postgres));
  const auto rows = session.ask("EXPLAIN (FORMAT JSON, VERBOSE) " + text);
  if (!rows || rows->empty()) return out;
  const auto json = Json::parse(rows->at(0).at(0), nullptr, false);
  if (!json.is_array() || json.empty() || !json[0].contains("Plan")) return out;
  const auto& root = json[0]["Plan"];
  if (root.contains("Plan Rows")) out.rows = root["Plan Rows"].get<std::int64_t>();
  std::vector<TableName> scanned;
  collect(root, scanned);
  out.reads = with_parents(session, scanned);
  return out;
}

Result<std::vector<std::string>> index_statements(Session& session, const TableName& name) {
  QUERN_TRY(const auto rows,
            session.ask("SELECT pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index AS i "
                        "WHERE i.indrelid = to_regclass($1) AND NOT EXISTS (SELECT 1 FROM "
                        "pg_catalog.pg_constraint AS c WHERE c.conindid = i.indexrelid) ORDER BY 1",
                        {quoted(name)}));
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row[0]);
  return out;
}

Result<std::vector<std::string>> grant_statements(Session& session, const TableName& name) {
  const auto table = quoted(name);
  QUERN_TRY(const auto rows,
            session.ask(
                "SELECT format('GRANT %s ON TABLE %s TO %s%s', a.privilege_type, $1::text, CASE "
                "a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, "
                "CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) "
                "FROM pg_catalog.pg_class AS c, aclexplode(c.relacl) AS a "
                "WHERE c.oid = to_regclass($1) AND a.grantee <> c.relowner "
                "UNION ALL SELECT format('ALTER TABLE %s OWNER TO %s', $1::text, "
                "quote_ident(pg_get_userbyid(c.relowner))) FROM pg_catalog.pg_class AS c WHERE "
                "c.oid = to_regclass($1) AND pg_get_userbyid(c.relowner) <> current_user",
                {table}));
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row[0]);
  return out;
}

Result<bool> has_dependents(Session& session, const TableName& name) {
  QUERN_TRY(
      const auto rows,
      session.ask("SELECT 1 FROM pg_catalog.pg_class AS c WHERE c.oid = to_regclass($1) AND ("
                  "c.relhastriggers OR c.relhasrules OR c.relhassubclass OR c.relispartition "
                  "OR c.relrowsecurity OR c.relkind <> 'r' OR EXISTS (SELECT 1 FROM "
                  "pg_catalog.pg_depend AS d WHERE d.refclassid = 'pg_class'::regclass AND "
                  "d.refobjid = c.oid AND d.classid = 'pg_rewrite'::regclass) OR EXISTS (SELECT "
                  "1 FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid OR k.confrelid "
                  "= c.oid) OR EXISTS (SELECT 1 FROM pg_catalog.pg_publication_rel AS p WHERE "
                  "p.prrelid = c.oid))",
                  {quoted(name)}));
  return !rows.empty();
}

}  // namespace quern::postgres
