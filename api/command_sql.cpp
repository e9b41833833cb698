// Text for four dialects. Names go in quoted; where a database folds names, so do we.

#include "api/command_sql.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/similar.h"
#include "connectors/connector.h"

namespace quern {
namespace {

/// \d and \dt: `pattern` has * and ?.
std::string duckdb_tables(const std::string& like, bool views) {
  const auto part = [&](const std::string& kind) {
    return "SELECT schema_name AS \"schema\", " + kind + "_name AS \"name\", '" + kind +
           "' AS \"type\", column_count AS \"columns\" FROM duckdb_" + kind +
           "s() WHERE NOT internal AND database_name IN (current_database(), 'temp') AND " + kind +
           "_name LIKE " + like;
  };
  return part("table") + (views ? " UNION ALL " + part("view") : "") + " ORDER BY 1, 2";
}

std::string postgres_tables(const std::string& like, bool views) {
  const std::string kinds = views ? "('r', 'p', 'f', 'v', 'm')" : "('r', 'p', 'f')";
  return "SELECT n.nspname::text AS \"schema\", c.relname::text AS \"name\", CASE c.relkind WHEN "
         "'v' "
         "THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' "
         "END "
         "AS \"type\", pg_get_userbyid(c.relowner)::text AS \"owner\" FROM pg_class c JOIN "
         "pg_namespace "
         "n ON n.oid = c.relnamespace WHERE c.relkind IN " +
         kinds +
         " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE "
         "'pg_toast%' "
         "AND c.relname LIKE " +
         like + " ORDER BY 1, 2";
}

std::string mysql_tables(const std::string& like, bool views) {
  return "SELECT table_schema AS `schema`, table_name AS `name`, CASE table_type WHEN 'VIEW' THEN "
         "'view' ELSE 'table' END AS `type`, engine FROM information_schema.tables WHERE "
         "table_schema = "
         "DATABASE()" +
         std::string(views ? "" : " AND table_type <> 'VIEW'") + " AND table_name LIKE " + like +
         " ORDER BY 1, 2";
}

std::string sqlite_tables(const std::string& like, bool views) {
  return "SELECT name, type FROM sqlite_master WHERE type IN ('table'" +
         std::string(views ? ", 'view'" : "") + ") AND name NOT LIKE 'sqlite_%' AND name LIKE " +
         like + " ORDER BY 1";
}

std::string tables_sql(const std::string& pattern, bool views, Dialect dialect) {
  auto like = pattern.empty() ? "%" : pattern;
  std::replace(like.begin(), like.end(), '*', '%');
  std::replace(like.begin(), like.end(), '?', '_');
  like = quote_text(like, dialect);
  switch (dialect) {
    case Dialect::duckdb: return duckdb_tables(like, views);
    case Dialect::postgres: return postgres_tables(like, views);
    case Dialect::mysql: return mysql_tables(like, views);
    case Dialect::sqlite: return sqlite_tables(like, views);
  }
  return "";
}

Diagnostic no_name(const std::string& what, const std::string& word) {
  return {Code::bad_command, "not the name of a " + what + ": " + word};
}

/// `a."b c".d` in parts; nullopt where a quote is not closed or a part is empty.
std::optional<std::vector<std::string>> parts_of(const std::string& name, Dialect dialect) {
  const char quote = dialect == Dialect::mysql ? '`' : '"';
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : name) {
    if (c == quote)
      quoted = !quoted;
    else if (c == '.' && !quoted)
      out.emplace_back();
    else
      out.back() += dialect == Dialect::postgres && !quoted ? lower_ascii({&c, 1})[0] : c;
  }
  const bool whole = std::none_of(out.begin(), out.end(), [](const auto& p) { return p.empty(); });
  return whole && !quoted && out.size() <= 3 ? std::optional(out) : std::nullopt;
}

std::string table_sql(const std::vector<std::string>& parts, Dialect dialect) {
  std::string name;
  for (const auto& part : parts)
    name += (name.empty() ? "" : ".") + quote_identifier(part, dialect);
  switch (dialect) {
    case Dialect::duckdb: return "DESCRIBE " + name;
    case Dialect::mysql: return "DESCRIBE " + name;
    case Dialect::sqlite:
      return "SELECT name AS \"column\", type, CASE \"notnull\" WHEN 1 THEN 'not null' ELSE '' END "
             "AS "
             "nullable, dflt_value AS \"default\", pk AS \"key\" FROM pragma_table_info(" +
             quote_text(parts.back(), dialect) + ")";
    case Dialect::postgres: break;
  }
  return "SELECT a.attname::text AS \"column\", format_type(a.atttypid, a.atttypmod) AS \"type\", "
         "CASE "
         "WHEN a.attnotnull THEN 'not null' ELSE '' END AS \"nullable\", pg_get_expr(d.adbin, "
         "d.adrelid) AS \"default\" FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = "
         "a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = " +
         quote_text(name, dialect) +
         "::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY "
         "a.attnum";
}

Result<std::string> describe_sql(const std::string& name, Dialect dialect) {
  std::error_code failed;
  if (dialect == Dialect::duckdb && std::filesystem::is_regular_file(name, failed))
    return "DESCRIBE SELECT * FROM " + quote_text(name, dialect);
  const auto parts = parts_of(name, dialect);
  if (!parts) return no_name("table", name);
  return table_sql(*parts, dialect);
}

Result<std::string> models_sql(const std::vector<std::string>& words) {
  if (words.empty()) return std::string("SHOW MODELS");
  const auto& name = words[0];
  if (name.find_first_of(";'()\\ ") != std::string::npos) return no_name("model", name);
  return "DESCRIBE MODEL " + name;
}

std::string databases_sql(Dialect dialect) {
  switch (dialect) {
    case Dialect::duckdb:
      return "SELECT database_name AS \"name\", path, type, readonly FROM duckdb_databases() WHERE "
             "NOT "
             "internal ORDER BY 1";
    case Dialect::postgres:
      return "SELECT datname::text AS \"name\", pg_get_userbyid(datdba)::text AS \"owner\", "
             "pg_encoding_to_char(encoding)::text AS \"encoding\" FROM pg_database WHERE NOT "
             "datistemplate ORDER BY 1";
    case Dialect::mysql: return "SHOW DATABASES";
    case Dialect::sqlite: return "SELECT name, file FROM pragma_database_list";
  }
  return "";
}

}  // namespace

