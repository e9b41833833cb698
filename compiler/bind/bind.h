#pragma once
// Binding: the second stage. Asks the database for the schema, looks up every name, and gives a
// typed IR in which each attribute is claimed by one owner.

#include "base/result.h"
#include "compiler/bind/catalog.h"
#include "compiler/ir/statement.h"
#include "parser/ast.h"

namespace quern {

/// The checks that need no connection: estimator, attributes, forms of this version. Empty when all
/// is well; at most ten.
Diagnostics check_text(const ast::Statement& statement);

/// Binds a statement that check_text() has passed. Inspect is the caller's: it binds what is
/// inside. Reads no row. Errors: Q1xxx, Q2xxx; at most ten, spans into the script.
Result<ir::Statement> bind(const ast::Statement& statement, Catalog& catalog);

}  // namespace quern
