// What is SQLite's alone: types that values break, files and how they open, comments, the one
// writer.

#include <unistd.h>
#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>

#include "base/column_builder.h"
#include "connectors/conformance/conformance.h"
#include "connectors/sqlite/iso_time.h"

using namespace quern;
using namespace quern::conformance;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// A new folder as current directory; both are undone at the end.
class InNewFolder {
 public:
  InNewFolder() : before_(std::filesystem::current_path()) {
    auto name = (std::filesystem::temp_directory_path() / "quern_test_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::filesystem::current_path(folder_);
  }
  ~InNewFolder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

 private:
  std::filesystem::path before_;
  std::filesystem::path folder_;
};

std::unique_ptr<Connection> open(const std::string& uri) {
  auto opened = open_connection({.uri = uri});
  if (!opened.ok()) FAIL(opened.errors()[0].message);
  return *std::move(opened);
}

Diagnostic refused(const std::string& uri) {
  auto opened = open_connection({.uri = uri});
  REQUIRE_FALSE(opened.ok());
  return opened.errors()[0];
}

std::vector<TypeKind> kinds_of(Connection& connection, const std::string& sql) {
  const auto described = connection.describe(sql);
  if (!described.ok()) FAIL(described.errors()[0].message);
  std::vector<TypeKind> out;
  for (const auto& field : described->schema) out.push_back(field.type.kind);
  auto execution = run(connection, sql);
  CHECK(execution.rows->schema() == described->schema);
  return out;
}

ColumnBatch one_column(const ColumnType& type, const std::function<void(ColumnBuilder&)>& fill) {
  ColumnBuilder builder(type);
  fill(builder);
  const auto rows = builder.length();
  return {rows, {builder.finish()}};
}

}  // namespace

TEST_CASE("SQLite: a value that is not of its column's type is named with its row") {
  const auto c = open("sqlite::memory:");
  const auto expect = [&](const std::string& type, const std::string& value,
                          const std::string& message) {
    INFO(type);
    run(*c, "DROP TABLE IF EXISTS t");
    run(*c, "CREATE TABLE t (id INTEGER PRIMARY KEY, \"a b\" " + type + ")");
    run(*c, "INSERT INTO t VALUES (1, NULL), (2, " + value + ")");
    const std::string sql = "SELECT \"a b\" FROM t ORDER BY id";
    const auto d = failure_of(*c, sql);
    CHECK(d.code == Code::database_error);
    CHECK(d.message ==
          "sqlite: column \"a b\" is declared " + type + ", but row 2 holds " + message);
    CHECK(pointed_at(d, sql) == "\"a b\"");
    CHECK_FALSE(d.hint.empty());
    CHECK(c->describe(sql).ok());
  };
  expect("INTEGER", "'abc'", "TEXT 'abc'");
  expect("BIGINT", "1.5", "REAL 1.5");
  expect("INT", "9223372036854775808", "REAL 9.22337203685478e+18");
  expect("REAL", "x'00'", "a BLOB of 1 byte");
  expect("DOUBLE PRECISION", "'many words, more than an error message wants'",
         "TEXT 'many words, more than an error message w...'");
  expect("DECIMAL(18,0)", "9007199254740993", "INTEGER 9007199254740993");
  expect("BOOLEAN", "2", "INTEGER 2");
  expect("BOOLEAN", "'yes'", "TEXT 'yes'");
  expect("TEXT", "x'C3'", "a BLOB of 1 byte");
  expect("TEXT", "CAST(x'61C3' AS TEXT)", "TEXT that is not UTF-8");
  expect("BLOB", "7", "INTEGER 7");
  expect("DATE", "'2024-02-30'", "TEXT '2024-02-30'");
  expect("DATE", "2460000.5", "REAL 2460000.5");
  expect("DATE", "'2024-02-28 12:00:00'", "TEXT '2024-02-28 12:00:00'");
  expect("DATETIME", "1700000000", "INTEGER 1700000000");
  expect("TIMESTAMP", "'2024-02-29 25:00'", "TEXT '2024-02-29 25:00'");
}