Result<std::string> sql_of_command(const std::string& name, const std::vector<std::string>& words,
                                   Dialect dialect) {
  if (name == "l") return databases_sql(dialect);
  if (name == "dm") return models_sql(words);
  if (name == "dt" || words.empty())
    return tables_sql(words.empty() ? "" : words[0], name == "d", dialect);
  return describe_sql(words[0], dialect);
}

std::string columns_sql(Dialect dialect) {
  switch (dialect) {
    case Dialect::duckdb:
      return "SELECT CASE WHEN database_name = 'temp' OR (database_name = current_database() AND "
             "schema_name = current_schema()) THEN '' WHEN database_name = current_database() THEN "
             "schema_name ELSE database_name || '.' || schema_name END AS place, table_name, CASE "
             "WHEN "
             "table_oid IN (SELECT view_oid FROM duckdb_views() WHERE NOT internal) THEN 'view' "
             "ELSE "
             "'table' END AS kind, column_name, data_type FROM duckdb_columns() WHERE NOT internal "
             "ORDER BY 1, 2, column_index LIMIT 200000";
    case Dialect::postgres:
      return "SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname::text END AS "
             "place, "
             "c.relname::text, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, "
             "a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_class c JOIN "
             "pg_namespace n "
             "ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE a.attnum > "
             "0 AND "
             "NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname NOT IN "
             "('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1, "
             "2, "
             "a.attnum LIMIT 200000";
    case Dialect::mysql:
      return "SELECT '' AS place, c.table_name, CASE t.table_type WHEN 'VIEW' THEN 'view' ELSE "
             "'table' "
             "END AS kind, c.column_name, c.column_type FROM information_schema.columns c JOIN "
             "information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = "
             "c.table_name WHERE c.table_schema = DATABASE() ORDER BY c.table_name, "
             "c.ordinal_position "
             "LIMIT 200000";
    case Dialect::sqlite:
      return "SELECT '' AS place, m.name, m.type, p.name, p.type FROM sqlite_master m, "
             "pragma_table_info(m.name) p WHERE m.type IN ('table', 'view') AND m.name NOT LIKE "
             "'sqlite_%' ORDER BY m.name, p.cid LIMIT 200000";
  }
  return "";
}

}  // namespace quern
