#pragma once
// DuckDB vectors as columns in the Arrow layout: borrowed where the two agree, else converted.

#include <duckdb.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "connectors/duckdb/render.h"

namespace quern::duckdb {

/// Reads one column of every chunk of a result. Threads: const, re-entrant.
class ColumnReader {
 public:
  explicit ColumnReader(duckdb_logical_type type);

  const ColumnType& type() const { return type_; }
  /// \param owner  keeps the chunk alive; shared by the columns that borrow from it.
  /// Errors: database_error for a value that the layout cannot hold.
  Result<Column> read(duckdb_vector vector, idx_t rows,
                      const std::shared_ptr<const void>& owner) const;

 private:
  Result<void> read_values(Column& column, duckdb_vector vector, idx_t rows,
                           const std::shared_ptr<const void>& owner) const;
  Result<void> read_text(Column& column, duckdb_vector vector) const;
  Result<void> read_list(Column& column, duckdb_vector vector,
                         const std::shared_ptr<const void>& owner) const;
  Result<void> read_timestamps(Column& column, const void* data) const;
  void read_decimals(Column& column, const void* data) const;
  std::string_view word(const void* data, idx_t row) const;

  ColumnType type_;
  duckdb_type id_;                  ///< DuckDB's logical type
  duckdb_type physical_;            ///< of decimals and enums; else as id_
  std::vector<std::string> words_;  ///< an enum's dictionary
  std::optional<Renderer> renderer_;
  std::unique_ptr<ColumnReader> elements_;  ///< of lists
};

}  // namespace quern::duckdb
