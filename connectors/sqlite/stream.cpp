// sqlite3_step() fills one batch after the other.

#include "connectors/sqlite/stream.h"

#include <algorithm>
#include <numeric>
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

Stream::Stream(std::shared_ptr<Session> session, Statement statement, std::string sql,
               std::vector<std::size_t> used)
    : session_(std::move(session)),
      call_(session_->call()),
      statement_(std::make_shared<Statement>(std::move(statement))),
      sql_(std::move(sql)),
      used_(std::move(used)) {
  session_->keep_open(statement_);
  const auto columns = static_cast<std::size_t>(sqlite3_column_count(statement_->get()));
  if (used_.empty()) {
    used_.resize(columns);
    std::iota(used_.begin(), used_.end(), 0);
  }
  cells_.resize(columns);
  open_.resize(columns);
  by_values_.resize(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    const auto number = static_cast<int>(i);
    const auto* declared = sqlite3_column_decltype(statement_->get(), number);
    const auto type = declared_type(declared == nullptr ? "" : declared);
    schema_.push_back(
        {sqlite3_column_name(statement_->get(), number), type.value_or(open_[i].type())});
    by_values_[i] = !type && std::binary_search(used_.begin(), used_.end(), i);
    if (type) cells_[i].emplace(*type, true);
  }
  note_long_columns();
}

bool Stream::needs_rows() const {
  return std::find(by_values_.begin(), by_values_.end(), true) != by_values_.end();
}

Result<void> Stream::start() {
  std::int64_t rows = 0;
  QUERN_TRY(const bool more, fill(rows));
  QUERN_CHECK(settle_types());
  ended_ = !more;
  if (rows > 0) first_ = finish(rows);
  return {};
}

void Stream::begin_call(const std::vector<std::size_t>& used) {
  call_ = session_->call();
  if (used.empty() || !first_) return;
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    if (!std::binary_search(used.begin(), used.end(), i))
      first_->columns[i] = nulls_.make(schema_[i].type, first_->rows);
  }
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
  auto* statement = statement_->get();
  for (const auto i : used_) {
    auto* value = sqlite3_column_value(statement, static_cast<int>(i));
    if (cells_[i]) {
      if (!cells_[i]->take(value)) return broken(i, cells_[i]->rows(), value);
    } else {
      open_[i].hold(value);
      held_bytes_ += size_of_text(value);
    }
  }
  std::size_t bytes = held_bytes_;
  for (const auto i : long_columns_) bytes += cells_[i]->bytes();
  return bytes < kBytes;
}

Result<void> Stream::settle_types() {
  for (const auto i : used_) {
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
  note_long_columns();
  return {};
}

void Stream::note_long_columns() {
  long_columns_.clear();
  for (const auto i : used_) {
    if (cells_[i] && is_bytes(cells_[i]->type().kind)) long_columns_.push_back(i);
  }
}

ColumnBatch Stream::finish(std::int64_t rows) {
  ColumnBatch batch{.rows = rows, .columns = {}};
  batch.columns.reserve(cells_.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    const bool read = next < used_.size() && used_[next] == i;
    batch.columns.push_back(read ? cells_[i]->finish() : nulls_.make(schema_[i].type, rows));
    next += read ? 1 : 0;
  }
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
