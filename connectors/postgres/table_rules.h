#pragma once
// What a table demands of its rows and gives them, for a new table that takes its place.

#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/postgres/session.h"

namespace quern::postgres {

/// Statements, in order, and what there is none for.
struct TableRules {
  std::vector<std::string> before;  ///< while the old table is there still
  std::vector<std::string> rules;   ///< once the new one has its name; the rows may not suit them
  std::vector<std::string> behind;  ///< once it has its owner as well
  std::vector<std::string> lost;    ///< "constraint p_check"
};

/// NOT NULL, defaults with the sequences that belong to them, CHECK, UNIQUE, PRIMARY KEY, EXCLUDE
/// and foreign keys of `table`, with their names, where `staged` has the columns, NOT NULL aside of
/// the same type. Errors: database_error where the table has row security.
Result<TableRules> rules_of(Session& session, const TableName& table, const TableName& staged);

}  // namespace quern::postgres
