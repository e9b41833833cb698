#pragma once
// What the database knows of names: tables, views, schemas, and which of them a query reads.

#include <optional>
#include <vector>

#include "connectors/connector.h"
#include "connectors/duckdb/session.h"

namespace quern::duckdb {

/// Looks a table or view up as the session would: temporary ones first, then the search path, then
/// the system's own. `schema.table` may be `catalog.table`. ASCII case is ignored.
Result<std::optional<TableInfo>> find_table(Session& session, const TableName& name);

/// CREATE INDEX for each index of a table, its name with all parts: whatever names the session
/// resolves once the table was made anew. Without those that its constraints bring.
Result<std::vector<std::string>> index_statements(Session& session, const TableName& name);

/// Errors: read_only.
Result<void> check_writable(Session& session, const TableName& name);

/// True for a schema of the current catalog or of the system, and for the name of an attached
/// catalog, which may stand before a table's name as well.
Result<bool> schema_exists(Session& session, const std::string& name);

/// The tables and views that the text of a SELECT names, resolved; without files and common table
/// expressions. Empty for other statements, and for a PIVOT, whose syntax tree DuckDB does not
/// give.
Result<std::vector<TableName>> tables_read(Session& session, const std::string& sql);

/// The cardinality that the root of the query's physical plan has; nullopt where it has none.
Result<std::optional<std::int64_t>> estimate_rows(Session& session, const std::string& sql);

}  // namespace quern::duckdb
