// What is MySQL's alone: dates that are none, statements that commit, sql_mode, lost connections,
// staging tables.

#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <limits>

#include "base/column_builder.h"
#include "connectors/conformance/conformance.h"
#include "mysql_server.h"

namespace quern::mysql_test {
namespace {

using conformance::failure_of;
using conformance::rows_of;
using conformance::run;
using Rows = std::vector<std::vector<std::string>>;

ColumnBatch numbers(const std::vector<double>& values) {
  ColumnBuilder builder({.kind = TypeKind::float64});
  for (const auto value : values) builder.append_double(value);
  return {static_cast<std::int64_t>(values.size()), {builder.finish()}};
}

ColumnBatch texts(const std::vector<std::string>& values) {
  ColumnBuilder builder({.kind = TypeKind::text});
  for (const auto& value : values) builder.append_text(value);
  return {static_cast<std::int64_t>(values.size()), {builder.finish()}};
}

TableOrder order(const std::string& table, LoadMode mode, TypeKind kind, const char* column = "x") {
  return {{.table = table}, mode, {{column, {.kind = kind}}}, [](const TableName&) {
            return std::string("by a test");
          }};
}

void load(Connection& c, const TableOrder& what, const ColumnBatch& batch) {
  auto begun = c.load_table(what);
  if (!begun.ok()) FAIL(begun.errors()[0].message);
  const auto appended = (*begun)->append(batch);
  if (!appended.ok()) FAIL(appended.errors()[0].message);
  const auto committed = (*begun)->commit();
  if (!committed.ok()) FAIL(committed.errors()[0].message);
}

/// The first diagnostic of a load that must fail, wherever it does.
Diagnostic failure_of_load(Connection& c, const TableOrder& what, const ColumnBatch& batch) {
  auto begun = c.load_table(what);
  if (!begun.ok()) return begun.errors()[0];
  const auto appended = (*begun)->append(batch);
  if (!appended.ok()) return appended.errors()[0];
  const auto committed = (*begun)->commit();
  REQUIRE_FALSE(committed.ok());
  return committed.errors()[0];
}

std::string staging_tables(Connection& c) {
  return rows_of(c,
                 "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() "
                 "AND table_name LIKE 'quern\\_staging%'")[0][0];
}

}  // namespace

TEST_CASE("MySQL: dates that are no days are NULL, with one warning") {
  const auto c = fresh();
  run(*c, "SET sql_mode = ''");
  run(*c, "CREATE TABLE t (i INT, d DATE, s DATETIME)");
  run(*c,
      "INSERT INTO t VALUES (1, '0000-00-00', '0000-00-00 00:00:00'), (2, '2024-00-10', "
      "'2024-05-00 10:00:00'), (3, '2024-01-02', '2024-01-02 03:04:05')");
  CHECK(rows_of(*c, "SELECT d, s FROM t ORDER BY i") ==
        Rows{{"NULL", "NULL"}, {"NULL", "NULL"}, {"2024-01-02", "2024-01-02 03:04:05"}});
  CHECK(run(*c, "SELECT 1").notes.size() == 1);  // nobody asked the rows
  const auto dates = run(*c, "SELECT d, s FROM t");
  CHECK(dates.notes.empty());
  ColumnBatch batch;
  while (*dates.rows->next(batch)) continue;
  const auto notes = dates.rows->take_notes();
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].severity == Severity::warning);
  CHECK(notes[0].message.find("column d") != std::string::npos);
}

TEST_CASE("MySQL: a number in a boolean column is named with its row") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (flag BOOLEAN)");
  run(*c, "INSERT INTO t VALUES (1), (5)");
  CHECK(failure_of(*c, "SELECT flag FROM t").message ==
        "mysql: row 2, column flag: the number 5, and the column is read as boolean (BOOLEAN)");
  CHECK(rows_of(*c, "SELECT flag + 0 FROM t ORDER BY 1") == Rows{{"1"}, {"5"}});
}

