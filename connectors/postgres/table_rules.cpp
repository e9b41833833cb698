// The server gives a constraint's definition by the names of columns, as ALTER TABLE takes it.

#include "connectors/postgres/table_rules.h"

#include "connectors/postgres/catalog.h"

namespace quern::postgres {
namespace {

/// Each column with: is there, is of the same type, NOT NULL, its default, its sequence, whether it
/// is an identity, is generated, has grants.
constexpr const char* kColumns =
    "SELECT quote_ident(o.attname), n.attname IS NOT NULL, coalesce(n.atttypid = o.atttypid AND "
    "n.atttypmod = o.atttypmod, false), o.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), "
    "''), coalesce(pg_get_serial_sequence($1, o.attname), ''), o.attidentity <> '', o.attgenerated "
    "<> '', o.attacl IS NOT NULL FROM pg_catalog.pg_attribute AS o LEFT JOIN "
    "pg_catalog.pg_attribute AS n ON n.attrelid = to_regclass($2) AND n.attname = o.attname AND "
    "n.attnum > 0 LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = o.attrelid AND d.adnum = "
    "o.attnum WHERE o.attrelid = to_regclass($1) AND o.attnum > 0 AND NOT o.attisdropped ORDER BY "
    "o.attnum";

/// Each constraint with: its definition, whether every column that it or its index looks at is
/// there with the same type. Foreign keys come last: they may look at the table itself.
constexpr const char* kConstraints =
    "SELECT quote_ident(k.conname), pg_get_constraintdef(k.oid), NOT EXISTS (SELECT 1 FROM "
    "pg_catalog.pg_depend AS d JOIN pg_catalog.pg_attribute AS o ON o.attrelid = k.conrelid AND "
    "o.attnum = d.refobjsubid WHERE (d.classid = 'pg_constraint'::regclass AND d.objid = k.oid OR "
    "k.contype <> 'f' AND d.classid = 'pg_class'::regclass AND d.objid = k.conindid AND d.objid <> "
    "0) AND d.refclassid = 'pg_class'::regclass AND d.refobjid = k.conrelid AND d.refobjsubid > 0 "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute AS n WHERE n.attrelid = to_regclass($2) "
    "AND n.attname = o.attname AND n.atttypid = o.atttypid AND n.atttypmod = o.atttypmod)) FROM "
    "pg_catalog.pg_constraint AS k WHERE k.conrelid = to_regclass($1) AND k.contype IN ('c', 'u', "
    "'p', 'x', 'f') ORDER BY k.contype = 'f', k.contype <> 'p', k.conname";

constexpr const char* kTriggers =
    "SELECT quote_ident(tgname) FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass($1) AND NOT "
    "tgisinternal ORDER BY 1";

constexpr const char* kSecured =
    "SELECT 1 FROM pg_catalog.pg_class WHERE oid = to_regclass($1) AND relrowsecurity";

class Collector {
 public:
  explicit Collector(const TableName& table)
      : table_(quoted(table)), alter_("ALTER TABLE " + table_ + " ") {}

  void add_column(const std::vector<std::string>& row) {
    const auto& name = row[0];
    const auto is = [&](std::size_t i) { return row[i] == "t"; };
    const auto alter = alter_ + "ALTER COLUMN " + name + " SET ";
    const bool identity = is(6);
    if (is(3)) keep_or_lose(is(1), alter + "NOT NULL", "NOT NULL of column " + name);
    if (identity) out_.lost.push_back("the identity of column " + name);
    if (is(7)) {
      out_.lost.push_back("the expression of column " + name);
    } else if (!row[4].empty()) {
      keep_or_lose(is(2), alter + "DEFAULT " + row[4], "the default of column " + name);
    }
    if (is(8)) out_.lost.push_back("grants of column " + name);
    if (is(2) && !identity && !row[5].empty()) keep_sequence(row[5], name);
  }

  void add_constraint(const std::vector<std::string>& row) {
    keep_or_lose(row[2] == "t", alter_ + "ADD CONSTRAINT " + row[0] + " " + row[1],
                 "constraint " + row[0]);
  }

  void add_trigger(const std::string& name) { out_.lost.push_back("trigger " + name); }

  TableRules finish() { return std::move(out_); }

 private:
  void keep_or_lose(bool keep, std::string statement, std::string words) {
    keep ? out_.rules.push_back(std::move(statement)) : out_.lost.push_back(std::move(words));
  }

  /// It would go with the old table. Its owner must be the table's.
  void keep_sequence(const std::string& sequence, const std::string& column) {
    const auto owned = "ALTER SEQUENCE " + sequence + " OWNED BY ";
    out_.before.push_back(owned + "NONE");
    out_.behind.push_back(owned + table_ + "." + column);
  }

  std::string table_;
  std::string alter_;  ///< "ALTER TABLE name "
  TableRules out_;
};

}  // namespace

Result<TableRules> rules_of(Session& session, const TableName& table, const TableName& staged) {
  const std::vector<std::string> both{quoted(table), quoted(staged)};
  QUERN_TRY(const auto secured, session.ask(kSecured, {both[0]}));
  if (!secured.empty()) {
    return Diagnostic{Code::database_error,
                      "postgres: the table has row security, which a new one in its place would "
                      "not have",
                      SourceSpan::none(), "drop the table first"};
  }
  Collector rules(table);
  QUERN_TRY(const auto columns, session.ask(kColumns, both));
  for (const auto& row : columns) rules.add_column(row);
  QUERN_TRY(const auto constraints, session.ask(kConstraints, both));
  for (const auto& row : constraints) rules.add_constraint(row);
  QUERN_TRY(const auto triggers, session.ask(kTriggers, {both[0]}));
  for (const auto& row : triggers) rules.add_trigger(row[0]);
  return rules.finish();
}

}  // namespace quern::postgres
