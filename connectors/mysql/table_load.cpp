// Append is a transaction. All else is a staging table and a RENAME, which is one step for all who
// look at it.

#include "connectors/mysql/table_load.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/similar.h"
#include "connectors/mysql/appender.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/rights.h"
#include "connectors/mysql/types.h"

namespace quern::mysql {
namespace {

constexpr std::string_view kPrefix = "quern_staging_";
constexpr std::size_t kDigits = 16;

Diagnostic missing(const TableName& name) {
  return {Code::database_error, "mysql: there is no table " + quoted(name)};
}

class AppendLoad final : public TableLoad {
 public:
  AppendLoad(WriteScope scope, std::unique_ptr<Appender> appender)
      : scope_(std::move(scope)), appender_(std::move(appender)) {}
  Result<void> append(const ColumnBatch& batch) override { return appender_->append(batch); }
  Result<void> commit() override {
    QUERN_CHECK(appender_->finish());
    return scope_.commit();
  }

 private:
  WriteScope scope_;
  std::unique_ptr<Appender> appender_;  // destroyed before its connection
};

/// An id that no other writer has.
std::string new_id() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::random_device dice;
  std::string out;
  while (out.size() < kDigits) out += kHex[dice() % kHex.size()];
  return out;
}

/// A table of ours, and of nobody who likes the prefix too.
bool is_staging(const std::string& table) {
  const auto end = kPrefix.size() + kDigits;
  if (table.size() <= end || !table.starts_with(kPrefix)) return false;
  const auto suffix = table.substr(end);
  return table.find_first_not_of("0123456789abcdef", kPrefix.size()) == end &&
         (suffix == "_new" || suffix == "_old");
}

class StagedLoad final : public TableLoad {
 public:
  StagedLoad(std::unique_ptr<Connection> own, std::shared_ptr<Session> session,
             std::shared_ptr<Session> user, TableOrder order)
      : own_(std::move(own)),
        session_(std::move(session)),
        user_(std::move(user)),
        order_(std::move(order)) {}
  StagedLoad(const StagedLoad&) = delete;
  StagedLoad& operator=(const StagedLoad&) = delete;
  ~StagedLoad() override {
    appender_.reset();
    // What cannot be dropped now is swept by the next load: the lock goes with the connection.
    (void)session_->command("ROLLBACK");
    if (made_) (void)drop(staged_);
  }

  Result<void> prepare() {
    QUERN_CHECK(resolve());
    QUERN_CHECK(sweep());
    const auto lock = std::string(kPrefix) + new_id();
    QUERN_TRY(const auto got, session_->ask("SELECT GET_LOCK('" + lock + "', 0)"));
    if (got.at(0).at(0) != "1")
      return Diagnostic{Code::database_error, "mysql: the server gives no lock: GET_LOCK"};
    staged_ = {.catalog = {}, .schema = target_.schema, .table = lock + "_new"};
    replaced_ = {.catalog = {}, .schema = target_.schema, .table = lock + "_old"};
    QUERN_CHECK(check_rights());
    QUERN_CHECK(create());
    TableInfo info{.name = staged_, .columns = order_.columns};
    for (auto& field : info.columns) field.type.sql_name = type_name(field.type);
    QUERN_TRY(appender_, make_appender(session_, info, Undo::caller));
    return session_->command("START TRANSACTION");
  }

  Result<void> append(const ColumnBatch& batch) override { return appender_->append(batch); }

  Result<void> commit() override {
    return guarded([&]() -> Result<void> {
      QUERN_CHECK(appender_->finish());
      appender_.reset();
      QUERN_CHECK(session_->command("COMMIT"));
      if (order_.mode == LoadMode::replace) return replace();
      QUERN_CHECK(rename(quoted(staged_) + " TO " + quoted(target_)));
      made_ = false;
      return {};
    });
  }

 private:
  Result<void> drop(const TableName& name) {
    return session_->command("DROP TABLE IF EXISTS " + quoted(name));
  }

