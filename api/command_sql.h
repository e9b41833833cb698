#pragma once
// What backslash commands ask of a database, as its own SQL: people type `\d` before they know
// which database they are on.

#include <string>
#include <vector>

#include "base/dialect.h"
#include "base/result.h"

namespace quern {

/// The statement that `\name words` stands for, without its semicolon: one of CommandKind::query.
/// Errors: bad_command for what is no name of a table or model.
Result<std::string> sql_of_command(const std::string& name, const std::vector<std::string>& words,
                                   Dialect dialect);

/// Asks for all columns of tables and views that are not the database's own: where they lie (""
/// where an unqualified name leads there), table, "table" or "view", column, type. All text, in the
/// order of the columns.
std::string columns_sql(Dialect dialect);

}  // namespace quern
