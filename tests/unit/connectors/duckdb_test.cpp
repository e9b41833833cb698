// What is DuckDB's alone: files as tables, the default database and its home, locks, resolved
// names.

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "connectors/conformance/conformance.h"

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
  auto opened = open_connection({.uri = uri, .threads = 2});
  if (!opened.ok()) FAIL(opened.errors()[0].message);
  return *std::move(opened);
}

/// Holds a database open in another process until it is destroyed.
class Holder {
 public:
  Holder(const std::string& uri, bool read_only) {
    REQUIRE(pipe(ready_.data()) == 0);
    REQUIRE(pipe(done_.data()) == 0);
    child_ = fork();
    if (child_ == 0) hold(uri, read_only);
    char byte = 0;
    REQUIRE(read(ready_[0], &byte, 1) == 1);
    REQUIRE(byte == 'y');
  }
  ~Holder() {
    close(done_[1]);
    int status = 0;
    waitpid(child_, &status, 0);
    for (const int end : {ready_[0], ready_[1], done_[0]}) close(end);
  }
  std::string pid() const { return std::to_string(child_); }

 private:
  [[noreturn]] void hold(const std::string& uri, bool read_only) {
    close(done_[1]);
    auto opened = open_connection({.uri = read_only ? "duckdb::memory:" : uri});
    bool held = opened.ok();
    if (read_only && held)
      held = (*opened)->execute("ATTACH '" + uri.substr(7) + "' AS h (READ_ONLY)").ok();
    char byte = held ? 'y' : 'n';
    if (write(ready_[1], &byte, 1) == 1 && read(done_[0], &byte, 1) == 0) _exit(0);
    _exit(1);
  }

  std::array<int, 2> ready_{};
  std::array<int, 2> done_{};
  pid_t child_ = 0;
};

/// The first diagnostic of a query that must fail, some of whose columns are looked at.
Diagnostic failure_of_some(Connection& connection, const std::string& sql,
                           const std::vector<std::size_t>& used) {
  auto execution = connection.fetch(sql, used);
  if (!execution.ok()) return execution.errors()[0];
  ColumnBatch batch;
  while (true) {
    const auto fetched = execution->rows->next(batch);
    if (!fetched.ok()) return fetched.errors()[0];
    if (!*fetched) FAIL("this did not fail: " << sql);
  }
}

}  // namespace

TEST_CASE("a file is a table, a missing one is pointed at") {
  const InNewFolder folder;
  std::ofstream("iris.csv") << "a,class\n1.5,x\n2.5,y\n";
  const auto c = open("duckdb::memory:");
  CHECK(rows_of(*c, "SELECT * FROM 'iris.csv'") == Rows{{"1.5", "x"}, {"2.5", "y"}});
  CHECK(c->describe("SELECT * FROM 'iris.csv'")->reads.empty());
  run(*c, "COPY (SELECT 1 AS a) TO 'one.parquet'");
  CHECK(rows_of(*c, "FROM 'one.parquet'") == Rows{{"1"}});
  CHECK_FALSE(c->find_table({.table = "iris.csv"})->has_value());
  const auto points_at = [&c](const std::string& sql) {
    const auto d = c->describe(sql).errors()[0];
    CHECK(code_number(d.code) == "Q2001");
    CHECK(d.message == "duckdb: IO Error: No files found that match the pattern \"irsi.csv\"");
    return pointed_at(d, sql);
  };
  CHECK(points_at("SELECT 'é' FROM 'irsi.csv'") == "'irsi.csv'");
  CHECK(points_at("SELECT * FROM read_csv('irsi.csv')") == "read_csv");
}

TEST_CASE("DuckDB's advice goes into the hint") {
  const auto c = open("duckdb::memory:");
  run(*c, "CREATE TABLE flowers (petal INTEGER)");
  CHECK(c->describe("SELECT * FROM flower").errors()[0].hint == "did you mean `flowers`?");
  CHECK(c->describe("SELECT petl FROM flowers").errors()[0].hint == "candidates: \"petal\"");
  CHECK(c->describe("SELECT * FROM zzz").errors()[0].hint.find("pg_") == std::string::npos);
  const std::string ambiguous = "SELECT petal FROM flowers a, flowers b";
  CHECK(pointed_at(c->describe(ambiguous).errors()[0], ambiguous) == "petal");
  const auto d =
      c->describe("SELECT petal + DATE '2020-01-01' + 'x'::BLOB FROM flowers").errors()[0];
  CHECK(d.message.size() + d.hint.size() < 200);
}