  /// RENAME comes last, and needs rights that filling the table does not: DROP and ALTER.
  Result<void> check_rights() {
    if (!session_->is_mariadb()) return {};
    const auto lacking =
        denied(*session_, "CREATE OR REPLACE TABLE " + quoted(staged_) + " AS SELECT 1 AS i");
    return lacking.empty() ? Result<void>() : not_allowed(lacking);
  }

  Result<void> not_allowed(const std::string& commands) {
    return Diagnostic{Code::read_only,
                      "database is read-only: a table in database " + target_.schema +
                          " is made beside its place and renamed, and the user lacks " + commands,
                      SourceSpan::none(), grant_needed(*session_, commands, target_.schema)};
  }

  Result<void> resolve() {
    target_ = order_.table;
    if (!target_.catalog.empty()) return missing(target_);
    if (target_.schema.empty()) {
      QUERN_TRY(const auto rows, session_->ask("SELECT DATABASE()"));
      target_.schema = rows.at(0).at(0);
    }
    if (order_.mode == LoadMode::create) return {};
    QUERN_TRY(const auto info, find_table(*session_, target_));
    if (!info) return missing(target_);
    target_ = info->name;
    old_columns_ = info->columns;
    QUERN_TRY(indexes_, indexes_of(*session_, target_));
    return {};
  }

  /// Drops the staging tables of writers that died.
  Result<void> sweep() {
    QUERN_TRY(const auto rows,
              session_->ask(
                  "SELECT table_name FROM information_schema.tables WHERE table_schema = " +
                  session_->quoted(target_.schema) + " AND table_name LIKE 'quern\\_staging\\_%'"));
    for (const auto& row : rows) {
      if (!is_staging(row[0])) continue;
      const auto lock = row[0].substr(0, kPrefix.size() + kDigits);
      QUERN_TRY(const auto free,
                session_->ask("SELECT IS_FREE_LOCK(" + session_->quoted(lock) + ")"));
      if (free.at(0).at(0) != "1") continue;
      // One that this user may not drop stays for somebody else's load.
      (void)drop({.catalog = {}, .schema = target_.schema, .table = row[0]});
    }
    return {};
  }

  /// An index on text needs a type that has a length: the old column's.
  bool is_indexed(const std::string& column) const {
    return std::any_of(indexes_.begin(), indexes_.end(), [&](const Index& index) {
      return std::any_of(index.columns.begin(), index.columns.end(),
                         [&](const auto& name) { return equal_ignoring_case(name, column); });
    });
  }

  Result<std::string> definition(const Field& field) {
    const auto old = std::find_if(old_columns_.begin(), old_columns_.end(), [&](const Field& f) {
      return equal_ignoring_case(f.name, field.name);
    });
    if (old != old_columns_.end() && old->type == field.type && is_indexed(field.name))
      return column_definition(*session_, target_, old->name);
    return type_name(field.type);
  }

  Result<void> create() {
    std::string columns;
    for (const auto& field : order_.columns) {
      QUERN_TRY(const auto type, definition(field));
      columns += columns.empty() ? "" : ", ";
      columns += quote_identifier(field.name, Dialect::mysql) + " " + type;
    }
    comment_ = session_->quoted(order_.comment ? order_.comment(target_) : std::string());
    QUERN_CHECK(session_->command("CREATE TABLE " + quoted(staged_) + " (" + columns +
                                  ") DEFAULT CHARACTER SET utf8mb4"));
    made_ = true;
    auto commented = session_->command("ALTER TABLE " + quoted(staged_) + " COMMENT = " + comment_);
    const bool may_alter = commented || commented.errors().front().message.find(
                                            "ALTER command denied") == std::string::npos;
    return may_alter ? commented : not_allowed("ALTER");
  }

  Result<void> replace() {
    QUERN_TRY(const auto holder, held_by(*session_, target_));
    if (!holder.empty()) return move_rows(holder);
    for (const auto& index : indexes_) QUERN_CHECK(make_index(index));
    QUERN_CHECK(rename(quoted(target_) + " TO " + quoted(replaced_) + ", " + quoted(staged_) +
                       " TO " + quoted(target_)));
    made_ = false;
    return drop(replaced_);
  }

