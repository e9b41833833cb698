#pragma once
// What the server knows of names: tables, views, schemas, and which of them a query reads.

#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/postgres/session.h"

namespace quern::postgres {

/// The name in quotes, without its catalog: a session has one.
std::string quoted(const TableName& name);

/// Looks a table or view up along the search path, temporary ones first. Of names with a catalog
/// only those of the session's own database are found.
Result<std::optional<TableInfo>> find_table(Session& session, const TableName& name);

Result<bool> schema_exists(Session& session, const std::string& name);

/// Whether the session may make tables where `name` lies, or write into the one that is there.
/// Errors: read_only.
Result<void> check_writable(Session& session, const TableName& name);

/// What the plan of a query says.
struct QueryPlan {
  std::vector<TableName> reads;  ///< tables that are scanned; of a partition, its parents as well
  std::optional<std::int64_t> rows;
};
/// Empty where the server does not plan the statement.
QueryPlan plan_of(Session& session, const std::string& sql);

/// CREATE INDEX for each index of a table that no constraint brings.
Result<std::vector<std::string>> index_statements(Session& session, const TableName& name);

/// GRANT and ALTER TABLE ... OWNER TO, which give another table of the name the same rights.
Result<std::vector<std::string>> grant_statements(Session& session, const TableName& name);

/// True where something would be lost or in the way if the table was dropped: a view or a foreign
/// key that needs it, a trigger, a rule, a policy, a publication, children.
Result<bool> has_dependents(Session& session, const TableName& name);

}  // namespace quern::postgres
