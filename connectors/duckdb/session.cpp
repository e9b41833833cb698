// Statements on a duckdb_connection.

#include "connectors/duckdb/session.h"

#include "connectors/duckdb/render.h"
#include "connectors/duckdb/types.h"
#include "connectors/sql_text.h"

namespace quern::duckdb {
namespace {

Diagnostic rejected(std::string message, std::string hint = {}) {
  return {Code::database_rejected_query, std::move(message), SourceSpan::none(), std::move(hint)};
}

Prepared with_columns(PreparedHandle statement) {
  Prepared out{.statement = std::move(statement), .names = {}, .types = {}};
  auto* raw = out.statement.get();
  out.type = duckdb_prepared_statement_type(raw);
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(raw); ++i) {
    const TextHandle name(const_cast<char*>(duckdb_prepared_statement_column_name(raw, i)));
    out.names.emplace_back(name.get());
    out.types.emplace_back(duckdb_prepared_statement_column_logical_type(raw, i));
  }
  return out;
}

/// Statements that write return a made-up count where they return nothing of their own.
bool may_return_written_rows(duckdb_statement_type type) {
  return type == DUCKDB_STATEMENT_TYPE_INSERT || type == DUCKDB_STATEMENT_TYPE_UPDATE ||
         type == DUCKDB_STATEMENT_TYPE_DELETE ||
         type == DUCKDB_STATEMENT_TYPE_INVALID;  // MERGE INTO
}

Diagnostics placed_at(Diagnostics errors, SourceSpan span) {
  for (auto& error : errors) error.span = span;
  return errors;
}

bool is_query(duckdb_statement_type type) {
  return type == DUCKDB_STATEMENT_TYPE_SELECT || type == DUCKDB_STATEMENT_TYPE_EXPLAIN ||
         type == DUCKDB_STATEMENT_TYPE_EXECUTE || type == DUCKDB_STATEMENT_TYPE_CALL ||
         type == DUCKDB_STATEMENT_TYPE_PRAGMA;
}

/// Only the steps that DuckDB makes of a PIVOT may be run early; IMPORT DATABASE is several as
/// well.
bool is_pivot_step(duckdb_statement_type type) { return type == DUCKDB_STATEMENT_TYPE_CREATE; }

std::vector<std::string> text_row(duckdb_data_chunk chunk, idx_t row) {
  std::vector<std::string> out;
  for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(chunk); ++i) {
    auto* vector = duckdb_data_chunk_get_vector(chunk, i);
    auto* validity = duckdb_vector_get_validity(vector);
    const bool valid = validity == nullptr || duckdb_validity_row_is_valid(validity, row);
    out.emplace_back(valid ? string_at(duckdb_vector_get_data(vector), row) : std::string_view());
  }
  return out;
}

}  // namespace

Schema Prepared::schema() const {
  Schema out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out.push_back({names[i], column_type(types[i].get())});
  return out;
}

bool Prepared::returns_rows() const {
  const auto only = [this](const char* name, duckdb_type id) {
    return names.size() == 1 && names[0] == name && duckdb_get_type_id(types[0].get()) == id;
  };
  if (type == DUCKDB_STATEMENT_TYPE_SELECT) return true;
  if (is_query(type)) return !only("Success", DUCKDB_TYPE_BOOLEAN);
  return may_return_written_rows(type) && !only("Count", DUCKDB_TYPE_BIGINT);
}

std::int64_t Prepared::rows_changed(QueryResult& result) const {
  const bool counts = names.size() == 1 && duckdb_get_type_id(types[0].get()) == DUCKDB_TYPE_BIGINT;
  const ChunkHandle chunk(duckdb_fetch_chunk(*result.get()));
  if (!counts || chunk.get() == nullptr || duckdb_data_chunk_get_size(chunk.get()) == 0) return 0;
  return *static_cast<std::int64_t*>(
      duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)));
}

Result<std::shared_ptr<Session>> Session::open(std::shared_ptr<Database> database) {
  std::shared_ptr<Session> session(new Session(std::move(database)));
  if (duckdb_connect(session->database_->handle.get(), session->handle_.out()) == DuckDBError) {
    return Diagnostic{Code::database_error, "duckdb: cannot open a session"};
  }
  // Gives errors their position in bytes instead of a drawing.
  QUERN_CHECK(session->command("SET errors_as_json = true"));
  return session;
}

Result<void> Session::begin_call() {
  ++call_;
  // A request that came between two calls of a statement is for the later one.
  if (cancelled()) return cancelled_diagnostic();
  return {};
}

void Session::cancel() noexcept {
  cancelled_.store(true);
  duckdb_interrupt(handle_.get());
}

