// DROP and CREATE TABLE are part of SQLite's transactions; other sessions see the table when it
// ends.

#include "connectors/sqlite/table_load.h"

#include "base/similar.h"
#include "connectors/sqlite/appender.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/savepoint.h"
#include "connectors/sqlite/types.h"

namespace quern::sqlite {
namespace {

class Load final : public TableLoad {
 public:
  Load(std::shared_ptr<Session> session, std::unique_ptr<Savepoint> savepoint)
      : session_(std::move(session)), savepoint_(std::move(savepoint)) {}

  Result<void> prepare(const TableOrder& order) {
    if (order.mode != LoadMode::append) QUERN_CHECK(create(order));
    QUERN_TRY(const auto entry, find_entry(*session_, order.table));
    if (!entry) {
      return Diagnostic{Code::database_error,
                        "sqlite: there is no table " + quote_name(order.table, Dialect::sqlite)};
    }
    QUERN_TRY(appender_, make_appender(session_, entry->name));
    return {};
  }

  Result<void> append(const ColumnBatch& batch) override { return appender_->append(batch); }

  Result<void> commit() override {
    return guarded([&]() -> Result<void> {
      QUERN_CHECK(appender_->finish());
      appender_.reset();
      for (const auto& statement : dependents_) QUERN_CHECK(make_again(statement));
      return savepoint_->release();
    });
  }

 private:
  Result<void> create(const TableOrder& order) {
    auto name = order.table;
    if (order.mode == LoadMode::replace) {
      QUERN_TRY(dependents_, dependent_statements(*session_, name));
      QUERN_TRY(const auto entry, find_entry(*session_, name));
      if (entry) name = entry->name;
      QUERN_CHECK(session_->command("DROP TABLE " + quote_name(name, Dialect::sqlite)));
    }
    name.schema = schema_named(name.schema);
    auto sql = "CREATE TABLE " + quote_name(name, Dialect::sqlite) + " (" +
               comment_text(order.comment ? order.comment(name) : "");
    for (std::size_t i = 0; i < order.columns.size(); ++i) {
      sql += (i > 0 ? ", " : "") + quote_identifier(order.columns[i].name, Dialect::sqlite) + " " +
             type_name(order.columns[i].type);
    }
    return session_->command(sql + ")");
  }

  /// As SQLite itself spells it.
  std::string schema_named(const std::string& schema) const {
    for (const auto& known : schemas(*session_)) {
      if (equal_ignoring_case(known, schema)) return known;
    }
    return schema.empty() ? "main" : schema;
  }

  Result<void> make_again(const std::string& statement) {
    auto made = session_->command(statement);
    if (made) return made;
    auto errors = std::move(made).errors();
    errors.front().message =
        "an index or trigger of the table does not suit the new rows: " + statement + " " +
        errors.front().message;
    errors.front().hint = "drop it first";
    return errors;
  }

  std::shared_ptr<Session> session_;
  std::unique_ptr<Savepoint> savepoint_;
  std::vector<std::string> dependents_;  ///< indexes and triggers of the table that is replaced
  std::unique_ptr<Appender> appender_;   // gone before what it is part of is undone
};

}  // namespace

Result<std::unique_ptr<TableLoad>> begin_load(std::shared_ptr<Session> session,
                                              const TableOrder& order) {
  QUERN_CHECK(check_writable(*session, order.table));
  QUERN_TRY(auto savepoint, Savepoint::begin(session));
  auto load = std::make_unique<Load>(std::move(session), std::move(savepoint));
  QUERN_CHECK(load->prepare(order));
  return std::unique_ptr<TableLoad>(std::move(load));
}

}  // namespace quern::sqlite
