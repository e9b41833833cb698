// Two ways for rows to come; what a row's bytes mean is the same in both.

#include "connectors/postgres/stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <optional>

#include "connectors/postgres/read_values.h"
#include "connectors/some_columns.h"
#include "connectors/sql_text.h"

namespace quern::postgres {
namespace {

/// A batch ends at so many rows or bytes, whatever comes first.
constexpr std::int64_t kBatchRows = 8192;
constexpr std::int64_t kBatchBytes = 8 << 20;

/// The command that sends a query's rows.
struct Command {
  std::string sql;
  std::size_t before = 0;  ///< bytes before the user's text
  bool copies = false;
};

/// What may stand in COPY (...) and, where it changes nothing, behind FROM.
enum class Form { query, change, other };

Form form_of(const std::string& sql) {
  const auto word = sql::leading_words(sql, 1, Dialect::postgres);
  const auto first = sql::next_token(sql, 0, Dialect::postgres);
  const bool opens = first.size() == 1 && sql[first.begin] == '(';
  if (opens || word == "SELECT" || word == "WITH" || word == "VALUES" || word == "TABLE")
    return Form::query;
  return word == "INSERT" || word == "UPDATE" || word == "DELETE" ? Form::change : Form::other;
}

/// A change that returns rows cannot stand behind FROM, but in WITH.
WrappedQuery with_change(const std::string& sql, const std::string& values, std::size_t columns) {
  const auto around = select_from("", values, columns).sql;
  const auto head = "WITH " + around.substr(around.rfind("q(")) + " AS (";
  return {head + sql + "\n) SELECT " + values + " FROM q", head.size()};
}

/// The query as the server must run it, so that every column it sends can be read.
WrappedQuery wrapped(const std::string& sql, Form form, const std::vector<ResultColumn>& columns,
                     const std::vector<std::size_t>& used) {
  const bool as_it_is = used.size() == columns.size() &&
                        std::all_of(columns.begin(), columns.end(),
                                    [](const auto& column) { return column.cast.empty(); });
  if (as_it_is) return {sql, 0};
  const auto values = wrapped_values(columns, used);
  return form == Form::change ? with_change(sql, values, columns.size())
                              : select_from(sql, values, columns.size());
}

Command copy_of(const WrappedQuery& query) {
  const std::string head = "COPY (";
  return {head + query.sql + "\n) TO STDOUT (FORMAT binary)", head.size() + query.before, true};
}

Command command_of(const std::string& sql, const std::vector<ResultColumn>& columns,
                   const std::vector<std::size_t>& used, bool server_copies) {
  const auto form = form_of(sql);
  const std::string text(sql::without_end(sql, Dialect::postgres));
  if (form == Form::other) return {text};
  auto query = wrapped(text, form, columns, used);
  if (!server_copies) return {std::move(query.sql), query.before};
  return copy_of(query);
}

/// Values of a row, one reader for each column that is sent.
class RowReader {
 public:
  /// \param counted_from  where rows are counted from, in words behind "row N"; "": the first.
  RowReader(const std::vector<ResultColumn>& columns, std::vector<std::size_t> used,
            std::string counted_from = {})
      : used_(std::move(used)), counted_from_(std::move(counted_from)) {
    for (const auto& column : columns) schema_.push_back(column.field);
    for (const auto i : used_) readers_.push_back(make_reader(columns[i]));
  }
  const Schema& schema() const { return schema_; }
  /// Columns that are sent.
  std::size_t width() const { return used_.size(); }
  std::int64_t rows() const { return rows_; }
  bool is_full() const { return rows_ >= kBatchRows || bytes_ >= kBatchBytes; }

  bool add(std::size_t sent, const char* bytes, std::int32_t size) {
    if (size < 0) {
      readers_[sent]->add_null();
      return true;
    }
    if (readers_[sent]->add(bytes, size)) return true;
    bad_ = sent;
    return false;
  }
  void end_row(std::int64_t bytes) {
    ++rows_;
    ++read_;
    bytes_ += bytes;
  }
  ColumnBatch finish() {
    ColumnBatch out{.rows = rows_, .columns = {}};
    std::size_t sent = 0;
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      const bool fetched = sent < used_.size() && used_[sent] == i;
      out.columns.push_back(fetched ? readers_[sent]->finish()
                                    : nulls_.make(schema_[i].type, rows_));
      sent += fetched ? 1 : 0;
    }
    rows_ = 0;
    bytes_ = 0;
    return out;
  }
  Diagnostic failure() const {
    if (!bad_) return {Code::database_error, "postgres: the server sent a row that is none"};
    const auto& field = schema_[used_[*bad_]];
    return {Code::database_error,
            "postgres: row " + std::to_string(read_ + 1) + counted_from_ + ", column " +
                field.name + ": " + readers_[*bad_]->problem() + " (" + field.type.sql_name + ")",
            SourceSpan::none(), "cast the column in the query"};
  }