TEST_CASE("MySQL: what would commit the user's transaction is refused before it is sent") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (i INT)");
  run(*c, "BEGIN");
  run(*c, "INSERT INTO t VALUES (1)");
  const std::string ddl = "/* now */ CREATE TABLE u (i INT)";
  const auto d = failure_of(*c, ddl);
  CHECK(d.code == Code::database_rejected_query);
  CHECK(conformance::pointed_at(d, ddl) == "CREATE");
  CHECK_FALSE(d.hint.empty());
  CHECK(c->in_transaction());
  failure_of(*c, "truncate t");
  failure_of(*c, "DROP TABLE t");
  run(*c, "CREATE TEMPORARY TABLE u (i INT)");
  run(*c, "DROP TEMPORARY TABLE u");
  CHECK(c->in_transaction());
  CHECK(failure_of_load(*c, order("v", LoadMode::create, TypeKind::float64), numbers({1})).code ==
        Code::database_rejected_query);
  run(*c, "CREATE TEMPORARY TABLE w (x DOUBLE)");
  run(*c, "ROLLBACK");
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"0"}});
}

TEST_CASE("MySQL: rows that are added in the user's transaction are the user's") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (x DOUBLE)");
  run(*c, "BEGIN");
  load(*c, order("t", LoadMode::append, TypeKind::float64), numbers({1, 2}));
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"2"}});
  run(*c, "ROLLBACK");
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"0"}});
}

TEST_CASE("MySQL: NO_BACKSLASH_ESCAPES is taken out, ANSI_QUOTES may be on") {
  const auto c = fresh();
  const auto set = run(*c, "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'");
  REQUIRE(set.notes.size() == 1);
  CHECK(set.notes[0].message.find("NO_BACKSLASH_ESCAPES") != std::string::npos);
  CHECK(rows_of(*c, "SELECT '\\\\'") == Rows{{"\\"}});
  run(*c, "CREATE TABLE t (\"a b\" INT)");
  CHECK(c->describe("SELECT \"a b\" FROM t").ok());
  load(*c, order("t2", LoadMode::create, TypeKind::text), texts({"it's \\ \"so\"\n"}));
  CHECK(rows_of(*c, "SELECT x FROM t2") == Rows{{"it's \\ \"so\"\n"}});
}

TEST_CASE("MySQL: values that a column cannot hold fail the load, and nothing is left") {
  const auto c = fresh();
  run(*c, "CREATE TABLE few (x VARCHAR(2) PRIMARY KEY)");
  run(*c, "INSERT INTO few VALUES ('a')");
  for (const auto* mode : {"''", "'STRICT_ALL_TABLES'"}) {
    run(*c, "SET sql_mode = " + std::string(mode));
    const auto append = order("few", LoadMode::append, TypeKind::text);
    CHECK(failure_of_load(*c, append, texts({"b", "too long"})).message.find("at row 2") !=
          std::string::npos);
    CHECK(failure_of_load(*c, append, texts({"b", "a"})).message.find("uplicate") !=
          std::string::npos);
    CHECK(rows_of(*c, "SELECT count(*) FROM few") == Rows{{"1"}});
  }
  const auto d = failure_of_load(*c, order("n", LoadMode::create, TypeKind::float64),
                                 numbers({1, std::numeric_limits<double>::quiet_NaN()}));
  CHECK(d.message == "mysql: row 2, column x: a value that no DOUBLE can hold");
  CHECK(staging_tables(*c) == "0");
}

TEST_CASE("MySQL: rows go in by INSERT where LOAD DATA LOCAL is forbidden") {
  const auto c = fresh();
  run(*c, "SET GLOBAL local_infile = 0");
  std::vector<std::string> values(3000, "it's a long value of text \\ with \"quotes\"\t\n");
  for (int i = 0; i < 3; ++i) values.push_back(std::string(400000, static_cast<char>('a' + i)));
  load(*c, order("t", LoadMode::create, TypeKind::text), texts(values));
  run(*c, "SET GLOBAL local_infile = 1");
  CHECK(rows_of(*c, "SELECT count(*), max(length(x)), min(x) = 'aa' FROM t")[0][0] == "3003");
  CHECK(rows_of(*c, "SELECT count(*) FROM t WHERE x LIKE 'it''s a%\\\\\\\\%\t\n'") ==
        Rows{{"3000"}});
}

