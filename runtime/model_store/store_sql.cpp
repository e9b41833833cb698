// Text of SQL and its answers.

#include "runtime/model_store/store_sql.h"

#include <algorithm>

#include "base/similar.h"

namespace quern::runtime::store {

TableName beside(const TableName& where, const char* table) {
  return {.catalog = where.catalog, .schema = where.schema, .table = table};
}

Result<Execution> run_own(Connection& connection, const std::string& sql) {
  auto execution = connection.execute(sql);
  if (execution) return execution;
  auto errors = std::move(execution).errors();
  for (auto& error : errors) error.span = SourceSpan::none();
  return errors;
}

Result<bool> has_columns(Connection& connection, const TableName& table,
                         const std::vector<std::string>& names) {
  QUERN_TRY(const auto info, connection.find_table(table));
  if (!info) return false;
  for (const auto& name : names) {
    const bool there = std::any_of(info->columns.begin(), info->columns.end(), [&](const Field& f) {
      return equal_ignoring_case(f.name, name);
    });
    if (there) continue;
    return Diagnostic{Code::foreign_store,
                      "table " + table.table + " is not a model store: it has no column " + name};
  }
  return true;
}

Result<std::vector<ColumnBatch>> fetch(Connection& connection, const std::string& sql) {
  QUERN_TRY(auto execution, run_own(connection, sql));
  std::vector<ColumnBatch> out;
  if (!execution.rows) return out;
  while (true) {
    ColumnBatch batch;
    QUERN_TRY(const bool more, execution.rows->next(batch));
    if (!more) return out;
    out.push_back(std::move(batch));
  }
}

Result<std::string> fetch_text(Connection& connection, const std::string& sql) {
  QUERN_TRY(const auto batches, fetch(connection, sql));
  if (batches.empty() || batches[0].columns[0].is_null(0)) return std::string();
  return std::string(batches[0].columns[0].text(0));
}

std::string key_type(Connection& connection) {
  if (connection.dialect() == Dialect::mysql) return "VARCHAR(255) COLLATE utf8mb4_bin";
  return connection.type_name({.kind = TypeKind::text});
}

std::string as_integer(const std::string& value, Dialect dialect) {
  return "CAST(" + value + (dialect == Dialect::mysql ? " AS SIGNED)" : " AS BIGINT)");
}

std::string as_text(const std::string& value, Connection& connection) {
  const bool mysql = connection.dialect() == Dialect::mysql;
  return "CAST(" + value + " AS " +
         (mysql ? "CHAR" : connection.type_name({.kind = TypeKind::text})) + ")";
}

std::string condition(const ir::ModelRef& model, Dialect dialect) {
  auto out = " WHERE lower(name) = " + quote_text(lower_ascii(model.where.table), dialect);
  if (model.version) out += " AND version = " + std::to_string(*model.version);
  return out;
}

}  // namespace quern::runtime::store
