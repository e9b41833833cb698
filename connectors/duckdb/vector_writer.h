#pragma once
// Our columns as DuckDB vectors. Where a column's storage is the wanted type's own it is copied as
// it is; else it goes in as the nearest type and DuckDB casts it (text to ENUM, UUID or a list, for
// instance).

#include <duckdb.h>

#include <cstdint>

#include "base/column.h"
#include "connectors/duckdb/handles.h"

namespace quern::duckdb {

/// The type that a column takes in a chunk for a table's column of type `target`. A scaled decimal
/// is the target's own where the scales agree, else the widest of its scale.
TypeHandle chunk_type(const ColumnType& source, duckdb_logical_type target);

/// A slice of rows of one column, on its way into one vector.
struct Slice {
  const Column& column;
  std::int64_t begin;
  std::int64_t rows;
};

/// Fills a vector of the type that chunk_type() gave, from its first row on; false where a value
/// does not fit.
bool put_column(const Slice& slice, duckdb_logical_type type, duckdb_vector vector);

}  // namespace quern::duckdb