TEST_CASE("SQLite: rows are counted over the batches") {
  const auto c = open("sqlite::memory:");
  run(*c, "CREATE TABLE t (a INTEGER)");
  run(*c,
      "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 5000) INSERT INTO "
      "t "
      "SELECT CASE i WHEN 4321 THEN 'x' ELSE i END FROM s");
  CHECK(failure_of(*c, "SELECT a FROM t").message ==
        "sqlite: column \"a\" is declared INTEGER, but row 4321 holds TEXT 'x'");
  const auto d = failure_of(*c, "SELECT CASE a WHEN 4000 THEN 0.5 ELSE 1 END AS b FROM t");
  CHECK(d.message ==
        "sqlite: column \"b\" has values of type INTEGER, but row 4000 holds REAL 0.5");
  CHECK(d.hint == "CAST(... AS REAL) makes all rows numbers of that kind");
}

TEST_CASE("SQLite: a column without a declared type has that of its first rows") {
  const auto c = open("sqlite::memory:");
  run(*c, "CREATE TABLE t (a, b STRING, c NUMERIC(4), d ANY)");
  run(*c, "INSERT INTO t VALUES (NULL, 'x', 1, 1), (1, 'y', 2.5, x'00')");
  using K = TypeKind;
  CHECK(kinds_of(*c, "SELECT a, b, c FROM t") == std::vector{K::int64, K::text, K::float64});
  CHECK(kinds_of(*c, "SELECT max(a) + 0.5 AS a, 1 > 0 AS b, NULL AS c, count(*) AS d FROM t") ==
        std::vector{K::float64, K::int64, K::text, K::int64});
  CHECK(kinds_of(*c, "SELECT 1 AS a UNION ALL SELECT 1.5 UNION ALL SELECT NULL") ==
        std::vector{K::float64});
  CHECK(kinds_of(*c, "SELECT 1 AS a UNION ALL SELECT 1.5 UNION ALL SELECT 'x'") ==
        std::vector{K::text});
  CHECK(rows_of(*c, "SELECT 1 AS a UNION ALL SELECT 1.5 UNION ALL SELECT 'x'") ==
        Rows{{"1"}, {"1.5"}, {"x"}});
  CHECK(kinds_of(*c, "SELECT x'00' AS a UNION ALL SELECT NULL") == std::vector{K::blob});
  CHECK(kinds_of(*c, "SELECT max(b) AS b, CAST(max(c) AS BIGINT) AS c FROM t") ==
        std::vector{K::text, K::int64});
  CHECK(failure_of(*c, "SELECT d FROM t").message ==
        "sqlite: column \"d\" has values of type INTEGER, but row 2 holds a BLOB of 1 byte");
}

