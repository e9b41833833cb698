#pragma once
// Rows of a running statement in batches, and the types of its columns, which the rows have a say
// in.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/some_columns.h"
#include "connectors/sqlite/cells.h"
#include "connectors/sqlite/session.h"

namespace quern::sqlite {

/// A copy of a value that outlives its row.
using HeldValue = std::unique_ptr<sqlite3_value, decltype(&sqlite3_value_free)>;

/// Hands out the rows of a statement. Columns without a declared type have that of their values in
/// the first 2048 rows: INTEGER, else REAL, else TEXT, whichever is wide enough; BLOB alone; TEXT
/// where all are NULL. A value that is not of its column's type is an error that names its row.
class Stream final : public BatchStream {
 public:
  /// \param sql   the statement's text, for the spans of errors.
  /// \param used  columns whose values are looked at, in order; empty: all. The others are NULL.
  Stream(std::shared_ptr<Session> session, Statement statement, std::string sql,
         std::vector<std::size_t> used = {});

  /// True where the types of the columns depend on rows.
  bool needs_rows() const;
  /// Settles the types without rows: TEXT where nothing is declared.
  Result<void> settle() { return settle_types(); }
  /// Reads the first rows, which settle the types. Errors: database_error, cancelled.
  Result<void> start();
  /// All rows were read, and are kept here.
  bool is_whole() const { return ended_; }
  /// Gives the rows of a stream that is whole to the session's current call. \param used  as above
  void begin_call(const std::vector<std::size_t>& used);

  const Schema& schema() const override { return schema_; }
  Result<bool> next(ColumnBatch& out) override;

 private:
  /// A column whose type is not settled: what its values are so far.
  struct Open {
    std::vector<HeldValue> values;
    bool integers = false, reals = false, texts = false, blobs = false;
    void hold(sqlite3_value* value);
    ColumnType type() const;
  };

  Result<bool> next_batch(ColumnBatch& out);
  Result<void> check_call() const;
  Result<bool> take_row();
  Result<void> settle_types();
  void note_long_columns();
  Diagnostic broken(std::size_t column, std::int64_t row, sqlite3_value* value) const;
  std::string hint_for(std::size_t column, sqlite3_value* value) const;
  Result<bool> fill(std::int64_t& rows);
  ColumnBatch finish(std::int64_t rows);

  std::shared_ptr<Session> session_;
  std::uint64_t call_;
  std::shared_ptr<Statement> statement_;
  std::string sql_;
  Schema schema_;
  std::vector<std::size_t> used_;            ///< the columns that are read
  std::vector<std::optional<Cells>> cells_;  ///< none while the type is open, or not read
  std::vector<Open> open_;                   ///< per column; used while its type is open
  std::vector<bool> by_values_;              ///< the column's type is that of its first rows
  NullColumns nulls_;
  std::vector<std::size_t> long_columns_;  ///< those of texts and blobs
  std::size_t held_bytes_ = 0;
  std::int64_t rows_before_ = 0;  ///< of earlier batches
  std::optional<ColumnBatch> first_;
  bool ended_ = false;
};

}  // namespace quern::sqlite
