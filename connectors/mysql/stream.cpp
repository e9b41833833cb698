// Rows are fetched one by one from the connection and never gathered by the library: the server
// waits while nobody reads.

#include "connectors/mysql/stream.h"

#include <errmsg.h>

#include <algorithm>
#include <numeric>

#include "connectors/mysql/read_values.h"
#include "connectors/some_columns.h"

namespace quern::mysql {
namespace {

/// A batch ends at so many rows or bytes, whatever comes first.
constexpr std::int64_t kBatchRows = 8192;
constexpr std::size_t kBatchBytes = 8 << 20;

class Stream final : public BatchStream {
 public:
  Stream(std::shared_ptr<Session> session, Selection selection, std::string sql)
      : session_(std::move(session)),
        call_(session_->call()),
        sql_(std::move(sql)),
        selection_(std::move(selection)) {
    const auto& used = selection_.used;
    for (std::size_t i = 0; i < selection_.sent.size(); ++i) {
      const auto& column = selection_.sent[i];
      const bool read = std::binary_search(used.begin(), used.end(), selection_.which[i]);
      readers_.push_back(read ? make_reader(column) : make_skipper(column.field.type));
      if (read && is_bytes(column.field.type.kind)) long_readers_.push_back(readers_.back().get());
    }
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() override {
    if (!ended_ && session_->call() == call_) session_->end_stream();
  }
  const Schema& schema() const override { return selection_.schema; }
  Result<bool> next(ColumnBatch& out) override {
    return guarded([&] { return fetch(out); });
  }
  Diagnostics take_notes() override { return session_->take_notices(); }

 private:
  enum class Step { row, end };

  Result<bool> fetch(ColumnBatch& out) {
    if (ended_) return false;
    if (session_->call() != call_) {
      return Diagnostic{Code::database_error,
                        "a later statement on the connection ended these rows"};
    }
    if (session_->cancelled()) return cancelled_diagnostic();
    rows_ = 0;
    std::size_t bytes = 0;
    const bool binary = session_->running().statement != nullptr;
    while (rows_ < kBatchRows && bytes < kBatchBytes) {
      QUERN_TRY(const auto step, binary ? read_binary() : read_text());
      if (step == Step::end) {
        QUERN_CHECK(finish());
        break;
      }
      ++rows_;
      for (const auto* reader : long_readers_) bytes += reader->last_bytes();
    }
    read_ += rows_;
    warn_of_zero_dates();
    if (rows_ == 0) return false;
    out = batch();
    return true;
  }

  ColumnBatch batch() {
    ColumnBatch out{.rows = rows_, .columns = {}};
    std::size_t next = 0;  // of those that were sent
    for (std::size_t i = 0; i < selection_.schema.size(); ++i) {
      const bool sent = next < readers_.size() && selection_.which[next] == i;
      out.columns.push_back(sent ? readers_[next]->finish()
                                 : nulls_.make(selection_.schema[i].type, rows_));
      next += sent ? 1 : 0;
    }
    return out;
  }

  bool bind(MYSQL_STMT* statement) {
    binds_.assign(readers_.size(), MYSQL_BIND{});
    for (std::size_t i = 0; i < readers_.size(); ++i) readers_[i]->bind(binds_[i]);
    bound_ = mysql_stmt_bind_result(statement, binds_.data()) == 0;
    return bound_;
  }

  Result<Step> read_binary() {
    auto* statement = session_->running().statement.get();
    if (!bound_ && !bind(statement)) return failed(problem_of(statement));
    const int got = mysql_stmt_fetch(statement);
    if (got == MYSQL_NO_DATA) return Step::end;
    if (got != 0 && got != MYSQL_DATA_TRUNCATED) return failed(problem_of_fetching(statement));
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      if (!readers_[i]->add(statement, static_cast<unsigned int>(i))) return bad_value(i);
    }
    for (const auto* reader : long_readers_) bound_ = bound_ && !reader->needs_binding();
    return Step::row;
  }

  /// The library does not always note with the statement that its connection was lost.
  Problem problem_of_fetching(MYSQL_STMT* statement) const {
    auto problem = problem_of(statement);
    if (problem.number == 0) problem = problem_of(session_->handle());
    if (problem.number == 0) problem = {CR_SERVER_LOST, "HY000", "the connection was lost"};
    return problem;
  }

  Result<Step> read_text() {
    auto* rows = session_->running().rows.get();
    const auto row = mysql_fetch_row(rows);
    if (row == nullptr) {
      if (mysql_errno(session_->handle()) == 0) return Step::end;
      return failed(problem_of(session_->handle()));
    }
    const auto* lengths = mysql_fetch_lengths(rows);
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      if (!readers_[i]->add_text(row[i], lengths[i])) return bad_value(i);
    }
    return Step::row;
  }

  /// An error of the server's ends the rows.
  Diagnostic failed(const Problem& problem) {
    ended_ = true;
    auto d = session_->failure(problem, Stage::running, sql_);
    session_->stream_ended();
    return d;
  }

  /// A procedure may have more results; what is no rows is read and forgotten.
  Result<void> finish() {
    ended_ = true;
    const auto running = std::move(session_->running());
    session_->stream_ended();
    bool more_rows = false;
    if (running.statement) {
      while (mysql_stmt_next_result(running.statement.get()) == 0)
        more_rows = more_rows || mysql_stmt_field_count(running.statement.get()) > 0;
      const auto problem = problem_of(running.statement.get());
      if (problem.number != 0) return session_->failure(problem, Stage::running, sql_);
    }
    if (!more_rows) return {};
    return Diagnostic{Code::database_error,
                      "mysql: the statement returns several results, and one is expected"};
  }

  Diagnostic bad_value(std::size_t column) const {
    const auto& field = selection_.schema[selection_.which[column]];
    return {Code::database_error,
            "mysql: row " + std::to_string(read_ + rows_ + 1) + ", column " + field.name + ": " +
                readers_[column]->problem() + " (" + field.type.sql_name + ")",
            SourceSpan::none(), "cast the column in the query"};
  }

  void warn_of_zero_dates() {
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      if (readers_[i]->take_zero_dates() == 0 || warned_) continue;
      warned_ = true;
      session_->add_warning(
          "mysql: dates without a month or day, such as 0000-00-00, were read as NULL: column " +
          selection_.schema[selection_.which[i]].name);
    }
  }

  std::shared_ptr<Session> session_;
  std::uint64_t call_;
  std::string sql_;
  Selection selection_;
  std::vector<std::unique_ptr<ValueReader>> readers_;  ///< of the columns that are sent
  NullColumns nulls_;
  std::vector<const ValueReader*> long_readers_;  ///< those whose values have no one length
  std::vector<MYSQL_BIND> binds_;
  bool bound_ = false;
  bool ended_ = false;
  bool warned_ = false;
  std::int64_t rows_ = 0;  ///< in the batch
  std::int64_t read_ = 0;  ///< before it
};

}  // namespace

Selection all_sent(std::vector<ResultColumn> columns, std::vector<std::size_t> used) {
  Selection out;
  for (const auto& column : columns) out.schema.push_back(column.field);
  out.which.resize(columns.size());
  std::iota(out.which.begin(), out.which.end(), 0);
  out.used = used.empty() ? out.which : std::move(used);
  out.sent = std::move(columns);
  return out;
}

std::unique_ptr<BatchStream> make_stream(std::shared_ptr<Session> session, Selection selection,
                                         std::string sql) {
  return std::make_unique<Stream>(std::move(session), std::move(selection), std::move(sql));
}

}  // namespace quern::mysql
