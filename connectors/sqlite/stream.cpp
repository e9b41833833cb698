// sqlite3_step() fills one batch after the other.

#include "connectors/sqlite/stream.h"

#include <utility>

#include "base/format.h"
#include "connectors/sql_text.h"
#include "connectors/sqlite/types.h"

namespace quern::sqlite {
namespace {

constexpr std::int64_t kRows = 2048;
/// Bytes of texts and blobs after which a batch ends.
constexpr std::size_t kBytes = 16 << 20;
/// Bytes of a value that an error shows.
constexpr std::size_t kShown = 40;

std::string stored_as(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return "INTEGER";
    case SQLITE_FLOAT: return "REAL";
    case SQLITE_TEXT: return "TEXT";
    case SQLITE_BLOB: return "BLOB";
    default: return "NULL";
  }
}

std::string shown(sqlite3_value* value) {
  const auto bytes = bytes_of(value);
  if (sqlite3_value_type(value) == SQLITE_BLOB)
    return "a BLOB of " + counted(static_cast<std::int64_t>(bytes.size()), "byte");
  std::string text(bytes.substr(0, kShown));
  for (auto& c : text) c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  if (bytes.size() > kShown) text += "...";
  if (sqlite3_value_type(value) == SQLITE_TEXT) text = "'" + text + "'";
  return stored_as(value) + " " + text;
}

/// Numbers are not asked: SQLite would make texts of them.
std::size_t size_of_text(sqlite3_value* value) {
  const int stored = sqlite3_value_type(value);
  const bool bytes = stored == SQLITE_TEXT || stored == SQLITE_BLOB;
  return bytes ? static_cast<std::size_t>(sqlite3_value_bytes(value)) : 0;
}

bool is_temporal(TypeKind kind) {
  return kind == TypeKind::date || kind == TypeKind::time || kind == TypeKind::timestamp ||
         kind == TypeKind::timestamp_ns || kind == TypeKind::timestamp_tz;
}

}  // namespace

void Stream::Open::hold(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: integers = true; break;
    case SQLITE_FLOAT: reals = true; break;
    case SQLITE_TEXT: texts = true; break;
    case SQLITE_BLOB: blobs = true; break;
    default: break;
  }
  values.emplace_back(sqlite3_value_dup(value), sqlite3_value_free);
  if (values.back() == nullptr) throw std::bad_alloc();
}

ColumnType Stream::Open::type() const {
  if (texts) return {.kind = TypeKind::text, .sql_name = "TEXT"};
  if (reals) return {.kind = TypeKind::float64, .sql_name = "REAL"};
  if (integers) return {.kind = TypeKind::int64, .sql_name = "INTEGER"};
  if (blobs) return {.kind = TypeKind::blob, .sql_name = "BLOB"};
  return {.kind = TypeKind::text, .sql_name = "TEXT"};
}

Stream::Stream(std::shared_ptr<Session> session, Statement statement, std::string sql)
    : session_(std::move(session)),
      call_(session_->call()),
      statement_(std::make_shared<Statement>(std::move(statement))),
      sql_(std::move(sql)) {
  session_->keep_open(statement_);
  const int columns = sqlite3_column_count(statement_->get());
  for (int i = 0; i < columns; ++i) {
    const auto* declared = sqlite3_column_decltype(statement_->get(), i);
    const auto type = declared_type(declared == nullptr ? "" : declared);
    schema_.push_back({sqlite3_column_name(statement_->get(), i), type.value_or(ColumnType())});
    cells_.push_back(type ? std::optional<Cells>(std::in_place, *type, true) : std::nullopt);
    by_values_.push_back(!type);
  }
  open_.resize(schema_.size());
}

bool Stream::needs_rows() const {
  for (const bool open : by_values_) {
    if (open) return true;
  }
  return false;
}

Result<void> Stream::start() {
  std::int64_t rows = 0;
  QUERN_TRY(const bool more, fill(rows));
  QUERN_CHECK(settle_types());
  ended_ = !more;
  if (rows > 0) first_ = finish(rows);
  return {};
}

