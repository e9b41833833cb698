#pragma once
// What the server knows of names: tables, views, schemas, and what hangs on a table.

#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/mysql/session.h"

namespace quern::mysql {

/// The name of a table in SQL: MySQL has no catalogs.
std::string quoted(const TableName& name);

/// Looks a table or view up in its schema, or in the session's own; temporary ones first.
Result<std::optional<TableInfo>> find_table(Session& session, const TableName& name);

Result<bool> schema_exists(Session& session, const std::string& name);

/// Whether the server and the session take writes where `name` lies. Errors: read_only.
Result<void> check_writable(Session& session, const TableName& name);

/// The tables and views that a query names, those that are there.
std::vector<TableName> tables_read(Session& session, const std::string& sql);
/// The optimizer's guess of the rows of a query.
std::optional<std::int64_t> rows_estimated(Session& session, const std::string& sql);

/// ADD INDEX ... for each index of a table, as ALTER TABLE takes it, and the columns it is on.
struct Index {
  std::string clause;
  std::vector<std::string> columns;
};
Result<std::vector<Index>> indexes_of(Session& session, const TableName& name);

/// The type of a column with all that belongs to it, as CREATE TABLE takes it.
Result<std::string> column_definition(Session& session, const TableName& name,
                                      const std::string& column);

/// Why a table cannot give its name to another one: a trigger or a foreign key would be lost or in
/// the way; "" where nothing is.
Result<std::string> held_by(Session& session, const TableName& name);

/// Its rows can be taken back: the storage engine has transactions.
Result<bool> is_transactional(Session& session, const TableName& name);

}  // namespace quern::mysql
