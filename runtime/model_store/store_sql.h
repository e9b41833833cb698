#pragma once
// SQL that the tables of a model store have in common.

#include <string>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "compiler/ir/statement_parts.h"
#include "connectors/connector.h"

namespace quern::runtime::store {

/// The table of that name where the model is.
TableName beside(const TableName& where, const char* table);

/// Runs SQL of our own: where it fails is no place in the user's text.
Result<Execution> run_own(Connection& connection, const std::string& sql);

/// False where the table is not there. Errors: foreign_store where it lacks a column.
Result<bool> has_columns(Connection& connection, const TableName& table,
                         const std::vector<std::string>& names);

/// All rows of a query of our own.
Result<std::vector<ColumnBatch>> fetch(Connection& connection, const std::string& sql);

/// The one value of a query of one row, as text; "" for NULL or no row.
Result<std::string> fetch_text(Connection& connection, const std::string& sql);

/// The type of text that a key may hold; compared byte for byte.
std::string key_type(Connection& connection);
/// CAST to a whole number of 64 bits, and to text: databases differ in what CAST calls them.
std::string as_integer(const std::string& value, Dialect dialect);
std::string as_text(const std::string& value, Connection& connection);

/// " WHERE ..." of the rows of a model: of a version where it has one.
std::string condition(const ir::ModelRef& model, Dialect dialect);

}  // namespace quern::runtime::store
