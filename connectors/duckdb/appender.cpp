// Batches go in as DuckDB's chunks, which the table's types cast.

#include "connectors/duckdb/appender.h"

#include <algorithm>

#include "connectors/duckdb/types.h"
#include "connectors/duckdb/vector_writer.h"

namespace quern::duckdb {
namespace {

class ChunkAppender final : public Appender {
 public:
  ChunkAppender(std::shared_ptr<Session> session, AppenderHandle appender)
      : session_(std::move(session)), appender_(std::move(appender)) {}

  /// DuckDB's appender flushes as it is destroyed, unless it stands in the middle of a row.
  ~ChunkAppender() override {
    if (!finished_) duckdb_append_null(appender_.get());
  }

  Result<void> append(const ColumnBatch& batch) override {
    return guarded([&] { return append_all(batch); });
  }
  Result<void> finish() override {
    return guarded([&] { return close(); });
  }

 private:
  Diagnostic failure() const {
    const auto* words = duckdb_appender_error(appender_.get());
    return diagnose(words == nullptr ? "the load failed" : words, Stage::running, "");
  }

  Result<void> append_all(const ColumnBatch& batch) {
    if (duckdb_appender_column_count(appender_.get()) != batch.columns.size()) {
      return Diagnostic{Code::database_error,
                        "duckdb: the table has " +
                            std::to_string(duckdb_appender_column_count(appender_.get())) +
                            " columns, the rows have " + std::to_string(batch.columns.size())};
    }
    prepare_chunk(batch);
    const auto step = static_cast<std::int64_t>(duckdb_vector_size());
    for (std::int64_t begin = 0; begin < batch.rows; begin += step) {
      if (session_->cancelled()) return cancelled_diagnostic();
      QUERN_CHECK(append_rows(batch, begin, std::min(step, batch.rows - begin)));
    }
    return {};
  }

  /// Makes the chunk for columns of these types; kept as long as they stay the same.
  void prepare_chunk(const ColumnBatch& batch) {
    std::vector<ColumnType> sources;
    for (const auto& column : batch.columns) sources.push_back(column.type);
    if (chunk_.get() != nullptr && sources == sources_) return;
    types_.clear();
    std::vector<duckdb_logical_type> raw;
    for (idx_t i = 0; i < sources.size(); ++i) {
      const TypeHandle target(duckdb_appender_column_type(appender_.get(), i));
      types_.push_back(chunk_type(sources[i], target.get()));
      raw.push_back(types_.back().get());
    }
    chunk_ = ChunkHandle(duckdb_create_data_chunk(raw.data(), raw.size()));
    sources_ = std::move(sources);
  }

  Result<void> append_rows(const ColumnBatch& batch, std::int64_t begin, std::int64_t rows) {
    duckdb_data_chunk_reset(chunk_.get());
    for (idx_t i = 0; i < batch.columns.size(); ++i) {
      auto* vector = duckdb_data_chunk_get_vector(chunk_.get(), i);
      if (put_column({batch.columns[i], begin, rows}, types_[i].get(), vector)) continue;
      return Diagnostic{Code::database_error, "duckdb: a value of column " + std::to_string(i + 1) +
                                                  " does not fit " +
                                                  column_type(types_[i].get()).sql_name};
    }
    duckdb_data_chunk_set_size(chunk_.get(), static_cast<idx_t>(rows));
    if (duckdb_append_data_chunk(appender_.get(), chunk_.get()) == DuckDBError) return failure();
    return {};
  }

  Result<void> close() {
    if (duckdb_appender_close(appender_.get()) == DuckDBError) return failure();
    finished_ = true;
    return {};
  }

  std::shared_ptr<Session> session_;  // outlives the handles below
  AppenderHandle appender_;
  std::vector<ColumnType> sources_;
  std::vector<TypeHandle> types_;
  ChunkHandle chunk_;
  bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableName& name) {
  AppenderHandle appender;
  const auto state =
      duckdb_appender_create_ext(session->handle(), name.catalog.c_str(), name.schema.c_str(),
                                 name.table.c_str(), appender.out());
  if (state == DuckDBError) {
    const auto* words = duckdb_appender_error(appender.get());
    return diagnose(words == nullptr ? "the table cannot be loaded" : words, Stage::running, "");
  }
  return std::unique_ptr<Appender>(
      std::make_unique<ChunkAppender>(std::move(session), std::move(appender)));
}

}  // namespace quern::duckdb
