// One chunk of DuckDB's (at most 2048 rows) becomes one batch, whose columns borrow from it.

#include "connectors/duckdb/stream.h"

#include "connectors/duckdb/columns.h"

namespace quern::duckdb {
namespace {

/// A chunk and what its storage belongs to: a scan hands out pages of the database's own buffers.
struct HeldChunk {
  std::shared_ptr<Session> session;
  ChunkHandle chunk;
};

class Stream final : public BatchStream {
 public:
  Stream(std::shared_ptr<Session> session, Prepared prepared, std::unique_ptr<QueryResult> result,
         std::string sql)
      : session_(std::move(session)),
        call_(session_->call()),
        prepared_(std::move(prepared)),
        result_(std::move(result)),
        sql_(std::move(sql)),
        schema_(prepared_.schema()) {
    for (const auto& type : prepared_.types) readers_.emplace_back(type.get());
  }

  const Schema& schema() const override { return schema_; }
  Result<bool> next(ColumnBatch& out) override {
    return guarded([&] { return fetch(out); });
  }

 private:
  Result<bool> fetch(ColumnBatch& out) {
    if (ended_) return false;
    // DuckDB ends the rows of an earlier statement without an error.
    if (session_->call() != call_) {
      return Diagnostic{Code::database_error,
                        "a later statement on the connection ended these rows"};
    }
    if (session_->cancelled()) return cancelled_diagnostic();
    auto held = std::make_shared<HeldChunk>(
        HeldChunk{session_, ChunkHandle(duckdb_fetch_chunk(*result_->get()))});
    const auto rows =
        held->chunk.get() == nullptr ? 0 : duckdb_data_chunk_get_size(held->chunk.get());
    if (rows == 0) return end();
    return read(out, held, rows);
  }

  Result<bool> end() {
    ended_ = true;
    if (const auto* words = duckdb_result_error(result_->get()))
      return diagnose(words, Stage::running, sql_);
    if (session_->cancelled()) return cancelled_diagnostic();
    return false;
  }

  Result<bool> read(ColumnBatch& out, const std::shared_ptr<const HeldChunk>& held, idx_t rows) {
    ColumnBatch batch{.rows = static_cast<std::int64_t>(rows), .columns = {}};
    batch.columns.reserve(readers_.size());
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      QUERN_TRY(auto column,
                readers_[i].read(duckdb_data_chunk_get_vector(held->chunk.get(), i), rows, held));
      batch.columns.push_back(std::move(column));
    }
    out = std::move(batch);
    return true;
  }

  std::shared_ptr<Session> session_;
  std::uint64_t call_;
  Prepared prepared_;
  std::unique_ptr<QueryResult> result_;
  std::string sql_;
  Schema schema_;
  std::vector<ColumnReader> readers_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<BatchStream> make_stream(std::shared_ptr<Session> session, Prepared prepared,
                                         std::unique_ptr<QueryResult> result, std::string sql) {
  return std::make_unique<Stream>(std::move(session), std::move(prepared), std::move(result),
                                  std::move(sql));
}

}  // namespace quern::duckdb
