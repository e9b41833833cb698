#pragma once
// Values of types that have no kind of their own (UUID, INTERVAL, LIST, STRUCT, ...) as DuckDB
// writes them.

#include <duckdb.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "connectors/duckdb/handles.h"

namespace quern::duckdb {

/// Turns a vector's values into duckdb_values, which DuckDB itself casts to text. Does so without a
/// second query, so it works for every statement. A TIMESTAMPTZ inside a list or struct is written
/// in UTC. Cost: 1 to 3 us per value, nested ones counted; less for a UUID.
class Renderer {
 public:
  explicit Renderer(duckdb_logical_type type);

  /// False where the C API cannot hand the values out at all, such as VARIANT.
  bool possible() const;
  /// The value of one row that is not NULL.
  std::string text(duckdb_vector vector, idx_t row) const;

 private:
  ValueHandle value(duckdb_vector vector, idx_t row) const;
  ValueHandle scalar(const void* data, idx_t row) const;
  ValueHandle decimal(const void* data, idx_t row) const;
  ValueHandle enumerator(const void* data, idx_t row) const;
  ValueHandle list(duckdb_vector vector, idx_t begin, idx_t count) const;
  ValueHandle map(duckdb_vector vector, idx_t row) const;
  ValueHandle structure(duckdb_vector vector, idx_t row) const;
  ValueHandle tagged(duckdb_vector vector, idx_t row) const;

  duckdb_type id_;
  TypeHandle type_;
  std::vector<Renderer> children_;
};

/// The bytes of a DuckDB string.
inline std::string_view string_at(const void* data, idx_t row) {
  auto* texts = static_cast<duckdb_string_t*>(const_cast<void*>(data));
  return {duckdb_string_t_data(&texts[row]), duckdb_string_t_length(texts[row])};
}

}  // namespace quern::duckdb