  /// Waits for those who are reading the table, second by second: whoever comes meanwhile is let
  /// by, and a cancel is heard.
  Result<void> rename(const std::string& what) {
    QUERN_CHECK(session_->command("SET SESSION lock_wait_timeout = 1"));
    while (true) {
      auto done = session_->command("RENAME TABLE " + what);
      if (done || done.errors().front().code != Code::write_conflict) return done;
      if (user_->cancelled()) return cancelled_diagnostic();
    }
  }

  Result<void> make_index(const Index& index) {
    auto made = session_->command("ALTER TABLE " + quoted(staged_) + " " + index.clause);
    if (made) return {};
    auto errors = std::move(made).errors();
    errors.front().message = "an index of the table does not suit the new rows: " + index.clause +
                             ": " + errors.front().message;
    errors.front().hint = "drop the index first";
    return errors;
  }

  bool has_same_columns() const {
    return std::equal(
        old_columns_.begin(), old_columns_.end(), order_.columns.begin(), order_.columns.end(),
        [](const Field& a, const Field& b) { return a.name == b.name && a.type == b.type; });
  }

  /// Into the old table, in one transaction: it stays the one that others hold on to.
  Result<void> move_rows(const std::string& holder) {
    if (!has_same_columns()) {
      return Diagnostic{Code::database_error,
                        "mysql: the table cannot get other columns: it is held by " + holder,
                        SourceSpan::none(), "drop that first, or write into another table"};
    }
    QUERN_TRY(const bool undoable, is_transactional(*session_, target_));
    if (!undoable)
      return Diagnostic{
          Code::database_error,
          "mysql: the table's engine has no transactions, and it is held by " + holder};
    QUERN_CHECK(session_->command("ALTER TABLE " + quoted(target_) + " COMMENT = " + comment_));
    QUERN_CHECK(session_->command("START TRANSACTION"));
    auto done = session_->command("DELETE FROM " + quoted(target_));
    if (done)
      done =
          session_->command("INSERT INTO " + quoted(target_) + " SELECT * FROM " + quoted(staged_));
    if (done) done = session_->command("COMMIT");
    if (!done) (void)session_->command("ROLLBACK");
    return done;
  }

  std::unique_ptr<Connection> own_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<Session> user_;
  TableOrder order_;
  TableName target_;
  TableName staged_;
  TableName replaced_;  ///< what the old table is called until it is dropped
  Schema old_columns_;
  std::vector<Index> indexes_;
  std::string comment_;  ///< as a literal
  bool made_ = false;    ///< the staging table is there
  std::unique_ptr<Appender> appender_;
};

}  // namespace

Result<std::unique_ptr<TableLoad>> begin_append(WriteScope scope, std::shared_ptr<Session> session,
                                                const TableOrder& order) {
  QUERN_TRY(const auto info, find_table(*session, order.table));
  if (!info) return missing(order.table);
  QUERN_TRY(const bool undoable, is_transactional(*session, info->name));
  if (!undoable) {
    return Diagnostic{
        Code::database_error,
        "mysql: rows cannot be added whole or not at all: the engine of table " + info->name.table +
            " has no transactions",
        SourceSpan::none(),
        "ALTER TABLE " + quoted(info->name) + " ENGINE = InnoDB, or replace the table"};
  }
  QUERN_TRY(auto appender, make_appender(std::move(session), *info));
  return std::unique_ptr<TableLoad>(
      std::make_unique<AppendLoad>(std::move(scope), std::move(appender)));
}

Result<std::unique_ptr<TableLoad>> begin_staged(std::unique_ptr<Connection> own,
                                                std::shared_ptr<Session> session,
                                                std::shared_ptr<Session> user,
                                                const TableOrder& order) {
  auto load =
      std::make_unique<StagedLoad>(std::move(own), std::move(session), std::move(user), order);
  QUERN_CHECK(load->prepare());
  return std::unique_ptr<TableLoad>(std::move(load));
}

}  // namespace quern::mysql