/// Reads until a batch is full; false where the statement has come to its end.
Result<bool> Stream::fill(std::int64_t& rows) {
  for (rows = 0; rows < kRows; ++rows) {
    QUERN_TRY(const bool more, session_->step(statement_->get(), sql_));
    if (!more) return false;
    QUERN_TRY(const bool room, take_row());
    if (room) continue;
    ++rows;
    break;
  }
  return true;
}

/// Takes the row the statement stands at; false where the batch is large enough.
Result<bool> Stream::take_row() {
  std::size_t bytes = held_bytes_;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    auto* value = sqlite3_column_value(statement_->get(), static_cast<int>(i));
    if (!cells_[i]) {
      open_[i].hold(value);
      held_bytes_ += size_of_text(value);
      continue;
    }
    if (!cells_[i]->take(value)) return broken(i, cells_[i]->rows(), value);
    bytes += cells_[i]->bytes();
  }
  return bytes < kBytes;
}

Result<void> Stream::settle_types() {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i]) continue;
    auto& open = open_[i];
    schema_[i].type = open.type();
    cells_[i].emplace(schema_[i].type, open.texts);
    for (const auto& value : open.values) {
      if (!cells_[i]->take(value.get())) return broken(i, cells_[i]->rows(), value.get());
    }
    open.values.clear();
  }
  held_bytes_ = 0;
  return {};
}

ColumnBatch Stream::finish(std::int64_t rows) {
  ColumnBatch batch{.rows = rows, .columns = {}};
  batch.columns.reserve(cells_.size());
  for (auto& cells : cells_) batch.columns.push_back(cells->finish());
  rows_before_ += rows;
  return batch;
}

Result<void> Stream::check_call() const {
  if (session_->call() != call_) {
    return Diagnostic{Code::database_error, "a later statement on the connection ended these rows"};
  }
  if (session_->cancelled()) return cancelled_diagnostic();
  return {};
}

Result<bool> Stream::next(ColumnBatch& out) {
  return guarded([&]() -> Result<bool> {
    if (ended_ && !first_) return false;
    QUERN_CHECK(check_call());
    auto fetched = next_batch(out);
    if (!fetched) ended_ = true;
    return fetched;
  });
}

Result<bool> Stream::next_batch(ColumnBatch& out) {
  if (first_) {
    out = *std::exchange(first_, std::nullopt);
    return true;
  }
  std::int64_t rows = 0;
  QUERN_TRY(const bool more, fill(rows));
  ended_ = !more;
  if (rows > 0) out = finish(rows);
  return rows > 0;
}

std::string Stream::hint_for(std::size_t column, sqlite3_value* value) const {
  const auto& type = schema_[column].type;
  const int stored = sqlite3_value_type(value);
  if (is_temporal(type.kind) && stored == SQLITE_TEXT)
    return "dates and times are read as ISO 8601; CAST(... AS TEXT) takes any";
  if (is_temporal(type.kind))
    return "date() and datetime() make text of such a number, or CAST(... AS REAL) a number";
  if (type.kind == TypeKind::text && stored == SQLITE_TEXT)
    return "CAST(... AS BLOB) takes any bytes";
  if (by_values_[column] && type.kind == TypeKind::int64 && stored == SQLITE_FLOAT)
    return "CAST(... AS REAL) makes all rows numbers of that kind";
  if (is_number(type.kind) || type.kind == TypeKind::boolean)
    return "CAST(... AS TEXT) takes any value, CAST(... AS REAL) makes a number of it";
  return "CAST(... AS TEXT) takes any value";
}

Diagnostic Stream::broken(std::size_t column, std::int64_t row, sqlite3_value* value) const {
  const auto& field = schema_[column];
  const auto name = quote_identifier(field.name, Dialect::sqlite);
  auto found = shown(value);
  if (field.type.kind == TypeKind::text && sqlite3_value_type(value) == SQLITE_TEXT)
    found = "TEXT that is not UTF-8";
  const auto is = by_values_[column]
                      ? "column " + name + " has values of type " + field.type.sql_name
                      : "column " + name + " is declared " + field.type.sql_name;
  return {
      Code::database_error,
      "sqlite: " + is + ", but row " + std::to_string(rows_before_ + row + 1) + " holds " + found,
      sql::find_name(sql_, field.name, Dialect::sqlite), hint_for(column, value)};
}

}  // namespace quern::sqlite
