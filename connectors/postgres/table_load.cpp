// All of it is one transaction: a session that dies leaves nothing.

#include "connectors/postgres/table_load.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "connectors/postgres/catalog.h"
#include "connectors/postgres/table_rules.h"
#include "connectors/postgres/types.h"

namespace quern::postgres {
namespace {

/// Seen by nobody: made, and gone or renamed, in one transaction.
constexpr const char* kStaged = "quern_staged_rows";

class PostgresLoad final : public TableLoad {
 public:
  PostgresLoad(WriteScope scope, Session& session, const TableOrder& order)
      : scope_(std::move(scope)), session_(session), order_(order) {}

  Result<void> prepare() {
    target_ = order_.table;
    if (order_.mode != LoadMode::create) QUERN_CHECK(resolve());
    auto into = target_;
    if (order_.mode == LoadMode::replace) into.table = kStaged;
    if (order_.mode != LoadMode::append) QUERN_CHECK(create(into));
    if (order_.mode == LoadMode::create) QUERN_CHECK(resolve());
    if (order_.mode == LoadMode::create) into = target_;
    staged_ = into;
    QUERN_TRY(appender_, scope_.connection().append_to(into));
    return {};
  }

  Result<void> append(const ColumnBatch& batch) override { return appender_->append(batch); }
  Diagnostics take_notes() override { return std::exchange(notes_, {}); }

  Result<void> commit() override {
    QUERN_CHECK(appender_->finish());
    appender_.reset();
    if (order_.mode == LoadMode::replace) QUERN_CHECK(swap());
    if (order_.mode != LoadMode::append) QUERN_CHECK(comment());
    return scope_.commit();
  }

 private:
  Result<void> run(const std::string& sql) {
    QUERN_CHECK(session_.command(sql));
    return {};
  }

  Result<void> resolve() {
    QUERN_TRY(const auto info, find_table(session_, order_.table));
    if (!info) {
      return Diagnostic{Code::database_error,
                        "postgres: there is no table " + quoted(order_.table)};
    }
    target_ = info->name;
    columns_ = info->columns;
    return {};
  }

  Result<void> create(const TableName& name) {
    std::string columns;
    for (const auto& field : order_.columns) {
      columns += columns.empty() ? "" : ", ";
      columns += quote_identifier(field.name, Dialect::postgres) + " " + type_name(field.type);
    }
    return run("CREATE TABLE " + quoted(name) + " (" + columns + ")");
  }

  bool has_same_columns() const {
    return std::equal(columns_.begin(), columns_.end(), order_.columns.begin(),
                      order_.columns.end(), [](const Field& a, const Field& b) {
                        return a.name == b.name && type_name(a.type) == type_name(b.type);
                      });
  }

  Result<void> swap() {
    QUERN_TRY(const bool held, has_dependents(session_, target_));
    if (!held || !has_same_columns()) return take_name();
    QUERN_CHECK(run("TRUNCATE " + quoted(target_)));
    QUERN_CHECK(run("INSERT INTO " + quoted(target_) + " SELECT * FROM " + quoted(staged_)));
    return run("DROP TABLE " + quoted(staged_));
  }

  Result<void> take_name() {
    QUERN_TRY(const auto indexes, index_statements(session_, target_));
    QUERN_TRY(const auto grants, grant_statements(session_, target_));
    QUERN_TRY(const auto rules, rules_of(session_, target_, staged_));
    QUERN_CHECK(run_all(rules.before));
    QUERN_CHECK(run("DROP TABLE " + quoted(target_)));
    QUERN_CHECK(run("ALTER TABLE " + quoted(staged_) + " RENAME TO " +
                    quote_identifier(target_.table, Dialect::postgres)));
    for (const auto& index : indexes) QUERN_CHECK(make("index", "an index", index));
    for (const auto& rule : rules.rules) QUERN_CHECK(make("rule", "a rule", rule));
    QUERN_CHECK(run_all(grants));
    QUERN_CHECK(run_all(rules.behind));
    note_lost(rules.lost);
    return {};
  }

  Result<void> run_all(const std::vector<std::string>& statements) {
    for (const auto& sql : statements) QUERN_CHECK(run(sql));
    return {};
  }

  /// Makes what the old table had, on the new rows.
  Result<void> make(const std::string& what, const std::string& one, const std::string& statement) {
    auto made = run(statement);
    if (made) return {};
    auto errors = std::move(made).errors();
    auto& error = errors.front();
    error.message =
        one + " of the table does not suit the new rows: " + statement + " " + error.message;
    error.hint = "drop the " + what + " first";
    return errors;
  }

  void note_lost(const std::vector<std::string>& lost) {
    if (lost.empty()) return;
    std::string words;
    for (const auto& one : lost) words += (words.empty() ? "" : ", ") + one;
    Diagnostic d;
    d.severity = Severity::warning;
    d.message = "postgres: the new table " + target_.table + " is without " + words + " of the old";
    notes_.push_back(std::move(d));
  }

  Result<void> comment() {
    return run("COMMENT ON TABLE " + quoted(target_) + " IS " +
               quote_text(order_.comment(target_), Dialect::postgres));
  }

  WriteScope scope_;
  Session& session_;
  TableOrder order_;
  TableName target_;
  TableName staged_;
  Schema columns_;  ///< of the table that is there
  Diagnostics notes_;
  std::unique_ptr<Appender> appender_;  // destroyed before its connection
};

}  // namespace

Result<std::unique_ptr<TableLoad>> begin_load(WriteScope scope, Session& session,
                                              const TableOrder& order) {
  auto load = std::make_unique<PostgresLoad>(std::move(scope), session, order);
  QUERN_CHECK(load->prepare());
  return std::unique_ptr<TableLoad>(std::move(load));
}

}  // namespace quern::postgres