Result<Prepared> Session::prepare_part(duckdb_extracted_statements parts, idx_t index,
                                       const std::string& sql) {
  const BindingScope scope(functions_);
  PreparedHandle statement;
  if (duckdb_prepare_extracted_statement(handle(), parts, index, statement.out()) == DuckDBError) {
    return diagnose(duckdb_prepare_error(statement.get()), Stage::before_running, sql);
  }
  return with_columns(std::move(statement));
}

Result<void> Session::run_leading_parts(duckdb_extracted_statements parts, idx_t count,
                                        const std::string& sql) {
  for (idx_t i = 0; i + 1 < count; ++i) {
    QUERN_TRY(const auto part, prepare_part(parts, i, sql));
    if (!is_pivot_step(part.type))
      return rejected("duckdb: the statement stands for several and cannot be run as one");
    QueryResult result;
    QUERN_CHECK(start(part, result, Source{sql}));
  }
  return {};
}

Result<Prepared> Session::prepare(const std::string& sql) {
  functions_.forget_missing();
  while (true) {
    auto prepared = prepare_once(sql);
    if (prepared) return prepared;
    auto loaded = functions_.load_missing();
    if (!loaded) return placed_at(std::move(loaded).errors(), prepared.errors().front().span);
    if (!*loaded) return prepared;
  }
}

Result<Prepared> Session::prepare_once(const std::string& sql) {
  ExtractedHandle parts;
  const auto count = duckdb_extract_statements(handle(), sql.c_str(), parts.out());
  if (count == 0) {
    const auto* words = duckdb_extract_statements_error(parts.get());
    return words == nullptr ? rejected("duckdb: there is no statement")
                            : diagnose(words, Stage::before_running, sql);
  }
  if (count > 1) {
    if (sql::has_several_statements(sql, Dialect::duckdb))
      return rejected("duckdb: several statements where one is expected");
    QUERN_CHECK(run_leading_parts(parts.get(), count, sql));
  }
  QUERN_TRY(auto prepared, prepare_part(parts.get(), count - 1, sql));
  prepared.in_steps = count > 1;
  if (duckdb_nparams(prepared.statement.get()) > 0) {
    return rejected("duckdb: the statement has parameters, which have no values here",
                    "write the values in their place");
  }
  return prepared;
}

Result<void> Session::start(const Prepared& prepared, QueryResult& result, const Source& source) {
  const BindingScope scope(functions_);
  PendingHandle pending;
  if (duckdb_pending_prepared_streaming(prepared.statement.get(), pending.out()) == DuckDBError) {
    return diagnose(duckdb_pending_error(pending.get()), Stage::before_running, source);
  }
  // Making the pending result cleared DuckDB's own flag: look at ours before waiting, not earlier.
  // Its threads have begun by now, and the next statement would wait for them.
  if (cancelled()) {
    duckdb_interrupt(handle_.get());
    return cancelled_diagnostic();
  }
  if (duckdb_execute_pending(pending.get(), result.get()) == DuckDBError) {
    return diagnose(duckdb_result_error(result.get()), Stage::running, source);
  }
  return {};
}

Result<std::int64_t> Session::change(const std::string& sql, const Source& source) {
  auto prepared = prepare(sql);
  if (!prepared) return placed_at(std::move(prepared).errors(), SourceSpan::none());
  QueryResult result;
  QUERN_CHECK(start(*prepared, result, source));
  return prepared->rows_changed(result);
}

Result<void> Session::command(const std::string& sql) {
  QUERN_CHECK(ask(sql, {}));
  return {};
}

Result<std::vector<std::vector<std::string>>> Session::ask(const std::string& sql,
                                                           const std::vector<std::string>& values) {
  const BindingScope scope(functions_);
  PreparedHandle statement;
  if (duckdb_prepare(handle(), sql.c_str(), statement.out()) == DuckDBError) {
    return diagnose(duckdb_prepare_error(statement.get()), Stage::running, "");
  }
  for (idx_t i = 0; i < values.size(); ++i) {
    duckdb_bind_varchar_length(statement.get(), i + 1, values[i].data(), values[i].size());
  }
  QueryResult result;
  if (duckdb_execute_prepared(statement.get(), result.get()) == DuckDBError) {
    return diagnose(duckdb_result_error(result.get()), Stage::running, "");
  }
  std::vector<std::vector<std::string>> rows;
  if (duckdb_result_return_type(*result.get()) != DUCKDB_RESULT_TYPE_QUERY_RESULT) return rows;
  for (ChunkHandle chunk(duckdb_fetch_chunk(*result.get())); chunk.get() != nullptr;
       chunk = ChunkHandle(duckdb_fetch_chunk(*result.get()))) {
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row)
      rows.push_back(text_row(chunk.get(), row));
  }
  return rows;
}

}  // namespace quern::duckdb