 private:
  Schema schema_;
  std::vector<std::size_t> used_;
  std::string counted_from_;
  std::vector<std::unique_ptr<ValueReader>> readers_;
  NullColumns nulls_;
  std::int64_t rows_ = 0;   ///< in the batch
  std::int64_t bytes_ = 0;  ///< in the batch
  std::int64_t read_ = 0;   ///< before it and in it
  std::optional<std::size_t> bad_;
};

std::int16_t read_short(const char* bytes) {
  const auto* u = reinterpret_cast<const unsigned char*>(bytes);
  return static_cast<std::int16_t>((u[0] << 8) | u[1]);
}

std::int32_t read_long(const char* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<std::int32_t>(__builtin_bswap32(value));
}

/// What both ways have in common.
class Stream : public BatchStream {
 public:
  Stream(std::shared_ptr<Session> session, RowReader reader, std::string sql, std::size_t before)
      : session_(std::move(session)),
        call_(session_->call()),
        reader_(std::move(reader)),
        sql_(std::move(sql)),
        before_(before) {
    session_->stream_begins();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() override {
    if (!ended_ && session_->call() == call_) session_->end_stream();
  }
  const Schema& schema() const override { return reader_.schema(); }
  Result<bool> next(ColumnBatch& out) override {
    return guarded([&] { return fetch(out); });
  }
  Diagnostics take_notes() override { return session_->take_notices(); }

 protected:
  enum class Step { row, end };
  /// Reads one row into the reader.
  virtual Result<Step> read_row() = 0;
  RowReader& reader() { return reader_; }
  Session& session() { return *session_; }
  Source source() const { return {sql_, before_}; }

 private:
  Result<bool> fetch(ColumnBatch& out) {
    if (ended_) return false;
    if (session_->call() != call_) {
      return Diagnostic{Code::database_error,
                        "a later statement on the connection ended these rows"};
    }
    if (session_->cancelled()) return cancelled_diagnostic();
    while (!reader_.is_full()) {
      QUERN_TRY(const auto step, read_row());
      if (step == Step::row) continue;
      ended_ = true;
      session_->stream_ended();
      session_->follow_transaction();
      break;
    }
    if (reader_.rows() == 0) return false;
    out = reader_.finish();
    return true;
  }

  std::shared_ptr<Session> session_;
  std::uint64_t call_;
  RowReader reader_;
  std::string sql_;
  std::size_t before_;
  bool ended_ = false;
};

/// Rows of COPY ... TO STDOUT (FORMAT binary): a head, tuples, and a tuple of -1 fields.
class CopyStream final : public Stream {
 public:
  using Stream::Stream;

 private:
  Result<Step> read_row() override {
    char* raw = nullptr;
    const int size = PQgetCopyData(session().handle(), &raw, 0);
    const RowHandle row(raw);
    if (size == -1) return finish();
    if (size < 0) return session().failure(nullptr, Stage::running, source());
    const char* at = raw;
    const char* end = raw + size;
    if (!started_) {
      constexpr std::array<char, 11> kSignature{'P',  'G',    'C',  'O',  'P', 'Y',
                                                '\n', '\377', '\r', '\n', '\0'};
      constexpr std::ptrdiff_t kHead = 19;
      if (end - at < kHead || std::memcmp(at, kSignature.data(), kSignature.size()) != 0)
        return reader().failure();
      at += kHead + read_long(at + 15);
      started_ = true;
      if (at == end) return Step::row;
    }
    return read_tuple(at, end);
  }

  Result<Step> read_tuple(const char* at, const char* end) {
    const auto columns = reader().width();
    if (end - at < 2) return reader().failure();
    const auto count = read_short(at);
    if (count == -1) return Step::row;  // the end of the rows is told by libpq as well
    if (static_cast<std::size_t>(count) != columns) return reader().failure();
    const auto bytes = end - at;
    at += 2;
    for (std::size_t i = 0; i < columns; ++i) {
      if (end - at < 4) return reader().failure();
      const auto size = read_long(at);
      at += 4;
      if (size > end - at || !reader().add(i, at, size)) return reader().failure();
      at += size < 0 ? 0 : size;
    }
    reader().end_row(bytes);
    return Step::row;
  }