TEST_CASE("SQLite: rows that were read to know the types are not computed again") {
  const InNewFolder folder;
  const auto c = open("sqlite:t.db");
  run(*c, "CREATE TABLE t (a INTEGER)");
  run(*c, "INSERT INTO t VALUES (1), (2)");
  const auto other = c->sibling();
  const auto now = [&] { return std::stod(rows_of(**other, "SELECT julianday('now')")[0][0]); };
  const std::string sql = "SELECT julianday('now') AS d, a + 1 AS b, a FROM t";
  REQUIRE(c->describe(sql).ok());
  const auto described = now();
  while (now() == described) continue;
  SECTION("by the statement, once") {
    const auto later = now();
    rows_of(*c, "SELECT a FROM t");  // reading changes nothing
    CHECK(c->find_table({.table = "t"}).ok());
    CHECK(std::stod(rows_of(*c, sql)[0][0]) < later);
    CHECK(std::stod(rows_of(*c, sql)[0][0]) >= later);
  }
  SECTION("of which some columns may be wanted") {
    auto execution = c->fetch(sql, {1});
    REQUIRE(execution.ok());
    ColumnBatch batch;
    REQUIRE(more(*execution->rows, batch));
    CHECK(batch.columns[1].as<std::int64_t>()[1] == 3);
    CHECK(batch.columns[0].null_count == 2);
    CHECK(batch.columns[2].null_count == 2);
    CHECK_FALSE(more(*execution->rows, batch));
  }
  SECTION("unless something was written") {
    const auto write =
        GENERATE(as<std::string>(), "INSERT INTO t VALUES (3)", "DELETE FROM t WHERE a = 1",
                 "CREATE TEMPORARY TABLE t (a INTEGER)", "ALTER TABLE t ADD COLUMN z");
    run(*c, write);
    const auto rows = rows_of(*c, sql);
    const auto again = rows_of(*c, sql);
    REQUIRE(rows.size() == again.size());
    for (std::size_t row = 0; row < rows.size(); ++row) CHECK(rows[row][1] == again[row][1]);
  }
  SECTION("by this session or by another one") {
    run(**other, "INSERT INTO t VALUES (7)");
    CHECK(rows_of(*c, sql).size() == 3);
    REQUIRE(c->describe(sql).ok());
    run(*c, "INSERT INTO t VALUES (8)");
    CHECK(rows_of(*c, sql).size() == 4);
  }
  SECTION("and neither is a rollback forgotten") {
    run(*c, "BEGIN");
    run(*c, "DELETE FROM t");
    REQUIRE(c->describe(sql).ok());
    run(*c, "ROLLBACK");
    CHECK(rows_of(*c, sql).size() == 2);
  }
}

TEST_CASE("SQLite: describing changes nothing") {
  const auto c = open("sqlite::memory:");
  run(*c, "CREATE TABLE t (a INTEGER)");
  const auto insert = "INSERT INTO t VALUES (1) RETURNING a, a + 1 AS b";
  CHECK(c->describe(insert)->schema.size() == 2);
  CHECK(c->describe("PRAGMA user_version = 7").ok());
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"0"}});
  CHECK(rows_of(*c, "PRAGMA user_version") == Rows{{"0"}});
  CHECK(rows_of(*c, insert) == Rows{{"1", "2"}});
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"1"}});
}

TEST_CASE("SQLite: what cannot be opened is said with its reason") {
  const InNewFolder folder;
  std::ofstream("words.txt") << std::string(2000, 'x');
  CHECK(refused("sqlite:none/x.db").message == "cannot open none/x.db: folder none does not exist");
  CHECK(refused("sqlite:words.txt").message ==
        "cannot open words.txt: it is not an SQLite database");
  CHECK(refused("sqlite:.").message == "cannot open .: it is a folder");
  CHECK(refused("sqlite:").code == Code::cannot_open);
  run(*open("sqlite:rel.db"), "CREATE TABLE t (a)");
  const auto whole = std::filesystem::absolute("rel.db").string();
  CHECK((*open("SQLite://" + whole)->find_table({.table = "t"})).has_value());
}

TEST_CASE("SQLite: a file that is open for reading takes no writes") {
  const InNewFolder folder;
  run(*open("sqlite:x.db"), "CREATE TABLE t (a INTEGER)");
  const auto c = open("sqlite:file:x.db?mode=ro");
  CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"0"}});
  CHECK(failure_of(*c, "INSERT INTO t VALUES (1)").code == Code::read_only);
  CHECK(c->check_writable({.table = "t"}).errors()[0].code == Code::read_only);
  CHECK(c->append_to({.table = "t"}).errors()[0].code == Code::read_only);
  CHECK(c->load_table({.table = {.table = "u"}}).errors()[0].code == Code::read_only);
}

