#pragma once
// One suite for all connectors, written against connector.h alone. A connector's unit test calls
// each check with a quirks object that says how its database differs. Catch2 assertions; nothing is
// printed.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.h"

namespace quern::conformance {

/// One type with the values that are hard for it.
struct TypeCase {
  std::string sql_type;             ///< as CREATE TABLE takes it
  TypeKind kind;                    ///< as describe() gives it
  std::vector<std::string> values;  ///< SQL expressions, cast to sql_type; NULL is added
  bool loadable = true;  ///< the database casts its own text of a value back to the same value
  /// As format_value() shows the values, where that is not the database's own text of them.
  std::vector<std::string> shown = {};
};

/// How one database differs from the others.
struct Quirks {
  std::function<std::unique_ptr<Connection>()> open;  ///< a fresh, empty database
  std::vector<TypeCase> types;
  std::string text_type;  ///< what CAST takes for text
  /// An expression for the database's own text of a value; unset: CAST(value AS text_type).
  std::function<std::string(const TypeCase&, const std::string& value)> as_text = {};
  std::string quoted_column = "\"no column\"";  ///< a name that needs quotes
  /// The database's own text of a value as format_value() writes it.
  std::function<std::string(const TypeCase&, std::string)> as_ours =
      [](const TypeCase&, std::string text) { return text; };
  bool names_views = true;  ///< a query that reads a view is known to read it, not its tables
  std::function<std::string(std::int64_t)>
      series;                     ///< a query of n rows, one BIGINT column i from 0
  std::string endless;            ///< a query that runs for minutes before its first row
  bool ddl_beside_stream = true;  ///< a sibling may replace a table that is being read
  /// Expressions have no types and CAST knows few: values get theirs in a column of a table.
  bool types_are_columns = false;
  bool queries_in_parentheses = true;  ///< (SELECT 1) is a statement
  bool cte_sees_table = true;          ///< WITH t AS (SELECT ... FROM t) reads the table t
  /// A query of the number that a session has on its server; "" where there is no server.
  std::string own_number = {};
  /// The statement by which another session lets the server end that one.
  std::function<std::string(const std::string& number)> end_session = {};
};

void check_types(const Quirks& quirks);
void check_results(const Quirks& quirks);
void check_errors(const Quirks& quirks);
void check_cancel(const Quirks& quirks);
void check_append(const Quirks& quirks);
void check_loads(const Quirks& quirks);
void check_transactions(const Quirks& quirks);
void check_catalog(const Quirks& quirks);
void check_sessions(const Quirks& quirks);
/// Of engines that call kernels.
void check_functions(const Quirks& quirks);

/// The helpers of the checks, for tests of one connector alone.
Execution run(Connection& connection, const std::string& sql);
/// All rows, formatted by format_value().
std::vector<std::vector<std::string>> rows_of(Connection& connection, const std::string& sql);
/// Fetches the next batch; fails the test where that fails.
bool more(BatchStream& rows, ColumnBatch& batch);
/// The first diagnostic of a statement that must fail, drawn to the end if it fails late.
Diagnostic failure_of(Connection& connection, const std::string& sql);
/// The part of `sql` that a diagnostic points at.
std::string pointed_at(const Diagnostic& d, const std::string& sql);

}  // namespace quern::conformance