TEST_CASE("MySQL: no file of the client's is read for a server") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (x LONGTEXT)");
  const auto d = failure_of(*c, "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t");
  CHECK(d.message.find("files of the client are not read") != std::string::npos);
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"0"}});
}

TEST_CASE("MySQL: staging tables of writers that died are swept, those of others are not") {
  const auto c = fresh();
  run(*c, "CREATE TABLE quern_staging_0123456789abcdef_new (i INT)");
  run(*c, "CREATE TABLE quern_staging_fedcba9876543210_new (i INT)");
  run(*c, "CREATE TABLE quern_staging_notes (i INT)");  // whoever has that is no writer of ours
  const auto other = c->sibling();
  run(**other, "DO GET_LOCK('quern_staging_fedcba9876543210', 0)");
  load(*c, order("t", LoadMode::create, TypeKind::float64), numbers({1}));
  CHECK(rows_of(*c, "SHOW TABLES") ==
        Rows{{"quern_staging_fedcba9876543210_new"}, {"quern_staging_notes"}, {"t"}});
}

TEST_CASE("MySQL: a replaced table keeps indexes, views and rights") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (x VARCHAR(20) NOT NULL, PRIMARY KEY (x), KEY prefix (x(3)))");
  run(*c, "CREATE VIEW v AS SELECT x FROM t");
  load(*c, order("t", LoadMode::replace, TypeKind::text), texts({"a", "b"}));
  CHECK(rows_of(*c,
                "SELECT index_name, sub_part FROM information_schema.statistics WHERE "
                "table_schema = DATABASE() AND table_name = 't' ORDER BY 2") ==
        Rows{{"PRIMARY", "NULL"}, {"prefix", "3"}});
  CHECK(rows_of(*c, "SELECT count(*) FROM v") == Rows{{"2"}});
  CHECK((*c->find_table({.table = "t"}))->comment == "by a test");
  CHECK(staging_tables(*c) == "0");
  const auto d =
      failure_of_load(*c, order("t", LoadMode::replace, TypeKind::text), texts({"a", "a"}));
  CHECK(d.message.find("an index of the table does not suit the new rows") != std::string::npos);
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"2"}});
  CHECK(staging_tables(*c) == "0");
}

TEST_CASE("MySQL: who reads the old table is waited for, until that is cancelled") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (x DOUBLE)");
  const auto reader = c->sibling();
  run(**reader, "BEGIN");
  rows_of(**reader, "SELECT count(*) FROM t");
  auto begun = c->load_table(order("t", LoadMode::replace, TypeKind::float64));
  REQUIRE(begun.ok());
  CHECK((*begun)->append(numbers({1, 2})).ok());
  auto pending = std::async(std::launch::async, [&] { return (*begun)->commit(); });
  CHECK(pending.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  c->cancel();
  const auto committed = pending.get();
  REQUIRE_FALSE(committed.ok());
  CHECK(committed.errors()[0].code == Code::cancelled);
  *begun = nullptr;
  c->resume();
  CHECK(staging_tables(*c) == "0");
  run(**reader, "COMMIT");
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"0"}});
}

TEST_CASE("MySQL: a table with triggers or foreign keys keeps its place") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (x DOUBLE)");
  run(*c, "CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW SET NEW.x = 0");
  load(*c, order("t", LoadMode::replace, TypeKind::float64), numbers({1, 2, 3}));
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"3"}});
  CHECK(rows_of(*c,
                "SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = "
                "DATABASE()") == Rows{{"1"}});
  const auto d = failure_of_load(*c, order("t", LoadMode::replace, TypeKind::text), texts({"a"}));
  CHECK(d.message.find("trigger tr") != std::string::npos);
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"3"}});
}