TEST_CASE("SQLite: another session's lock is a conflict") {
  const InNewFolder folder;
  const auto c = open("sqlite:x.db");
  run(*c, "CREATE TABLE t (a INTEGER)");
  const auto other = *c->sibling();
  run(*other, "BEGIN IMMEDIATE");
  run(*c, "PRAGMA busy_timeout = 20");  // in place of our own 5 seconds
  auto waiting = c->begin();
  REQUIRE_FALSE(waiting.ok());
  CHECK(waiting.errors()[0].code == Code::write_conflict);
  CHECK_FALSE(c->in_transaction());
  run(*other, "COMMIT");
  CHECK(c->begin().ok());
  CHECK_FALSE(c->in_transaction());  // it is ours
  CHECK(c->rollback().ok());
}

TEST_CASE("SQLite: a database in memory has one session") {
  CHECK_FALSE(open("sqlite::memory:")->sibling().ok());
}

TEST_CASE("SQLite: a sibling sees attached files") {
  const InNewFolder folder;
  const auto c = open("sqlite:x.db");
  run(*c, "ATTACH 'y.db' AS y");
  run(*c, "CREATE TABLE y.t (a INTEGER)");
  CHECK((*c->find_table({.table = "t"}))->name.schema == "y");
  CHECK(*c->schema_exists("Y"));
  const auto other = *c->sibling();
  CHECK((*other->find_table({.table = "T"}))->name == TableName{.schema = "y", .table = "t"});
}

TEST_CASE("SQLite: a load within the user's transaction is undone alone") {
  const auto c = open("sqlite::memory:");
  run(*c, "CREATE TABLE t (a INTEGER)");
  run(*c, "CREATE UNIQUE INDEX t_a ON t (a)");
  run(*c, "BEGIN");
  run(*c, "INSERT INTO t VALUES (7)");
  const TableOrder order{.table = {.table = "t"},
                         .mode = LoadMode::replace,
                         .columns = {{"a", {.kind = TypeKind::int64}}}};
  const auto twice = one_column({.kind = TypeKind::int64}, [](ColumnBuilder& b) {
    b.append_int(1);
    b.append_int(1);
  });
  {
    const auto load = *c->load_table(order);
    CHECK(load->append(twice).ok());
    const auto committed = load->commit();
    REQUIRE_FALSE(committed.ok());
    CHECK(committed.errors()[0].hint == "drop it first");
  }
  CHECK(c->in_transaction());
  CHECK(rows_of(*c, "SELECT a FROM t") == Rows{{"7"}});
  run(*c, "COMMIT");
  CHECK(rows_of(*c, "SELECT a FROM t") == Rows{{"7"}});
}

TEST_CASE("SQLite: a load that is cancelled leaves the user's transaction open") {
  const auto c = open("sqlite::memory:");
  run(*c, "CREATE TABLE t (a INTEGER)");
  run(*c, "BEGIN");
  run(*c, "INSERT INTO t VALUES (7)");
  const auto rows = one_column({.kind = TypeKind::int64}, [](ColumnBuilder& b) {
    for (int i = 0; i < 100000; ++i) b.append_int(i);
  });
  {
    const auto load = *c->load_table({.table = {.table = "t"}, .mode = LoadMode::append});
    auto pending = std::async(std::launch::async, [&] {
      auto appended = load->append(rows);
      while (appended.ok()) appended = load->append(rows);
      return appended.errors()[0].code;
    });
    while (pending.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) c->cancel();
    CHECK(pending.get() == Code::cancelled);
  }
  c->resume();
  CHECK(c->in_transaction());
  CHECK(rows_of(*c, "SELECT a FROM t") == Rows{{"7"}});
}

