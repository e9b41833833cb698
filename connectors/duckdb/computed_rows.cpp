// The rows go into a new table; one that is replaced goes when all of them are there, since the
// query may read it.

#include "connectors/duckdb/computed_rows.h"

#include <array>

#include "base/similar.h"
#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/types.h"
#include "connectors/some_columns.h"
#include "connectors/sql_text.h"

namespace quern::duckdb {
namespace {

std::string quoted(const TableName& name) { return quote_name(name, Dialect::duckdb); }
std::string quoted(const std::string& name) { return quote_identifier(name, Dialect::duckdb); }

/// A transaction of ours on the user's session. Works on a session that is cancelled, too.
class Transaction {
 public:
  static Result<Transaction> begin(Session& session) {
    QUERN_CHECK(session.command("BEGIN"));
    return Transaction(session);
  }
  Transaction(Transaction&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (session_ != nullptr) (void)session_->command("ROLLBACK");
  }
  /// A COMMIT that fails has ended the transaction.
  Result<void> commit() { return std::exchange(session_, nullptr)->command("COMMIT"); }

 private:
  explicit Transaction(Session& session) : session_(&session) {}
  Session* session_;
};

std::string columns_of(const Schema& schema) {
  std::string out;
  for (const auto& field : schema)
    out += (out.empty() ? "" : ", ") + quoted(field.name) + " " + type_name(field.type);
  return out;
}

std::string numbered(const std::string& prefix, const std::vector<std::size_t>& columns) {
  std::string out;
  for (const auto i : columns) out += (out.empty() ? "" : ", ") + prefix + std::to_string(i);
  return out;
}

/// `SELECT c0, c2, r.a0 FROM (SELECT *, f(c1, c2) AS r FROM (query) AS q(c0, c1, c2))`.
WrappedQuery select_computed(const ComputedRows& rows, const std::string& function) {
  const auto query = sql::without_end(rows.query, Dialect::duckdb);
  const auto call = "*, " + quoted(function) + "(" + numbered("c", rows.arguments) + ") AS r";
  const auto inner = select_from(query, call, rows.columns);
  auto values = numbered("c", rows.kept);
  for (std::size_t i = 0; i < rows.answers.size(); ++i)
    values += (values.empty() ? "r.a" : ", r.a") + std::to_string(i);
  const auto head = "SELECT " + values + " FROM (";
  return {head + inner.sql + ")", head.size() + inner.before};
}

/// What goes wrong in the query's text has its place there; what a row brings about, the whole of
/// it. Constraints are those of a table that is appended to.
Diagnostics in_query(Diagnostics errors, const std::string& query) {
  for (auto& error : errors) {
    const bool targets = error.message.find("Constraint Error") != std::string::npos;
    if (!error.span.known() && !targets) error.span = {0, query.size()};
  }
  return errors;
}

Result<std::int64_t> insert(Session& session, const TableName& table, const ComputedRows& rows) {
  const auto head = "INSERT INTO " + quoted(table) + " ";
  const auto select = select_computed(rows, session.functions().results_name());
  const auto sql = head + select.sql;
  const auto before = head.size() + select.before;
  const auto query = sql::without_end(rows.query, Dialect::duckdb);
  auto written = session.change(sql, {sql, before, sql.size() - before - query.size()});
  if (written) return written;
  return in_query(std::move(written).errors(), rows.query);
}

Result<void> mark(Session& session, const TableOrder& order) {
  QUERN_TRY(const auto info, find_table(session, order.table));
  if (!info)
    return Diagnostic{Code::internal,
                      "the table just created is not there: " + quoted(order.table)};
  return session.command("COMMENT ON TABLE " + quoted(info->name) + " IS " +
                         quote_text(order.comment(info->name), Dialect::duckdb));
}

Result<void> make_index(Session& session, const std::string& statement) {
  auto made = session.command(statement);
  if (made) return made;
  return unsuitable_index(statement, std::move(made).errors());
}

Result<std::int64_t> create(Session& session, const TableOrder& order, const ComputedRows& rows) {
  QUERN_CHECK(session.command("CREATE TABLE " + quoted(order.table) + " (" +
                              columns_of(order.columns) + ")"));
  QUERN_TRY(const auto written, insert(session, order.table, rows));
  QUERN_CHECK(mark(session, order));
  return written;
}

/// No other table has a name like this.
TableName beside(const TableName& table) {
  auto out = table;
  out.table = "quern is writing " + table.table;
  return out;
}

Result<std::int64_t> replace(Session& session, const TableOrder& order, const ComputedRows& rows) {
  QUERN_TRY(const auto old, find_table(session, order.table));
  if (!old) return create(session, order, rows);
  QUERN_TRY(const auto indexes, index_statements(session, order.table));
  const auto fresh = beside(old->name);
  QUERN_CHECK(
      session.command("CREATE TABLE " + quoted(fresh) + " (" + columns_of(order.columns) + ")"));
  QUERN_TRY(const auto written, insert(session, fresh, rows));
  QUERN_CHECK(session.command("DROP TABLE " + quoted(old->name)));
  QUERN_CHECK(
      session.command("ALTER TABLE " + quoted(fresh) + " RENAME TO " + quoted(old->name.table)));
  QUERN_CHECK(mark(session, order));
  for (const auto& index : indexes) QUERN_CHECK(make_index(session, index));
  return written;
}

Result<std::int64_t> write(Session& session, const TableOrder& order, const ComputedRows& rows) {
  switch (order.mode) {
    case LoadMode::create: return create(session, order, rows);
    case LoadMode::replace: return replace(session, order, rows);
    case LoadMode::append: return insert(session, order.table, rows);
  }
  return Diagnostic{Code::internal, "no such mode of writing"};
}

Result<std::int64_t> write_in_transaction(Session& session, const TableOrder& order,
                                          const ComputedRows& rows) {
  QUERN_TRY(auto transaction, Transaction::begin(session));
  QUERN_TRY(const auto written, write(session, order, rows));
  QUERN_CHECK(transaction.commit());
  return written;
}

}  // namespace

bool computes(const std::string& query) {
  static constexpr std::array<std::string_view, 4> kWords{"SELECT", "WITH", "FROM", "VALUES"};
  const auto word = sql::leading_words(query, 1, Dialect::duckdb);
  const auto first = sql::next_token(query, 0, Dialect::duckdb);
  const bool select = std::find(kWords.begin(), kWords.end(), word) != kWords.end() ||
                      (first.size() == 1 && query[first.begin] == '(');
  return select && lower_ascii(query).find("pivot") == std::string::npos;
}

Result<std::int64_t> write_computed(Session& session, const TableOrder& order,
                                    const ComputedRows& rows) {
  session.functions().set_results(session.handle(), rows.kernel, rows.answers);
  auto written = write_in_transaction(session, order, rows);
  session.functions().set_results(session.handle(), nullptr, {});
  return written;
}

}  // namespace quern::duckdb
