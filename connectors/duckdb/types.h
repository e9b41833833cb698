#pragma once
// DuckDB's logical types and ours.

#include <duckdb.h>

#include <string>

#include "base/column.h"
#include "connectors/duckdb/handles.h"

namespace quern::duckdb {

/// How values of a logical type are stored in a batch; `sql_name` is the type as CREATE TABLE takes
/// it.
ColumnType column_type(duckdb_logical_type type);

/// What a LIST or an ARRAY is of; nothing for other types.
TypeHandle child_type(duckdb_logical_type list);

/// The type's name in CREATE TABLE: `sql_name` where there is one, else one that holds every value.
std::string type_name(const ColumnType& type);

}  // namespace quern::duckdb
