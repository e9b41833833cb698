#pragma once
// What the database knows of names: tables, views, schemas, and which of them a query reads.

#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/sqlite/session.h"

namespace quern::sqlite {

struct Entry {
  TableName name;  ///< schema and table
  bool is_view = false;
  std::string sql;  ///< its CREATE statement
};

/// Looks a table or view up as SQLite does: temporary ones first, then `main`, then attached files
/// in their order. ASCII case is ignored.
Result<std::optional<Entry>> find_entry(Session& session, const TableName& name);

/// `main`, `temp` and the names of attached files.
std::vector<std::string> schemas(Session& session);

/// The tables and views that the text itself names; those a view stands for are left out.
Result<std::vector<TableName>> tables_read(Session& session, const std::vector<Access>& reads);

/// CREATE INDEX and CREATE TRIGGER for each of a table, their names with the schema.
Result<std::vector<std::string>> dependent_statements(Session& session, const TableName& table);

/// Errors: read_only.
Result<void> check_writable(Session& session, const TableName& name);

/// Rows of a table that is read whole, as ANALYZE counted them; nullopt for any other query.
Result<std::optional<std::int64_t>> estimate_rows(Session& session, const std::string& sql);

/// SQLite has no comments on tables, but keeps the text of CREATE TABLE: a comment is what stands
/// first within its parentheses. This makes one, and finds it again ("": there is none).
std::string comment_text(const std::string& comment);
std::string comment_of(const std::string& create_table);

}  // namespace quern::sqlite