TEST_CASE("errors while rows come are the database's, and point into the text") {
  const auto c = open("duckdb::memory:");
  run(*c,
      "CREATE TABLE t AS SELECT CASE WHEN range = 4000000 THEN 'é' ELSE '1' END AS s FROM "
      "range(5000000)");
  const std::string sql = "SELECT 'é', CAST(s AS INTEGER) FROM t";
  const auto d = failure_of(*c, sql);
  CHECK(code_number(d.code) == "Q5001");
  CHECK(pointed_at(d, sql) == "CAST");
  CHECK(rows_of(*c, "SELECT 1") == Rows{{"1"}});
  const auto some = failure_of_some(*c, sql, {1});
  CHECK(some.message == d.message);
  CHECK(pointed_at(some, sql) == "CAST");
}

TEST_CASE("what is not looked at is not computed, and row order stays") {
  const auto c = open("duckdb::memory:");
  run(*c, "CREATE TABLE t AS SELECT range AS i, (range * 7919) % 1000003 AS k FROM range(300000)");
  const auto fetched = [&c](const std::string& sql, std::size_t column) {
    auto execution = c->fetch(sql, {column});
    if (!execution.ok()) FAIL(execution.errors()[0].message);
    std::vector<std::int64_t> out;
    ColumnBatch batch;
    while (more(*execution->rows, batch)) {
      const auto values = batch.columns.at(column).as<std::int64_t>();
      out.insert(out.end(), values.begin(), values.end());
    }
    return out;
  };
  CHECK(fetched("SELECT error('never') AS e, i FROM t WHERE i < 3", 1) ==
        std::vector<std::int64_t>{0, 1, 2});
  const auto sorted = fetched("SELECT i, k, i + 1 AS j FROM t ORDER BY k DESC, i", 1);
  CHECK(sorted.size() == 300000);
  CHECK(std::is_sorted(sorted.rbegin(), sorted.rend()));
  const auto plain = fetched("FROM t", 0);
  CHECK(plain.size() == 300000);
  CHECK(std::is_sorted(plain.begin(), plain.end()));
  // Rows that an unused column makes are rows all the same.
  CHECK(fetched("SELECT i, unnest([1, 2, 3]) AS u FROM t WHERE i < 2", 0) ==
        std::vector<std::int64_t>{0, 0, 0, 1, 1, 1});
  CHECK(fetched("PIVOT (SELECT i % 2 AS p, 1::BIGINT AS n FROM t) ON p USING sum(n)::BIGINT", 0)
            .size() == 1);
}

TEST_CASE("PIVOT runs, parameters do not, VARIANT says what to do") {
  const auto c = open("duckdb::memory:");
  run(*c, "CREATE TABLE t AS SELECT * FROM (VALUES ('x', 1), ('y', 2), ('x', 3)) AS v(k, n)");
  CHECK(c->describe("PIVOT t ON k USING sum(n)")->schema.size() == 2);
  CHECK(rows_of(*c, "PIVOT t ON k USING sum(n)") == Rows{{"4", "2"}});
  CHECK(failure_of(*c, "SELECT ? + $1").code == Code::database_rejected_query);
  CHECK(failure_of(*c, "SELECT '1'::VARIANT").hint == "cast the column to VARCHAR");
  CHECK(failure_of(*c, "IMPORT DATABASE 'nowhere'").code == Code::database_rejected_query);
}

TEST_CASE("columns of any statement come through, lists included") {
  const auto c = open("duckdb::memory:");
  run(*c, "CREATE TABLE t (a INTEGER[])");
  CHECK(rows_of(*c, "INSERT INTO t VALUES ([1, 2]) RETURNING a") == Rows{{"[1, 2]"}});
  CHECK(c->describe("INSERT INTO t VALUES ([1]) RETURNING a")->returns_rows);
  CHECK_FALSE(c->describe("INSERT INTO t VALUES ([1])")->returns_rows);
  CHECK(rows_of(*c, "CALL duckdb_settings()").size() > 50);
  CHECK(rows_of(*c, "EXPLAIN SELECT 1").size() == 1);
  CHECK(run(*c, "CHECKPOINT").rows == nullptr);
  CHECK(run(*c, "CREATE TABLE u AS SELECT * FROM range(7)").changed == 7);
  CHECK(c->describe("SELECT a FROM t")->schema[0].type.sql_name == "INTEGER[]");
  CHECK(c->describe("SELECT 1.5::DECIMAL(18,3)")->schema[0].type.sql_name == "DECIMAL(18,3)");
}

