// Values are bound where they lie: SQLite reads them during the step and copies what it keeps. NaN
// becomes NULL there, and types.h says how the kinds that SQLite does not have are kept.

#include "connectors/sqlite/appender.h"

#include <cmath>
#include <limits>

#include "base/format.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/savepoint.h"

namespace quern::sqlite {
namespace {

/// Integers below are doubles exactly, and so their quotient by a power of ten is the nearest one.
constexpr std::int64_t kExactIntegers = 1LL << 53;
constexpr int kExactPowers = 22;
/// Rows between two looks at the request to stop.
constexpr std::int64_t kRowsBetweenLooks = 256;

int bind_bytes(sqlite3_stmt* to, int at, std::string_view bytes, bool blob) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  return blob ? sqlite3_bind_blob64(to, at, data, bytes.size(), SQLITE_STATIC)
              : sqlite3_bind_text64(to, at, data, bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int bind_words(sqlite3_stmt* to, int at, const std::string& words) {
  return sqlite3_bind_text64(to, at, words.data(), words.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// An INTEGER or a REAL where one is equal to the decimal, else its digits.
int bind_decimal(sqlite3_stmt* to, int at, const Column& column, std::int64_t row) {
  const auto value = column.as<__int128>()[static_cast<std::size_t>(row)];
  const int scale = column.type.scale;
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  if (scale == 0 && value >= kLeast && value <= kMost)
    return sqlite3_bind_int64(to, at, static_cast<std::int64_t>(value));
  if (scale > 0 && scale <= kExactPowers && value < kExactIntegers && value > -kExactIntegers)
    return sqlite3_bind_double(to, at, static_cast<double>(value) / std::pow(10.0, scale));
  return bind_words(to, at, format_value(column, row));
}

/// Dates of the years that SQLite's functions know; others have no form that is read back.
int bind_time(sqlite3_stmt* to, int at, const Column& column, std::int64_t row) {
  auto words = format_value(column, row);
  const auto kind = column.type.kind;
  if (kind != TypeKind::time && (words.size() < 10 || words[4] != '-' || words.ends_with(')') ||
                                 words.find("(BC)") != std::string::npos))
    return SQLITE_MISMATCH;
  if (kind == TypeKind::time && words.starts_with("24")) return SQLITE_MISMATCH;
  if (kind == TypeKind::timestamp_tz) words += ":00";
  return bind_words(to, at, words);
}

template <typename T>
int bind_integer(sqlite3_stmt* to, int at, const Column& column, std::int64_t row) {
  return sqlite3_bind_int64(
      to, at, static_cast<std::int64_t>(column.as<T>()[static_cast<std::size_t>(row)]));
}

/// SQLITE_MISMATCH where SQLite has no form for the value.
int bind_value(sqlite3_stmt* to, int at, const Column& column, std::int64_t row) {
  if (column.is_null(row)) return sqlite3_bind_null(to, at);
  const auto i = static_cast<std::size_t>(row);
  switch (column.type.kind) {
    case TypeKind::boolean: return sqlite3_bind_int(to, at, column.boolean(row) ? 1 : 0);
    case TypeKind::int8: return bind_integer<std::int8_t>(to, at, column, row);
    case TypeKind::int16: return bind_integer<std::int16_t>(to, at, column, row);
    case TypeKind::int32: return bind_integer<std::int32_t>(to, at, column, row);
    case TypeKind::int64: return bind_integer<std::int64_t>(to, at, column, row);
    case TypeKind::uint8: return bind_integer<std::uint8_t>(to, at, column, row);
    case TypeKind::uint16: return bind_integer<std::uint16_t>(to, at, column, row);
    case TypeKind::uint32: return bind_integer<std::uint32_t>(to, at, column, row);
    case TypeKind::uint64:
      if (column.as<std::uint64_t>()[i] > static_cast<std::uint64_t>(INT64_MAX))
        return SQLITE_MISMATCH;
      return bind_integer<std::uint64_t>(to, at, column, row);
    case TypeKind::float32:
      return sqlite3_bind_double(to, at, static_cast<double>(column.as<float>()[i]));
    case TypeKind::float64: return sqlite3_bind_double(to, at, column.as<double>()[i]);
    case TypeKind::decimal: return bind_decimal(to, at, column, row);
    case TypeKind::blob: return bind_bytes(to, at, column.text(row), true);
    case TypeKind::date:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamp_ns:
    case TypeKind::timestamp_tz: return bind_time(to, at, column, row);
    case TypeKind::interval:
    case TypeKind::list: return bind_words(to, at, format_value(column, row));
    case TypeKind::big_number:
    case TypeKind::text:
    case TypeKind::other: return bind_bytes(to, at, column.text(row), false);
  }
  return SQLITE_MISMATCH;
}

class RowAppender final : public Appender {
 public:
  RowAppender(std::shared_ptr<Session> session, Statement insert,
              std::unique_ptr<Savepoint> savepoint)
      : session_(std::move(session)),
        savepoint_(std::move(savepoint)),
        insert_(std::move(insert)),
        columns_(static_cast<std::size_t>(sqlite3_bind_parameter_count(insert_.get()))) {}

  Result<void> append(const ColumnBatch& batch) override {
    return guarded([&] { return append_all(batch); });
  }
  Result<void> finish() override {
    return guarded([&] {
      insert_.reset();
      return savepoint_->release();
    });
  }

 private:
  Result<void> append_all(const ColumnBatch& batch) {
    if (batch.columns.size() != columns_) {
      return Diagnostic{Code::database_error,
                        "sqlite: the table has " +
                            counted(static_cast<std::int64_t>(columns_), "column") +
                            ", the rows have " + std::to_string(batch.columns.size())};
    }
    session_->set_inserting(true);
    auto appended = append_rows(batch);
    session_->set_inserting(false);
    return appended;
  }

  Result<void> append_rows(const ColumnBatch& batch) {
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      if (row % kRowsBetweenLooks == 0 && session_->cancelled()) return cancelled_diagnostic();
      QUERN_CHECK(append_row(batch, row));
    }
    return {};
  }

  Result<void> append_row(const ColumnBatch& batch, std::int64_t row) {
    auto* insert = insert_.get();
    for (std::size_t i = 0; i < columns_; ++i) {
      const int bound = bind_value(insert, static_cast<int>(i) + 1, batch.columns[i], row);
      if (bound != SQLITE_OK) return misfit(bound, batch.columns[i], i, row);
    }
    if (sqlite3_step(insert) != SQLITE_DONE) {
      auto problem = session_->failure(Stage::running, "");
      sqlite3_reset(insert);
      return problem;
    }
    sqlite3_reset(insert);
    return {};
  }

  Diagnostic misfit(int code, const Column& column, std::size_t at, std::int64_t row) const {
    if (code != SQLITE_MISMATCH) return session_->failure(Stage::running, "");
    return {Code::database_error,
            "sqlite: column " + std::to_string(at + 1) +
                " holds what SQLite has no form for: " + format_value(column, row),
            SourceSpan::none(), "CAST it to text in the query"};
  }

  std::shared_ptr<Session> session_;
  std::unique_ptr<Savepoint> savepoint_;
  Statement insert_;  // finalized before the savepoint is undone
  std::size_t columns_;
};

/// Columns that INSERT without a list of names takes: generated ones are not among them.
Result<std::size_t> columns_of(Session& session, const TableName& name) {
  QUERN_TRY(const auto rows, session.ask("SELECT count(*) FROM pragma_table_info(?1, ?2)",
                                         {name.table, name.schema}));
  return static_cast<std::size_t>(std::stoul(rows.at(0).at(0)));
}

}  // namespace

Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableName& name) {
  // SQLite begins a transaction for writing on a file for reading, and says so at the first row.
  QUERN_CHECK(check_writable(*session, name));
  QUERN_TRY(const auto columns, columns_of(*session, name));
  auto sql = "INSERT INTO " + quote_name(name, Dialect::sqlite) + " VALUES (?";
  for (std::size_t i = 1; i < columns; ++i) sql += ",?";
  QUERN_TRY(auto savepoint, Savepoint::begin(session));
  sqlite3_stmt* raw = nullptr;
  const int prepared = sqlite3_prepare_v3(session->handle(), (sql + ")").c_str(), -1,
                                          SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  Statement insert(raw, sqlite3_finalize);
  if (prepared != SQLITE_OK) return session->failure(Stage::running, "");
  return std::unique_ptr<Appender>(
      std::make_unique<RowAppender>(std::move(session), std::move(insert), std::move(savepoint)));
}

}  // namespace quern::sqlite