  Result<Step> finish() {
    const auto result = session().next_result();
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
      return session().failure(result.get(), Stage::running, source());
    while (session().next_result()) continue;
    return Step::end;
  }

  bool started_ = false;
};

/// Rows that the server sends as the results of a prepared statement.
class RowStream final : public Stream {
 public:
  using Stream::Stream;

 private:
  Result<Step> read_row() override {
    const auto result = session().next_result();
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK) {
      while (session().next_result()) continue;
      return Step::end;
    }
    if (status != PGRES_SINGLE_TUPLE)
      return session().failure(result.get(), Stage::running, source());
    std::int64_t bytes = 0;
    for (int i = 0; i < PQnfields(result.get()); ++i) {
      const bool null = PQgetisnull(result.get(), 0, i) != 0;
      const int size = PQgetlength(result.get(), 0, i);
      if (!reader().add(static_cast<std::size_t>(i), PQgetvalue(result.get(), 0, i),
                        null ? -1 : size))
        return reader().failure();
      bytes += size;
    }
    reader().end_row(bytes);
    return Step::row;
  }
};

/// Errors: database_rejected_query where a value cannot be read from such a statement.
Result<void> check_readable(const std::vector<ResultColumn>& columns, const std::string& sql) {
  if (form_of(sql) != Form::other) return {};
  for (const auto& column : columns) {
    if (column.cast.empty()) continue;
    return Diagnostic{Code::database_rejected_query,
                      "postgres: column " + column.field.name + " of type " +
                          column.field.type.sql_name + " can be read from a SELECT only",
                      SourceSpan::none(), "select it as text"};
  }
  return {};
}

Result<std::unique_ptr<BatchStream>> start_copy(std::shared_ptr<Session> session,
                                                const Command& command, RowReader reader,
                                                const std::string& sql) {
  QUERN_CHECK(session->command(command.sql, {sql, command.before}));
  return std::unique_ptr<BatchStream>(
      std::make_unique<CopyStream>(std::move(session), std::move(reader), sql, command.before));
}

}  // namespace

std::string wrapped_values(const std::vector<ResultColumn>& columns,
                           const std::vector<std::size_t>& used) {
  std::string values;
  for (const auto i : used) {
    values += (values.empty() ? "c" : ", c") + std::to_string(i);
    if (!columns[i].cast.empty()) values += "::" + columns[i].cast;
  }
  return values;
}

bool is_query(const std::string& sql) { return form_of(sql) == Form::query; }

Result<std::unique_ptr<BatchStream>> start_part(std::shared_ptr<Session> session,
                                                const std::vector<ResultColumn>& columns,
                                                const std::vector<std::size_t>& used,
                                                const std::string& sql, const Part& part) {
  const auto from = " from page " + std::to_string(part.first_page) + " of the table on";
  return start_copy(std::move(session), copy_of(part.query), RowReader(columns, used, from), sql);
}

Result<std::unique_ptr<BatchStream>> start_stream(std::shared_ptr<Session> session,
                                                  const std::vector<ResultColumn>& columns,
                                                  const std::vector<std::size_t>& used,
                                                  const std::string& sql) {
  QUERN_CHECK(check_readable(columns, sql));
  auto sent = used;
  if (sent.empty() || form_of(sql) == Form::other) {
    sent.resize(columns.size());
    std::iota(sent.begin(), sent.end(), 0);
  }
  const auto command = command_of(sql, columns, sent, session->copies_queries());
  const Source source{sql, command.before};
  RowReader reader(columns, std::move(sent));
  if (command.copies) return start_copy(std::move(session), command, std::move(reader), sql);
  if (PQsendQueryParams(session->handle(), command.sql.c_str(), 0, nullptr, nullptr, nullptr,
                        nullptr, 1) == 0)
    return session->failure(nullptr, Stage::running, source);
  PQsetSingleRowMode(session->handle());
  return std::unique_ptr<BatchStream>(
      std::make_unique<RowStream>(std::move(session), std::move(reader), sql, command.before));
}

}  // namespace quern::postgres
