// One chunk of DuckDB's (at most 2048 rows) becomes one batch, whose columns borrow from it.

#include "connectors/duckdb/stream.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "connectors/duckdb/columns.h"
#include "connectors/duckdb/types.h"
#include "connectors/some_columns.h"
#include "connectors/sql_text.h"

namespace quern::duckdb {
namespace {

/// A chunk and what its storage belongs to: a scan hands out pages of the database's own buffers.
struct HeldChunk {
  std::shared_ptr<Session> session;
  ChunkHandle chunk;
};

class Stream final : public BatchStream {
 public:
  Stream(std::shared_ptr<Session> session, Running running, std::unique_ptr<QueryResult> result)
      : session_(std::move(session)),
        call_(session_->call()),
        running_(std::move(running)),
        result_(std::move(result)) {
    for (const auto& type : running_.prepared.types) readers_.emplace_back(type.get());
  }

  const Schema& schema() const override { return running_.schema; }
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
      return diagnose(words, Stage::running, running_.source());
    if (session_->cancelled()) return cancelled_diagnostic();
    return false;
  }

  Result<bool> read(ColumnBatch& out, const std::shared_ptr<const HeldChunk>& held, idx_t rows) {
    ColumnBatch batch{.rows = static_cast<std::int64_t>(rows), .columns = {}};
    batch.columns.reserve(running_.schema.size());
    const auto& used = running_.used;
    std::size_t next = 0;  // of those that were sent
    for (std::size_t i = 0; i < running_.schema.size(); ++i) {
      const bool sent = next < running_.sent.size() && running_.sent[next] == i;
      if (sent && std::binary_search(used.begin(), used.end(), i)) {
        auto* vector = duckdb_data_chunk_get_vector(held->chunk.get(), next);
        QUERN_TRY(auto column, readers_[next].read(vector, rows, held));
        batch.columns.push_back(std::move(column));
      } else {
        batch.columns.push_back(nulls_.make(running_.schema[i].type, batch.rows));
      }
      next += sent ? 1 : 0;
    }
    out = std::move(batch);
    return true;
  }

  std::shared_ptr<Session> session_;
  std::uint64_t call_;
  Running running_;
  std::unique_ptr<QueryResult> result_;
  std::vector<ColumnReader> readers_;  ///< of the columns that are sent
  NullColumns nulls_;
  bool ended_ = false;
};

/// What may stand behind FROM as it is. SHOW, DESCRIBE and PRAGMA are queries to DuckDB, too.
bool may_be_wrapped(const Prepared& prepared, const std::string& sql) {
  static constexpr std::array<std::string_view, 4> kWords{"SELECT", "WITH", "FROM", "VALUES"};
  if (prepared.type != DUCKDB_STATEMENT_TYPE_SELECT || prepared.in_steps) return false;
  const auto word = sql::leading_words(sql, 1, Dialect::duckdb);
  const auto first = sql::next_token(sql, 0, Dialect::duckdb);
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end() ||
         (first.size() == 1 && sql[first.begin] == '(');
}

bool same_types(const Running& whole, const Prepared& some) {
  const auto schema = some.schema();
  const auto same = [&](std::size_t column, const Field& now) {
    return whole.schema[column].type == now.type;
  };
  return std::equal(whole.used.begin(), whole.used.end(), schema.begin(), schema.end(), same);
}

}  // namespace

Running run_as(Session& session, Prepared prepared, const std::string& sql,
               const std::vector<std::size_t>& used) {
  Running whole{
      .prepared = std::move(prepared), .schema = {}, .sent = {}, .used = used, .text = sql};
  whole.schema = whole.prepared.schema();
  whole.sent.resize(whole.schema.size());
  std::iota(whole.sent.begin(), whole.sent.end(), 0);
  if (used.empty()) whole.used = whole.sent;
  if (whole.used.size() == whole.sent.size() || !may_be_wrapped(whole.prepared, sql)) return whole;
  std::string values;
  for (const auto i : used) values += (values.empty() ? "c" : ", c") + std::to_string(i);
  const auto query = sql::without_end(sql, Dialect::duckdb);
  auto around = select_from(query, values, whole.schema.size());
  auto some = session.prepare(around.sql);
  if (!some || !same_types(whole, *some)) return whole;
  const auto after = around.sql.size() - around.before - query.size();
  return {.prepared = *std::move(some),
          .schema = std::move(whole.schema),
          .sent = used,
          .used = used,
          .text = std::move(around.sql),
          .before = around.before,
          .after = after};
}

std::unique_ptr<BatchStream> make_stream(std::shared_ptr<Session> session, Running running,
                                         std::unique_ptr<QueryResult> result) {
  return std::make_unique<Stream>(std::move(session), std::move(running), std::move(result));
}

}  // namespace quern::duckdb