TEST_CASE("MySQL: rows are added only where they can be taken back") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (x DOUBLE) ENGINE = MyISAM");
  const auto d = failure_of_load(*c, order("t", LoadMode::append, TypeKind::float64), numbers({1}));
  CHECK(d.message.find("has no transactions") != std::string::npos);
}

TEST_CASE("MySQL: statements that cannot be prepared, procedures, warnings, parameters") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (i INT)");
  run(*c, "CREATE PROCEDURE one() SELECT 1 AS a, 'x' AS b");
  run(*c, "CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END");
  CHECK(rows_of(*c, "CALL one()") == Rows{{"1", "x"}});
  CHECK(failure_of(*c, "CALL two()").message.find("several results") != std::string::npos);
  CHECK(rows_of(*c, "CALL one()") == Rows{{"1", "x"}});
  run(*c,
      "PREPARE s FROM 'SELECT 7 AS n, 1.5e0 AS d, DATE ''2024-02-03'' AS day, NULL AS nothing'");
  CHECK(rows_of(*c, "EXECUTE s") == Rows{{"7", "1.5", "2024-02-03", "NULL"}});
  CHECK(rows_of(*c, "SHOW TABLES") == Rows{{"t"}});
  CHECK(rows_of(*c, "INSERT INTO t VALUES (1), (2) RETURNING i * 2") == Rows{{"2"}, {"4"}});
  CHECK(rows_of(*c, "SELECT i FROM t /*!50000 ORDER BY i DESC */") == Rows{{"2"}, {"1"}});
  run(*c, "/*!40101 SET @a = 1 */;");
  const auto noted = run(*c, "DROP TABLE IF EXISTS nothing_here");
  REQUIRE(noted.notes.size() == 1);
  CHECK(noted.notes[0].severity == Severity::note);
  CHECK(failure_of(*c, "SELECT ?").message.find("parameters") != std::string::npos);
}

TEST_CASE("MySQL: a server or session that takes no writes") {
  const auto c = fresh();
  run(*c, "SET SESSION TRANSACTION READ ONLY");
  const auto refused = c->check_writable({.table = "t"});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.errors()[0].code == Code::read_only);
  CHECK(failure_of(*c, "CREATE TABLE t (i INT)").code == Code::read_only);
}

TEST_CASE("MySQL: rights that lack, and connections that fail, tell no password") {
  std::string database;
  const auto c = fresh(&database);
  run(*c, "CREATE TABLE secret_table (i INT)");
  run(*c, "CREATE OR REPLACE USER guest IDENTIFIED BY 'pass word'");
  const auto as = [&](const std::string& user) {
    auto uri = uri_of("");
    uri.replace(uri.find("root@"), 5, user + "@");
    return open_connection({.uri = uri});
  };
  const auto wrong = as("guest:sesame");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.errors()[0].code == Code::cannot_open);
  CHECK(wrong.errors()[0].message.find("sesame") == std::string::npos);
  const auto guest = as("guest:pass%20word");
  REQUIRE(guest.ok());
  const auto sql = "SELECT i FROM " + database + ".secret_table";
  const auto d = failure_of(**guest, sql);
  CHECK(d.code == Code::database_rejected_query);
  CHECK(conformance::pointed_at(d, sql) == database + ".secret_table");
}