TEST_CASE("SQLite: indexes and triggers of a replaced table are made anew, views stay") {
  const auto c = open("sqlite::memory:");
  run(*c, "ATTACH ':memory:' AS m");
  run(*c, "CREATE TABLE m.t (a INTEGER, b TEXT)");
  run(*c, "CREATE TABLE m.log (a)");
  run(*c, "CREATE INDEX m.\"t (\" ON t (a)");
  run(*c, "CREATE TRIGGER m.note AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END");
  run(*c, "CREATE VIEW m.v AS SELECT a FROM t");
  const auto load = *c->load_table({.table = {.schema = "m", .table = "t"},
                                    .mode = LoadMode::replace,
                                    .columns = {{"a", {.kind = TypeKind::float64}}}});
  CHECK(load->append(one_column({.kind = TypeKind::float64},
                                [](ColumnBuilder& b) { b.append_double(0.5); }))
            .ok());
  CHECK(load->commit().ok());
  CHECK(rows_of(*c, "SELECT name FROM m.sqlite_schema WHERE type IN ('index', 'trigger')") ==
        Rows{{"t ("}, {"note"}});
  CHECK(rows_of(*c, "SELECT a FROM m.v") == Rows{{"0.5"}});
  CHECK(rows_of(*c, "SELECT count(*) FROM m.log") == Rows{{"0"}});
}

TEST_CASE("SQLite: comments come back whatever is in them") {
  const auto c = open("sqlite::memory:");
  for (const std::string words : {"a */ b", "*/", "\\*/ \\", " blanks ", "--", "/* in */"}) {
    const auto load = *c->load_table({.table = {.table = "t ("},
                                      .columns = {{"a", {.kind = TypeKind::int64}}},
                                      .comment = [&](const TableName&) { return words; }});
    CHECK(load->commit().ok());
    CHECK((*c->find_table({.table = "T ("}))->comment == words);
    run(*c, "ALTER TABLE \"t (\" RENAME TO renamed");
    CHECK((*c->find_table({.table = "renamed"}))->comment == words);
    run(*c, "DROP TABLE renamed");
  }
}

TEST_CASE("SQLite: kinds that it does not have go in as they come back or not at all") {
  const auto c = open("sqlite::memory:");
  const auto written = [&](const ColumnType& type,
                           const std::function<void(ColumnBuilder&)>& fill) {
    run(*c, "DROP TABLE IF EXISTS t");
    const auto load = *c->load_table({.table = {.table = "t"}, .columns = {{"a", type}}});
    const auto appended = load->append(one_column(type, fill));
    if (!appended.ok()) return appended.errors()[0].message;
    CHECK(load->commit().ok());
    const auto rows = rows_of(*c, "SELECT a FROM t");
    return rows.at(0).at(0) + " " + rows_of(*c, "SELECT typeof(a) FROM t")[0][0];
  };
  const auto number = [](std::int64_t value) {
    return [value](ColumnBuilder& b) { b.append_int(value); };
  };
  const ColumnType cents{.kind = TypeKind::decimal, .precision = 9, .scale = 2};
  CHECK(written(cents, [](ColumnBuilder& b) { b.append_decimal(-110); }) == "-1.1 real");
  const ColumnType long_decimal{.kind = TypeKind::decimal, .precision = 38, .scale = 2};
  CHECK(written(long_decimal, [](ColumnBuilder& b) {
          b.append_decimal(static_cast<__int128>(INT64_MAX) * 1000 + 25);
        }) == "92233720368547758070.25 text");
  CHECK(written({.kind = TypeKind::uint64}, number(INT64_MAX)) == "9223372036854775807 integer");
  CHECK(written({.kind = TypeKind::uint64}, number(-1)) ==
        "sqlite: column 1 holds what SQLite has no form for: 18446744073709551615");
  CHECK(written({.kind = TypeKind::date}, number(INT32_MAX)) ==
        "sqlite: column 1 holds what SQLite has no form for: infinity");
  CHECK(written({.kind = TypeKind::date}, number(-800000)).find("no form") != std::string::npos);
  CHECK(written({.kind = TypeKind::timestamp_tz}, number(1500000)) ==
        "1970-01-01 00:00:01.5+00 text");
  CHECK(written({.kind = TypeKind::timestamp_ns}, number(1)) ==
        "1970-01-01 00:00:00.000000001 text");
  CHECK(written({.kind = TypeKind::boolean}, [](ColumnBuilder& b) { b.append_bool(true); }) ==
        "true integer");
  CHECK(written({.kind = TypeKind::interval}, [](ColumnBuilder& b) {
          b.append_interval({.months = 1, .days = 2, .micros = 0});
        }) == "1 month 2 days text");
}