namespace {

std::string shown_limit(Connection& connection) {
  return rows_of(connection, "SELECT current_setting('memory_limit')").at(0).at(0);
}

}  // namespace

TEST_CASE("a quarter of the memory limit is lent, of what is left, and taken back") {
  const auto c = open("duckdb::memory:");
  run(*c, "SET memory_limit = '512MiB'");
  auto first = *c->borrow_memory();
  CHECK(first->bytes() == Approx(128 << 20).epsilon(0.001));
  CHECK(shown_limit(*c) == "384.0 MiB");
  const auto other = *c->sibling();
  auto second = *other->borrow_memory();
  CHECK(second->bytes() == Approx(96 << 20).epsilon(0.001));
  CHECK(shown_limit(*other) == "288.0 MiB");
  first.reset();
  CHECK(shown_limit(*c) == "416.0 MiB");
  second.reset();
  CHECK(shown_limit(*c) == "512.0 MiB");
}

TEST_CASE("a memory limit that the user sets during a loan stays") {
  const auto c = open("duckdb::memory:");
  run(*c, "SET memory_limit = '512MiB'");
  auto loan = *c->borrow_memory();
  run(*c, "SET memory_limit = '1GiB'");
  loan.reset();
  CHECK(shown_limit(*c) == "1.0 GiB");
  loan = *c->borrow_memory();
  CHECK(loan->bytes() == Approx(256 << 20).epsilon(0.01));
}

TEST_CASE("a database that needs all its memory lends none, and one without a limit needs not") {
  const auto c = open("duckdb::memory:");
  run(*c, "SET temp_directory = ''");
  run(*c, "CREATE TABLE t AS SELECT hash(i) AS a FROM range(11500000) r(i)");
  run(*c, "SET memory_limit = '120MiB'");
  CHECK((*c->borrow_memory())->bytes() == 0);
  CHECK(shown_limit(*c) == "120.0 MiB");
  run(*c, "SET memory_limit = '-1'");
  CHECK(*c->borrow_memory() == nullptr);
}

TEST_CASE("from a small memory limit nothing is taken") {
  const auto c = open("duckdb::memory:");
  run(*c, "SET memory_limit = '32MiB'");
  const auto loan = *c->borrow_memory();
  CHECK(loan->bytes() == Approx(8 << 20).epsilon(0.001));
  CHECK(shown_limit(*c) == "32.0 MiB");
}

TEST_CASE("two openings of one file share its memory limit") {
  const InNewFolder folder;
  const std::string uri = "duckdb:a.duckdb";
  const auto a = open(uri);
  const auto b = open(uri);
  run(*a, "SET memory_limit = '512MiB'");
  auto first = *a->borrow_memory();
  auto second = *b->borrow_memory();
  CHECK(second->bytes() == Approx(96 << 20).epsilon(0.001));
  second.reset();
  first.reset();
  CHECK(shown_limit(*b) == "512.0 MiB");
}

TEST_CASE("type names read back as the types they name") {
  const auto c = open("duckdb::memory:");
  for (const std::string type :
       {"HUGEINT", "DECIMAL(18,3)", "ENUM('a', 'it''s')",
        "STRUCT(\"a\" INTEGER, \"select\" VARCHAR[])[3]", "JSON", "MAP(VARCHAR, DOUBLE)",
        "UNION(\"n\" INTEGER, \"s\" VARCHAR)", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "UUID",
        "TIME WITH TIME ZONE", "BIGNUM", "UHUGEINT"}) {
    CHECK(c->describe("SELECT NULL::" + type)->schema[0].type.sql_name == type);
  }
  CHECK(c->type_name({.kind = TypeKind::decimal, .precision = 9, .scale = 2}) == "DECIMAL(9,2)");
  CHECK(c->type_name({.kind = TypeKind::other}) == "VARCHAR");
  CHECK(c->engine().starts_with("DuckDB 1."));
}

