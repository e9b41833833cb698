// Questions to information_schema. What a session alone sees, its temporary tables, only trying
// tells.

#include "connectors/mysql/catalog.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/similar.h"
#include "connectors/mysql/names.h"
#include "connectors/mysql/rights.h"
#include "connectors/mysql/types.h"
#include "connectors/sql_text.h"

namespace quern::mysql {
namespace {

constexpr unsigned int kNoSuchTable = 1146, kNoSuchDatabase = 1049, kNoDatabase = 1046,
                       kWrongName = 1103, kWrongDatabaseName = 1102, kNameTooLong = 1059;

bool means_absent(unsigned int number) {
  return number == kNoSuchTable || number == kNoSuchDatabase || number == kNoDatabase ||
         number == kWrongName || number == kWrongDatabaseName || number == kNameTooLong;
}

/// The columns of a table as those of a query that reads it; nullopt where it is not there.
Result<std::optional<Schema>> columns_of(Session& session, const TableName& name) {
  const StatementHandle statement(mysql_stmt_init(session.handle()));
  if (statement == nullptr) throw std::bad_alloc();
  const auto sql = "SELECT * FROM " + quoted(name);
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0) {
    const auto problem = problem_of(statement.get());
    if (means_absent(problem.number)) return std::optional<Schema>();
    return session.failure(problem, Stage::running, {});
  }
  const ResultHandle result(mysql_stmt_result_metadata(statement.get()));
  Schema out;
  if (result == nullptr) return std::optional(out);
  for (const auto& column : result_columns(result.get())) out.push_back(column.field);
  return std::optional(std::move(out));
}

/// `column` LIKE-free: both names are values.
std::string where_is(Session& session, const TableName& name, const char* schema,
                     const char* table) {
  return std::string(" WHERE ") + schema + " = " + session.quoted(name.schema) + " AND " + table +
         " = " + session.quoted(name.table);
}

Result<TableName> resolved(Session& session, const TableName& name) {
  if (!name.schema.empty()) return name;
  QUERN_TRY(const auto rows, session.ask("SELECT DATABASE()"));
  return TableName{.catalog = {}, .schema = rows.at(0).at(0), .table = name.table};
}

bool is_temporary(Session& session, const TableName& name) {
  const auto made = session.ask("SHOW CREATE TABLE " + quoted(name));
  return made && !made->empty() && made->at(0).size() > 1 &&
         sql::leading_words(made->at(0)[1], 2, Dialect::mysql) == "CREATE TEMPORARY";
}

std::int64_t number_of(const std::string& digits) {
  std::int64_t out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

}  // namespace

std::string quoted(const TableName& name) {
  return quote_name({.catalog = {}, .schema = name.schema, .table = name.table}, Dialect::mysql);
}

Result<std::optional<TableInfo>> find_table(Session& session, const TableName& name) {
  if (!name.catalog.empty() || name.table.empty()) return std::optional<TableInfo>();
  QUERN_TRY(const auto full, resolved(session, name));
  QUERN_TRY(const auto columns, columns_of(session, full));
  if (!columns) return std::optional<TableInfo>();
  TableInfo out{.name = full, .columns = *columns, .is_view = false, .is_temporary = false};
  out.is_temporary = is_temporary(session, full);
  if (out.is_temporary) return std::optional(std::move(out));
  QUERN_TRY(const auto rows,
            session.ask("SELECT table_schema, table_name, table_type, table_comment FROM "
                        "information_schema.tables" +
                        where_is(session, full, "table_schema", "table_name")));
  if (rows.empty()) return std::optional(std::move(out));
  out.name = {.catalog = {}, .schema = rows[0][0], .table = rows[0][1]};
  out.is_view = rows[0][2].find("VIEW") != std::string::npos;
  if (!out.is_view) out.comment = rows[0][3];
  return std::optional(std::move(out));
}

Result<bool> schema_exists(Session& session, const std::string& name) {
  QUERN_TRY(const auto rows,
            session.ask("SELECT 1 FROM information_schema.schemata WHERE schema_name = " +
                        session.quoted(name)));
  return !rows.empty();
}

Result<void> check_writable(Session& session, const TableName& name) {
  const auto refused = [](const std::string& why, std::string hint = {}) {
    return Diagnostic{Code::read_only, "database is read-only: " + why, SourceSpan::none(),
                      std::move(hint)};
  };
  const auto* transaction = session.is_mariadb() ? "@@tx_read_only" : "@@transaction_read_only";
  QUERN_TRY(const auto state,
            session.ask(std::string("SELECT @@global.read_only, ") + transaction +
                        ", DATABASE(), CURRENT_USER(), (SELECT COUNT(*) FROM "
                        "information_schema.user_privileges WHERE privilege_type IN ('SUPER', "
                        "'READ_ONLY ADMIN', 'READ ONLY ADMIN', 'CONNECTION_ADMIN') AND "
                        "REPLACE(grantee, '''', '') = CURRENT_USER())"));
  const auto& row = state.at(0);
  if (row[0] != "0" && row[0] != "OFF" && row[4] == "0")
    return refused("the server is set so (read_only)");
  if (row[1] == "1") return refused("the session is set so (transaction_read_only)");
  const auto schema = name.schema.empty() ? row[2] : name.schema;
  if (schema.empty())
    return refused("no database is chosen", "USE a database, or name it in the URI");
  if (equal_ignoring_case(schema, "information_schema") ||
      equal_ignoring_case(schema, "performance_schema"))
    return refused(schema + " is the server's own");
  return check_rights(session, schema, name.table);
}

std::vector<TableName> tables_read(Session& session, const std::string& sql) {
  std::vector<TableName> out;
  for (const auto& name : tables_named(sql)) {
    const auto info = find_table(session, name);
    if (!info || !*info) continue;
    if (std::find(out.begin(), out.end(), (*info)->name) == out.end()) out.push_back((*info)->name);
  }
  return out;
}

std::optional<std::int64_t> rows_estimated(Session& session, const std::string& sql) {
  // id, select_type, table, type, ..., rows, Extra: MySQL has partitions and filtered besides.
  const auto text = "EXPLAIN " + std::string(sql::without_end(sql, Dialect::mysql));
  const auto plan = session.ask(text);
  if (!plan || plan->empty()) return std::nullopt;
  const auto width = plan->at(0).size();
  if (width < 10) return std::nullopt;
  const auto rows = width >= 12 ? std::size_t{9} : std::size_t{8};
  double total = 1;
  bool known = false;
  for (const auto& step : *plan) {
    if (step[0] != "1" || step[rows].empty()) continue;
    total *= static_cast<double>(number_of(step[rows]));
    known = true;
  }
  if (!known) return std::nullopt;
  return static_cast<std::int64_t>(std::min(total, 1e15));
}

Result<std::vector<Index>> indexes_of(Session& session, const TableName& name) {
  QUERN_TRY(const auto rows,
            session.ask("SELECT index_name, non_unique, column_name, IFNULL(sub_part, ''), "
                        "index_type, IFNULL(collation, 'A') FROM information_schema.statistics" +
                        where_is(session, name, "table_schema", "table_name") +
                        " ORDER BY index_name, seq_in_index"));
  std::vector<Index> out;
  std::string last;
  for (const auto& row : rows) {
    if (out.empty() || row[0] != last) {
      const auto own = quote_identifier(row[0], Dialect::mysql);
      std::string head = row[1] == "0" ? "ADD UNIQUE INDEX " + own : "ADD INDEX " + own;
      if (row[0] == "PRIMARY") head = "ADD PRIMARY KEY";
      if (row[4] == "FULLTEXT" || row[4] == "SPATIAL") head = "ADD " + row[4] + " INDEX " + own;
      out.push_back({head + " (", {}});
      last = row[0];
    }
    auto& index = out.back();
    if (!index.columns.empty()) index.clause += ", ";
    index.clause += quote_identifier(row[2], Dialect::mysql);
    const bool whole = row[3].empty() || row[4] == "FULLTEXT" || row[4] == "SPATIAL";
    if (!whole) index.clause += "(" + row[3] + ")";
    if (row[5] == "D") index.clause += " DESC";
    index.columns.push_back(row[2]);
  }
  for (auto& index : out) index.clause += ")";
  return out;
}

Result<std::string> column_definition(Session& session, const TableName& name,
                                      const std::string& column) {
  QUERN_TRY(const auto rows,
            session.ask("SELECT column_type, IFNULL(collation_name, ''), is_nullable FROM "
                        "information_schema.columns" +
                        where_is(session, name, "table_schema", "table_name") +
                        " AND column_name = " + session.quoted(column)));
  if (rows.empty()) return std::string();
  auto out = rows[0][0];
  if (!rows[0][1].empty()) out += " COLLATE " + rows[0][1];
  if (rows[0][2] == "NO") out += " NOT NULL";
  return out;
}

Result<std::string> held_by(Session& session, const TableName& name) {
  QUERN_TRY(const auto triggers,
            session.ask("SELECT trigger_name FROM information_schema.triggers" +
                        where_is(session, name, "event_object_schema", "event_object_table")));
  if (!triggers.empty()) return "trigger " + triggers[0][0];
  QUERN_TRY(const auto keys,
            session.ask("SELECT constraint_name, table_name FROM "
                        "information_schema.key_column_usage WHERE "
                        "(referenced_table_schema = " +
                        session.quoted(name.schema) +
                        " AND referenced_table_name = " + session.quoted(name.table) +
                        ") OR (table_schema = " + session.quoted(name.schema) +
                        " AND table_name = " + session.quoted(name.table) +
                        " AND referenced_table_name IS NOT NULL)"));
  if (!keys.empty()) return "foreign key " + keys[0][0] + " of table " + keys[0][1];
  return std::string();
}

Result<bool> is_transactional(Session& session, const TableName& name) {
  QUERN_TRY(const auto rows,
            session.ask("SELECT e.transactions FROM information_schema.tables AS t JOIN "
                        "information_schema.engines AS e ON e.engine = t.engine" +
                        where_is(session, name, "t.table_schema", "t.table_name")));
  return rows.empty() || rows[0][0] == "YES";
}

}  // namespace quern::mysql
