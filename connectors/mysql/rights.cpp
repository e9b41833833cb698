// A grant may be global, of a schema, a pattern of schemas or a table, and come by a role: only the
// server knows what holds.

#include "connectors/mysql/rights.h"

#include <algorithm>
#include <array>

#include "connectors/mysql/catalog.h"

namespace quern::mysql {
namespace {

constexpr std::array<unsigned int, 2> kDenials{1044, 1142};  // ER_DBACCESS_, ER_TABLEACCESS_DENIED

Problem problem_of_preparing(Session& session, const std::string& sql) {
  const StatementHandle statement(mysql_stmt_init(session.handle()));
  if (statement == nullptr) throw std::bad_alloc();
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) == 0) return {};
  return problem_of(statement.get());
}

bool is_denial(const Problem& problem) {
  return std::find(kDenials.begin(), kDenials.end(), problem.number) != kDenials.end();
}

/// 'user'@'host' as GRANT takes it; "" where the server does not tell.
std::string own_account(Session& session) {
  const auto rows = session.ask("SELECT CURRENT_USER()");
  if (!rows || rows->empty()) return "";
  const auto& name = rows->at(0).at(0);
  const auto at = name.rfind('@');
  if (at == std::string::npos) return "";
  return session.quoted(name.substr(0, at)) + "@" + session.quoted(name.substr(at + 1));
}

}  // namespace

std::string denied(Session& session, const std::string& sql) {
  const auto problem = problem_of_preparing(session, sql);
  if (!is_denial(problem)) return "";
  const auto end = problem.words.find(" command denied");
  return end == std::string::npos ? "CREATE, INSERT" : problem.words.substr(0, end);
}

std::string grant_needed(Session& session, const std::string& commands, const std::string& schema) {
  return "GRANT " + commands + " ON " + quote_identifier(schema, Dialect::mysql) + ".* TO " +
         own_account(session) + " is an administrator's to give";
}

Result<void> check_rights(Session& session, const std::string& schema, const std::string& table) {
  const auto name = quoted({.catalog = {}, .schema = schema, .table = table});
  const auto lacking = denied(session, "CREATE TABLE " + name + " AS SELECT 1 AS i");
  if (lacking.empty()) return {};
  // A table that is there needs no CREATE.
  const auto adding =
      problem_of_preparing(session, "INSERT INTO " + name + " SELECT * FROM " + name);
  if (adding.number == 0) return {};
  return Diagnostic{Code::read_only,
                    "database is read-only: user " + own_account(session) +
                        " may not make tables in database " + schema,
                    SourceSpan::none(), grant_needed(session, lacking, schema)};
}

}  // namespace quern::mysql