TEST_CASE("names are resolved along the search path, catalogs and schemas alike") {
  const auto c = open("duckdb::memory:");
  run(*c, "ATTACH ':memory:' AS other");
  run(*c, "CREATE TABLE other.t (in_other INTEGER)");
  run(*c, "CREATE SCHEMA s");
  run(*c, "CREATE TABLE s.t (in_s INTEGER)");
  const auto column = [](Connection& at, const TableName& name) {
    const auto table = at.find_table(name);
    return table.ok() && table->has_value() ? (*table)->columns[0].name : "(none)";
  };
  CHECK(column(*c, {.table = "t"}) == "(none)");
  CHECK(column(*c, {.schema = "OTHER", .table = "T"}) == "in_other");
  CHECK(column(*c, {.schema = "s", .table = "t"}) == "in_s");
  CHECK(column(*c, {.catalog = "memory", .schema = "s", .table = "t"}) == "in_s");
  CHECK(column(*c, {.schema = "information_schema", .table = "tables"}) == "table_catalog");
  CHECK(*c->schema_exists("other"));
  run(*c, "USE s");
  CHECK(column(*c, {.table = "t"}) == "in_s");
  CHECK(column(**c->sibling(), {.table = "t"}) == "in_s");
  run(*c, "SET search_path = 'main,other'");
  CHECK(column(*c, {.table = "t"}) == "in_other");
  CHECK(column(**c->sibling(), {.table = "t"}) == "in_other");
  run(*c, "CREATE TEMP TABLE t (in_temp INTEGER)");
  CHECK(column(*c, {.table = "t"}) == "in_temp");
}

TEST_CASE("an error inside a transaction keeps it open until ROLLBACK") {
  const auto c = open("duckdb::memory:");
  run(*c, "START TRANSACTION");
  failure_of(*c, "SELECT 'x'::DATE");
  CHECK(c->in_transaction());
  CHECK(code_number(failure_of(*c, "SELECT 1").code) == "Q5001");
  run(*c, "ABORT");
  CHECK_FALSE(c->in_transaction());
  CHECK(rows_of(*c, "SELECT 1") == Rows{{"1"}});
}

TEST_CASE("COMMIT ends a transaction, whatever comes of it") {
  const auto c = open("duckdb::memory:");
  run(*c, "CREATE TABLE t (a INTEGER PRIMARY KEY)");
  auto opened = c->sibling();
  const auto other = *std::move(opened);
  for (auto* each : {c.get(), other.get()}) {
    run(*each, "BEGIN");
    run(*each, "INSERT INTO t VALUES (1)");
  }
  run(*c, "COMMIT");
  CHECK(failure_of(*other, "COMMIT").code == Code::database_error);
  CHECK_FALSE(other->in_transaction());
  CHECK(failure_of(*other, "COMMIT").code == Code::database_error);
  run(*other, "BEGIN");
  CHECK(other->in_transaction());
  failure_of(*other, "BEGIN");
  CHECK(other->in_transaction());
}

TEST_CASE("the default database finds a home with its first write") {
  const InNewFolder folder;
  const auto exists = [] { return std::filesystem::exists("quern.duckdb"); };
  {
    const auto c = open("");
    const auto early = c->sibling();
    run(*c, "CREATE TEMP TABLE scratch AS SELECT 1 AS a");
    run(*c, "INSERT INTO scratch VALUES (2)");
    failure_of(*c, "CREATE TABLE t AS SELECT nope");
    CHECK_FALSE(exists());
    const auto execution = run(*c, "CREATE TABLE t AS SELECT * FROM scratch");
    REQUIRE(execution.notes.size() == 1);
    CHECK(execution.notes[0].message == "created quern.duckdb in the current directory");
    CHECK(execution.notes[0].severity == Severity::note);
    CHECK(exists());
    CHECK(*c->before_write() == "");
    CHECK(run(*c, "CREATE TABLE u (a INTEGER)").notes.empty());
    const auto late = c->sibling();
    for (auto* each : {c.get(), early->get(), late->get()}) {
      CHECK(rows_of(*each, "SELECT count(*) FROM t") == Rows{{"2"}});
    }
    CHECK((*c->find_table({.table = "t"}))->name.catalog == "quern");
  }
  const auto again = open("");
  CHECK(rows_of(*again, "SELECT count(*) FROM t") == Rows{{"2"}});
  CHECK(run(*again, "CREATE TABLE v (a INTEGER)").notes.empty());
}