TEST_CASE("SQLite: ANALYZE gives estimates of whole tables") {
  const auto c = open("sqlite::memory:");
  run(*c, "CREATE TABLE t (a INTEGER)");
  run(*c, "INSERT INTO t VALUES (1), (2), (3)");
  CHECK_FALSE(c->estimate_rows("SELECT * FROM t")->has_value());
  run(*c, "CREATE INDEX t_a ON t (a)");
  run(*c, "ANALYZE");
  CHECK(*c->estimate_rows("SELECT * FROM main.t;") == 3);
  CHECK_FALSE(c->estimate_rows("SELECT * FROM t WHERE a > 1")->has_value());
  CHECK_FALSE(c->estimate_rows("SELECT count(*) FROM t")->has_value());
  CHECK_FALSE(c->estimate_rows("SELECT nope FROM t")->has_value());
}

TEST_CASE("SQLite: rows that are held may take a quarter of the soft heap limit") {
  const auto c = open("sqlite::memory:");
  CHECK(*c->borrow_memory() == nullptr);
  run(*c, "PRAGMA soft_heap_limit = 4000000");
  CHECK((*c->borrow_memory())->bytes() == 1000000);
  run(*c, "PRAGMA soft_heap_limit = 0");
  CHECK(*c->borrow_memory() == nullptr);
}

TEST_CASE("SQLite: a view's columns have the types of its table's") {
  const auto c = open("sqlite::memory:");
  run(*c, "CREATE TABLE t (a DATE, b REAL)");
  run(*c, "CREATE VIEW v AS SELECT a, b, b > 1 AS c FROM t");
  run(*c, "CREATE VIEW w AS SELECT a AS x, max(b) AS y FROM v GROUP BY a");
  using K = TypeKind;
  CHECK(kinds_of(*c, "SELECT a, b FROM v") == std::vector{K::date, K::float64});
  CHECK(kinds_of(*c, "SELECT x FROM (SELECT * FROM w) AS q") == std::vector{K::date});
  CHECK(c->describe("SELECT * FROM w")->reads ==
        std::vector{TableName{.schema = "main", .table = "w"}});
  CHECK(c->describe("SELECT count(*) FROM t JOIN w ON w.x = t.a")->reads.size() == 2);
}

TEST_CASE("SQLite: forms of dates and times") {
  using namespace quern::sqlite;
  CHECK(parse_date("1970-01-02") == 1);
  CHECK(parse_date("0000-03-01") == -719468);
  CHECK(parse_date("2000-02-29") == 11016);
  for (const auto* wrong : {"1900-02-29", "2024-1-1", "2024-00-01", "2024-01-01 ", "", "24-01-01"})
    CHECK_FALSE(parse_date(wrong));
  CHECK(parse_time("00:01") == 60000000);
  CHECK(parse_time("00:00:01.000001") == 1000001);
  for (const auto* wrong : {"24:00", "1:00", "00:60", "00:00:60", "00:00:00.", "00:00:00.x"})
    CHECK_FALSE(parse_time(wrong));
  CHECK(parse_timestamp("1970-01-01T00:00:00.5Z", 1000000) == 500000);
  CHECK(parse_timestamp("1970-01-01 01:00 +01:00", 1000000) == 0);
  CHECK_FALSE(parse_timestamp("1970-01-01T", 1000000));
  CHECK_FALSE(parse_timestamp("1970-01-01 00:00 GMT", 1000000));
  CHECK_FALSE(parse_timestamp("9999-01-01", 1000000000));
}
