// Rows are gathered as text and sent in pieces, each by one statement that is a whole: a piece in
// which the server changed or left out a value is taken back, and is an error.

#include "connectors/mysql/appender.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "connectors/mysql/catalog.h"
#include "connectors/mysql/write_values.h"

namespace quern::mysql {
namespace {

/// Large pieces spare commits; small ones memory, and time that the server waits.
constexpr std::size_t kPieceBytes = 4 << 20;
constexpr std::size_t kInsertBytes = 1 << 20;

class MysqlAppender final : public Appender {
 public:
  MysqlAppender(std::shared_ptr<Session> session, TableInfo table, bool loads, std::size_t most,
                Undo undo)
      : session_(std::move(session)),
        table_(std::move(table)),
        loads_(loads),
        most_(most),
        undo_(undo) {}

  Result<void> append(const ColumnBatch& batch) override {
    return guarded([&] { return append_all(batch); });
  }
  Result<void> finish() override {
    return guarded([&] { return flush(); });
  }

 private:
  Result<void> append_all(const ColumnBatch& batch) {
    if (batch.columns.size() != table_.columns.size()) {
      return Diagnostic{Code::database_error,
                        "mysql: the table has " + std::to_string(table_.columns.size()) +
                            " columns, the rows have " + std::to_string(batch.columns.size())};
    }
    if (writers_.empty()) begin(batch);
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      QUERN_CHECK(loads_ ? put_line(batch, row) : put_tuple(batch, row));
      ++rows_in_piece_;
      if (piece_.size() >= most_) QUERN_CHECK(flush());
    }
    return {};
  }

  void begin(const ColumnBatch& batch) {
    std::string names;
    std::string set;
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      const auto kind = batch.columns[i].type.kind;
      writers_.push_back(loads_ ? find_field_writer(kind) : find_literal_writer(kind));
      const auto& field = table_.columns[i];
      const auto name = quote_identifier(field.name, Dialect::mysql);
      const auto made = loads_ ? made_of(field, kind, i) : std::string();
      names += (i > 0 ? ", " : "") + (made.empty() ? name : "@c" + std::to_string(i));
      if (!made.empty()) set += (set.empty() ? " SET " : ", ") + name + " = " + made;
    }
    if (loads_) {
      head_ = "LOAD DATA LOCAL INFILE 'quern' INTO TABLE " + quoted(table_.name) +
              " CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES "
              "TERMINATED BY '\\n' (" +
              names + ")" + set;
    } else {
      head_ = "INSERT INTO " + quoted(table_.name) + " (" + names + ") VALUES ";
    }
  }

  /// What a field is made of that does not go into its column as text; "" for all others.
  static std::string made_of(const Field& field, TypeKind kind, std::size_t i) {
    const auto variable = "@c" + std::to_string(i);
    if (kind == TypeKind::blob) return "UNHEX(" + variable + ")";
    if (field.type.sql_name.starts_with("BIT(")) return "CAST(" + variable + " AS UNSIGNED)";
    return "";
  }

  Result<void> put_line(const ColumnBatch& batch, std::int64_t row) {
    for (std::size_t i = 0; i < writers_.size(); ++i) {
      if (i > 0) piece_ += '\t';
      if (batch.columns[i].is_null(row)) {
        piece_ += "\\N";
      } else if (!writers_[i](batch.columns[i], row, piece_)) {
        return no_value(i);
      }
    }
    piece_ += '\n';
    return {};
  }

  Result<void> put_tuple(const ColumnBatch& batch, std::int64_t row) {
    piece_ += piece_.empty() ? head_ + "(" : ",(";
    for (std::size_t i = 0; i < writers_.size(); ++i) {
      if (i > 0) piece_ += ',';
      if (batch.columns[i].is_null(row)) {
        piece_ += "NULL";
      } else if (!writers_[i](batch.columns[i], row, piece_)) {
        return no_value(i);
      }
    }
    piece_ += ')';
    return {};
  }

  Diagnostic no_value(std::size_t column) const {
    const auto& field = table_.columns[column];
    return {Code::database_error, "mysql: row " + std::to_string(rows_ + rows_in_piece_ + 1) +
                                      ", column " + field.name + ": a value that no " +
                                      field.type.sql_name + " can hold"};
  }

  Result<void> flush() {
    if (session_->cancelled()) return cancelled_diagnostic();
    if (piece_.empty()) return {};
    if (undo_ == Undo::caller) return flush_all();
    const bool inside = session_->in_transaction();
    QUERN_CHECK(session_->command(inside ? "SAVEPOINT quern_load" : "START TRANSACTION"));
    auto sent = send();
    if (!sent) {
      (void)session_->command(inside ? "ROLLBACK TO SAVEPOINT quern_load" : "ROLLBACK");
      return sent;
    }
    begin_piece();
    return session_->command(inside ? "RELEASE SAVEPOINT quern_load" : "COMMIT");
  }

  Result<void> flush_all() {
    QUERN_CHECK(send());
    begin_piece();
    return {};
  }

  void begin_piece() {
    rows_ += rows_in_piece_;
    rows_in_piece_ = 0;
    piece_.clear();
  }

  Result<void> send() {
    if (!loads_) {
      QUERN_CHECK(session_->command(piece_));
      return check_warnings();
    }
    session_->local_file() = {piece_, true};
    auto loaded = session_->command(head_);
    session_->local_file() = {};
    if (!loaded) return loaded;
    return check_warnings();
  }

  /// LOAD DATA LOCAL goes on after what would be an error elsewhere, and so does INSERT without
  /// strict mode.
  Result<void> check_warnings() {
    if (mysql_warning_count(session_->handle()) == 0) return {};
    QUERN_TRY(const auto rows, session_->ask("SHOW WARNINGS LIMIT 64"));
    for (const auto& row : rows) {
      if (row.size() < 3 || row[0] == "Note") continue;
      return Diagnostic{Code::database_error,
                        "mysql: " + of_all_rows(row[2]) + " [" + row[1] + "]"};
    }
    return {};
  }

  /// "... at row 5" counts the rows of one piece.
  std::string of_all_rows(std::string words) const {
    constexpr std::string_view kRow = " at row ";
    const auto at = words.rfind(kRow);
    if (at == std::string::npos) return words;
    std::int64_t row = 0;
    const auto* digits = words.data() + at + kRow.size();
    std::from_chars(digits, words.data() + words.size(), row);
    return words.substr(0, at + kRow.size()) + std::to_string(row + rows_);
  }

  std::shared_ptr<Session> session_;
  TableInfo table_;
  bool loads_;
  std::size_t most_;  ///< bytes of a piece
  Undo undo_;
  std::vector<WriteValue> writers_;
  std::string head_;
  std::string piece_;
  std::int64_t rows_ = 0;  ///< in the table
  std::int64_t rows_in_piece_ = 0;
};

}  // namespace

Result<std::unique_ptr<Appender>> make_appender(std::shared_ptr<Session> session,
                                                const TableInfo& table, Undo undo) {
  QUERN_TRY(const auto rows, session->ask("SELECT @@local_infile, @@max_allowed_packet"));
  const auto& row = rows.at(0);
  const bool loads = row[0] == "1" || row[0] == "ON";
  std::size_t packet = kInsertBytes;
  std::from_chars(row[1].data(), row[1].data() + row[1].size(), packet);
  // A row more than this may stand in a statement.
  const auto most = std::min(kInsertBytes, packet / 2);
  return std::unique_ptr<Appender>(std::make_unique<MysqlAppender>(
      std::move(session), table, loads, loads ? kPieceBytes : most, undo));
}

}  // namespace quern::mysql