TEST_CASE("a rolled-back first write leaves the home in place") {
  const InNewFolder folder;
  const auto c = open("");
  run(*c, "BEGIN");
  run(*c, "CREATE TEMP TABLE scratch (a INTEGER)");
  CHECK(*c->before_write() == "created quern.duckdb in the current directory");
  run(*c, "CREATE TABLE t (a INTEGER)");
  run(*c, "ROLLBACK");
  CHECK_FALSE(c->find_table({.table = "t"})->has_value());
  run(*c, "CREATE TABLE t (a INTEGER)");
  CHECK(c->find_table({.table = "t"})->has_value());
}

TEST_CASE("a write elsewhere needs no home") {
  const InNewFolder folder;
  const auto c = open("");
  run(*c, "ATTACH 'mine.duckdb' AS mine");
  run(*c, "CREATE TABLE mine.t (a INTEGER)");
  run(*c, "USE mine");
  run(*c, "CREATE TABLE u (a INTEGER)");
  CHECK_FALSE(std::filesystem::exists("quern.duckdb"));
}

TEST_CASE("what cannot be opened names the file and the reason") {
  const InNewFolder folder;
  const auto message = [](const std::string& uri) {
    const auto opened = open_connection({.uri = uri});
    REQUIRE_FALSE(opened.ok());
    CHECK(code_number(opened.errors()[0].code) == "Q5002");
    return opened.errors()[0].message;
  };
  std::ofstream("text.db") << "not a database, and long enough to have a header if it were one";
  CHECK(message("text.db") == "cannot open text.db: it is not a DuckDB database");
  CHECK(message("duckdb:no/such/x.db") ==
        "cannot open no/such/x.db: folder no/such does not exist");
  CHECK(message("duckdb:").find("names no file") != std::string::npos);
  CHECK(message("duckdb:.").starts_with("cannot open .: duckdb: IO Error"));
  CHECK(run(*open("new.duckdb"), "CREATE TABLE t (a INTEGER)").rows == nullptr);
  CHECK(std::filesystem::exists("new.duckdb"));
}

TEST_CASE("one file may be opened twice in a process") {
  const InNewFolder folder;
  const auto a = open("duckdb:x.db");
  const auto b = open("x.db");
  run(*a, "CREATE TABLE t (a INTEGER)");
  CHECK(b->find_table({.table = "t"})->has_value());
}

TEST_CASE("a lock names the process that holds it", "[fork]") {
  const InNewFolder folder;
  {
    const Holder holder("duckdb:held.db", false);
    const auto opened = open_connection({.uri = "duckdb:held.db"});
    REQUIRE_FALSE(opened.ok());
    CHECK(code_number(opened.errors()[0].code) == "Q5002");
    CHECK(opened.errors()[0].message.find("PID " + holder.pid()) != std::string::npos);
  }
  run(*open("duckdb:quern.duckdb"), "CREATE TABLE t AS SELECT 7 AS a");
  const Holder holder("duckdb:quern.duckdb", true);
  const auto c = open("");
  run(*c, "SELECT a FROM t");
  const auto notes = c->take_notes();
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].message.find("PID " + holder.pid()) != std::string::npos);
  CHECK(c->take_notes().empty());
  const auto d = failure_of(*c, "CREATE TABLE u (a INTEGER)");
  CHECK(code_number(d.code) == "Q5005");
  CHECK(d.hint.find("PID " + holder.pid()) != std::string::npos);
}

TEST_CASE("a read-only database is known before anything is written to it") {
  const InNewFolder folder;
  run(*open("duckdb:source.duckdb"), "CREATE TABLE t (a INTEGER)");
  const auto c = open("duckdb::memory:");
  run(*c, "ATTACH 'source.duckdb' AS source (READ_ONLY)");
  run(*c, "CREATE SCHEMA s");
  const auto code = [&](const TableName& name) {
    const auto checked = c->check_writable(name);
    return checked.ok() ? std::string() : std::string(code_number(checked.errors()[0].code));
  };
  CHECK(code({.table = "t"}).empty());
  CHECK(code({.schema = "s", .table = "t"}).empty());
  CHECK(code({.schema = "source", .table = "t"}) == "Q5005");
  CHECK(code({.catalog = "SOURCE", .schema = "main", .table = "t"}) == "Q5005");
  run(*c, "USE source");
  CHECK(code({.table = "t"}) == "Q5005");
  CHECK(code({.catalog = "memory", .schema = "s", .table = "t"}).empty());
}
