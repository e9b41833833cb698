// COPY ... FROM STDIN in binary form where every column has one, else as text. The command begins
// with the first rows: only they tell their types.

#include "connectors/postgres/appender.h"

#include <algorithm>
#include <vector>

#include "connectors/postgres/types.h"
#include "connectors/postgres/write_values.h"

namespace quern::postgres {
namespace {

/// libpq sends what it is given at once: large pieces spare calls, small ones memory.
constexpr std::size_t kPieceBytes = 256 << 10;

class CopyAppender final : public Appender {
 public:
  CopyAppender(std::shared_ptr<Session> session, std::string table,
               std::vector<ResultColumn> columns)
      : session_(std::move(session)), table_(std::move(table)), columns_(std::move(columns)) {}
  CopyAppender(const CopyAppender&) = delete;
  CopyAppender& operator=(const CopyAppender&) = delete;

  ~CopyAppender() override {
    if (copying_) session_->end_stream();
  }

  Result<void> append(const ColumnBatch& batch) override {
    return guarded([&] { return append_all(batch); });
  }
  Result<void> finish() override {
    return guarded([&] { return close(); });
  }

 private:
  Result<void> append_all(const ColumnBatch& batch) {
    if (batch.columns.size() != columns_.size()) {
      return Diagnostic{Code::database_error,
                        "postgres: the table has " + std::to_string(columns_.size()) +
                            " columns, the rows have " + std::to_string(batch.columns.size())};
    }
    if (!copying_) QUERN_CHECK(begin(batch));
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      binary_ ? put_binary(batch, row) : put_text(batch, row);
      if (piece_.size() >= kPieceBytes) QUERN_CHECK(send());
    }
    return {};
  }

  Result<void> begin(const ColumnBatch& batch) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      writers_.push_back(find_writer(batch.columns[i].type, columns_[i].field.type,
                                     columns_[i].cast.empty() ? columns_[i].sent : 0));
    }
    binary_ = std::find(writers_.begin(), writers_.end(), nullptr) == writers_.end();
    const auto format = binary_ ? " (FORMAT binary)" : "";
    QUERN_CHECK(session_->command("COPY " + table_ + " FROM STDIN" + format));
    copying_ = true;
    session_->stream_begins();
    if (!binary_) return {};
    // The signature, no flags, no extension.
    piece_.append("PGCOPY\n\377\r\n\0", 11);
    write_int32(0, piece_);
    write_int32(0, piece_);
    return {};
  }

  void put_binary(const ColumnBatch& batch, std::int64_t row) {
    write_int16(static_cast<std::int16_t>(columns_.size()), piece_);
    for (std::size_t i = 0; i < writers_.size(); ++i) {
      if (batch.columns[i].is_null(row)) {
        write_int32(-1, piece_);
      } else {
        writers_[i](batch.columns[i], row, piece_);
      }
    }
  }

  void put_text(const ColumnBatch& batch, std::int64_t row) {
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      if (i > 0) piece_ += '\t';
      write_text_field(batch.columns[i], row, piece_);
    }
    piece_ += '\n';
  }

  Result<void> send() {
    if (session_->cancelled()) return cancelled_diagnostic();
    const bool sent =
        PQputCopyData(session_->handle(), piece_.data(), static_cast<int>(piece_.size())) == 1;
    piece_.clear();
    // The server may have given up earlier: its reason is the result's.
    return sent ? Result<void>() : end_copy("");
  }

  Result<void> close() {
    if (!copying_) return {};
    if (binary_) write_int16(-1, piece_);
    QUERN_CHECK(send());
    return end_copy(nullptr);
  }

  /// \param why  the rows are given up; null: they are complete.
  Result<void> end_copy(const char* why) {
    if (!copying_) return {};
    PQputCopyEnd(session_->handle(), why);
    copying_ = false;
    const auto result = session_->next_result();
    const bool done = PQresultStatus(result.get()) == PGRES_COMMAND_OK;
    auto failure =
        done ? Result<void>() : Result<void>(session_->failure(result.get(), Stage::running, {}));
    while (session_->next_result()) continue;
    session_->stream_ended();
    session_->follow_transaction();
    return failure;
  }

  std::shared_ptr<Session> session_;
  std::string table_;
  std::vector<ResultColumn> columns_;
  std::vector<WriteValue> writers_;
  bool binary_ = true;
  bool copying_ = false;
  std::string piece_;
};

}  // namespace

Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableName& name) {
  const auto table = quote_name({.schema = name.schema, .table = name.table}, Dialect::postgres);
  // Generated columns cannot be loaded, and are no part of a table that Quern makes.
  const ResultHandle prepared(
      PQprepare(session->handle(), "", ("SELECT * FROM " + table).c_str(), 0, nullptr));
  if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK)
    return session->failure(prepared.get(), Stage::running, {});
  const ResultHandle described(PQdescribePrepared(session->handle(), ""));
  QUERN_TRY(auto columns, result_columns(*session, described.get()));
  return std::unique_ptr<Appender>(
      std::make_unique<CopyAppender>(std::move(session), table, std::move(columns)));
}

}  // namespace quern::postgres