TEST_CASE("MySQL: who may not make tables hears of it, and of the grant, before anything runs") {
  std::string database;
  const auto c = fresh(&database);
  run(*c, "CREATE TABLE t (i INT)");
  run(*c, "CREATE OR REPLACE USER limited IDENTIFIED BY 'p'");
  run(*c, "GRANT SELECT ON " + database + ".* TO limited");
  const auto as_limited = [&] {
    auto uri = uri_of(database);
    uri.replace(uri.find("root@"), 5, "limited:p@");
    return connect(uri);
  };
  const auto may_write = [&](const std::unique_ptr<Connection>& user) {
    return user->check_writable({.table = "quern_models"}).ok();
  };
  const auto refused = as_limited()->check_writable({.table = "m"});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.errors()[0].code == Code::read_only);
  CHECK(refused.errors()[0].message == "database is read-only: user 'limited'@'%' may not make " +
                                           ("tables in database " + database));
  const auto& hint = refused.errors()[0].hint;
  CHECK(hint.find("CREATE") != std::string::npos);
  CHECK(hint.find("INSERT") != std::string::npos);
  CHECK(hint.find(" ON `" + database + "`.* TO 'limited'@'%'") != std::string::npos);
  SECTION("a grant of all schemas, of a pattern or of the table") {
    // The server takes one grant of a schema, the narrowest.
    run(*c, "REVOKE SELECT ON " + database + ".* FROM limited");
    run(*c, "GRANT SELECT ON " + database + ".t TO limited");
    const std::vector<std::string> places{"*.*", "`conformance\\_%`.*", database + ".quern_models"};
    for (const auto& place : places) {
      INFO(place);
      run(*c, "GRANT CREATE, INSERT ON " + place + " TO limited");
      CHECK(may_write(as_limited()));
      run(*c, "REVOKE CREATE, INSERT ON " + place + " FROM limited");
      CHECK_FALSE(may_write(as_limited()));
    }
  }
  SECTION("a role counts where it is set") {
    run(*c, "CREATE OR REPLACE ROLE maker");
    run(*c, "GRANT CREATE, INSERT ON " + database + ".* TO maker");
    run(*c, "GRANT maker TO limited");
    const auto user = as_limited();
    CHECK_FALSE(may_write(user));
    run(*user, "SET ROLE maker");
    CHECK(may_write(user));
  }
  SECTION("a store that is there needs no CREATE") {
    run(*c, "CREATE TABLE quern_models (i INT)");
    CHECK_FALSE(may_write(as_limited()));
    run(*c, "GRANT INSERT ON " + database + ".quern_models TO limited");
    CHECK(may_write(as_limited()));
  }
  SECTION("the question leaves the transaction that is open") {
    run(*c, "BEGIN");
    run(*c, "INSERT INTO t VALUES (1)");
    CHECK(c->check_writable({.table = "m"}).ok());
    CHECK(c->in_transaction());
    run(*c, "ROLLBACK");
    CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"0"}});
  }
  SECTION("a load that could not be renamed does not begin, and leaves nothing") {
    const auto made = order("made", LoadMode::create, TypeKind::float64);
    for (const std::string& lacking : {std::string("DROP"), std::string("ALTER")}) {
      INFO(lacking);
      run(*c, "GRANT CREATE, INSERT, DROP, ALTER ON " + database + ".* TO limited");
      run(*c, "REVOKE " + lacking + " ON " + database + ".* FROM limited");
      const auto begun = as_limited()->load_table(made);
      REQUIRE_FALSE(begun.ok());
      CHECK(begun.errors()[0].code == Code::read_only);
      CHECK(begun.errors()[0].hint.starts_with("GRANT " + lacking + " ON `" + database));
      CHECK(staging_tables(*c) == "0");
    }
    run(*c, "GRANT DROP, ALTER ON " + database + ".* TO limited");
    load(*as_limited(), made, numbers({1}));
    CHECK(rows_of(*c, "SELECT count(*) FROM made") == Rows{{"1"}});
  }
}

TEST_CASE("MySQL: estimates, temporary tables, siblings with the session's settings") {
  const auto c = fresh();
  run(*c, "CREATE TABLE t (i INT)");
  run(*c, "INSERT INTO t SELECT seq FROM seq_1_to_1000");
  const auto rows = c->estimate_rows("SELECT * FROM t;");
  REQUIRE(rows.ok());
  REQUIRE(rows->has_value());
  CHECK(**rows > 500);
  CHECK_FALSE(c->estimate_rows("DROP TABLE t")->has_value());
  run(*c, "SET time_zone = '+05:00'");
  run(*c, "CREATE DATABASE IF NOT EXISTS sibling_place");
  run(*c, "USE sibling_place");
  const auto other = c->sibling();
  CHECK(rows_of(**other, "SELECT DATABASE(), @@time_zone") == Rows{{"sibling_place", "+05:00"}});
}

}  // namespace quern::mysql_test
