// Conformance of what is written: bulk load, transactions, comments; and of the catalog.

#include <catch2/catch.hpp>

#include "base/column_builder.h"
#include "connectors/conformance/conformance.h"

namespace quern::conformance {
namespace {

using Rows = std::vector<std::vector<std::string>>;

ColumnBatch one_column(const std::vector<std::int64_t>& values) {
  ColumnBuilder builder({.kind = TypeKind::int64});
  for (const auto value : values) builder.append_int(value);
  return {static_cast<std::int64_t>(values.size()), {builder.finish()}};
}

void load(Connection& connection, const TableName& table, const ColumnBatch& batch) {
  auto appender = connection.append_to(table);
  if (!appender.ok()) FAIL(appender.errors()[0].message);
  const auto appended = (*appender)->append(batch);
  if (!appended.ok()) FAIL(appended.errors()[0].message);
  const auto finished = (*appender)->finish();
  if (!finished.ok()) FAIL(finished.errors()[0].message);
}

/// Copies a table by reading and loading it, and lets the database compare the two.
void check_round_trip(const Quirks& quirks, const TypeCase& type) {
  INFO(type.sql_type);
  const auto c = quirks.open();
  run(*c, "CREATE TABLE source (v " + type.sql_type + ")");
  for (const auto& value : type.values) {
    const auto typed =
        quirks.types_are_columns ? value : "CAST(" + value + " AS " + type.sql_type + ")";
    run(*c, "INSERT INTO source VALUES (" + typed + ")");
  }
  run(*c, "INSERT INTO source VALUES (NULL)");
  auto reading = run(*c, "SELECT v FROM source");
  ColumnBatch batch;
  REQUIRE(more(*reading.rows, batch));
  CHECK(batch.rows == static_cast<std::int64_t>(type.values.size()) + 1);
  run(*c, "CREATE TABLE target (v " + c->type_name(reading.rows->schema()[0].type) + ")");
  load(*c, {.table = "target"}, batch);
  const auto text =
      quirks.as_text ? quirks.as_text(type, "v") : "CAST(v AS " + quirks.text_type + ")";
  const auto as_text = "SELECT " + text + " AS v FROM ";
  CHECK(rows_of(*c, std::string("SELECT v FROM (") + as_text + "source) AS s ORDER BY v") ==
        rows_of(*c, std::string("SELECT v FROM (") + as_text + "target) AS t ORDER BY v"));
}

std::string only_value(Connection& connection, const std::string& sql) {
  return rows_of(connection, sql).at(0).at(0);
}

}  // namespace

void check_append(const Quirks& quirks) {
  for (const auto& type : quirks.types) {
    if (type.loadable) check_round_trip(quirks, type);
  }
  const auto c = quirks.open();
  run(*c, "CREATE TABLE t (i BIGINT)");
  std::vector<std::int64_t> many(5001);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int64_t>(i);
  load(*c, {.table = "t"}, one_column(many));
  CHECK(only_value(*c, "SELECT count(*) FROM t WHERE i BETWEEN 0 AND 5000") == "5001");

  auto abandoned = c->append_to({.table = "t"});
  REQUIRE(abandoned.ok());
  CHECK((*abandoned)->append(one_column({77})).ok());
  *abandoned = nullptr;
  CHECK(only_value(*c, "SELECT count(*) FROM t") == "5001");

  CHECK_FALSE(c->append_to({.table = "missing"}).ok());
  auto narrow = c->append_to({.table = "t"});
  CHECK_FALSE((*narrow)->append({0, {}}).ok());
}

void check_transactions(const Quirks& quirks) {
  const auto c = quirks.open();
  run(*c, "CREATE TABLE t (i BIGINT)");
  load(*c, {.table = "t"}, one_column({1, 2, 3}));
  SECTION("a transaction is the session's until it ends") {
    CHECK_FALSE(c->in_transaction());
    run(*c, "begin");
    CHECK(c->in_transaction());
    load(*c, {.table = "t"}, one_column({4}));
    CHECK(only_value(*c, "SELECT count(*) FROM t") == "4");
    const auto other = c->sibling();
    CHECK(only_value(**other, "SELECT count(*) FROM t") == "3");
    run(*c, "-- never mind\nROLLBACK");
    CHECK_FALSE(c->in_transaction());
    CHECK(only_value(*c, "SELECT count(*) FROM t") == "3");
  }
  SECTION("a snapshot shows one state and is no transaction of the user's") {
    auto snapshot = c->snapshot();
    REQUIRE(snapshot.ok());
    if (*snapshot == nullptr) return;
    CHECK(only_value(*c, "SELECT count(*) FROM t") == "3");
    run(**c->sibling(), "INSERT INTO t VALUES (4)");
    CHECK(only_value(*c, "SELECT count(*) FROM t") == "3");
    CHECK_FALSE(c->in_transaction());
    c->cancel();
    snapshot->reset();
    c->resume();
    CHECK(only_value(*c, "SELECT count(*) FROM t") == "4");
    CHECK_FALSE(c->in_transaction());
  }
  SECTION("a rejected statement does not end it") {
    run(*c, "BEGIN");
    failure_of(*c, "SELECT nope FROM t");
    CHECK(c->in_transaction());
    run(*c, "ROLLBACK");
    CHECK_FALSE(c->in_transaction());
  }
  SECTION("a sibling replaces a table while this session reads the old one") {
    if (!quirks.ddl_beside_stream) return;
    run(*c, "INSERT INTO t SELECT i FROM (" + quirks.series(1000000) + ") AS q");
    auto reading = run(*c, "SELECT i FROM t");
    ColumnBatch batch;
    REQUIRE(more(*reading.rows, batch));
    auto seen = batch.rows;
    const auto other = c->sibling();
    run(**other, "BEGIN");
    run(**other, "DROP TABLE t");
    run(**other, "CREATE TABLE t (i BIGINT)");
    load(**other, {.table = "t"}, one_column({9}));
    run(**other, "COMMIT");
    while (more(*reading.rows, batch)) seen += batch.rows;
    CHECK(seen == 1000003);
    CHECK(only_value(*c, "SELECT sum(i) FROM t") == "9");
  }
}

void check_loads(const Quirks& quirks) {
  const auto c = quirks.open();
  run(*c, "CREATE TABLE old (a INTEGER, b VARCHAR(9))");
  run(*c, "CREATE INDEX old_a ON old (a)");
  const Schema columns{{"i", {.kind = TypeKind::int64}}};
  const std::string words = "it's \"quoted\", \\ and é";
  const auto order = [&](const std::string& table, LoadMode mode) {
    return TableOrder{{.table = table}, mode, columns, [&](const TableName& name) {
                        return words + " " + name.table;
                      }};
  };
  const auto begin = [&](const TableOrder& what) {
    auto load = c->load_table(what);
    if (!load.ok()) FAIL(load.errors()[0].message);
    return *std::move(load);
  };
  SECTION("a table appears at once, with its comment") {
    const auto load = begin(order("fresh", LoadMode::create));
    CHECK(load->append(one_column({1, 2})).ok());
    const auto other = c->sibling();
    CHECK_FALSE((*other)->find_table({.table = "fresh"})->has_value());
    CHECK(load->append(one_column({3})).ok());
    const auto committed = load->commit();
    if (!committed.ok()) FAIL(committed.errors()[0].message);
    const auto found = *c->find_table({.table = "fresh"});
    REQUIRE(found);
    CHECK(found->comment == words + " fresh");
    CHECK(found->columns.size() == 1);
    CHECK(only_value(*c, "SELECT sum(i) FROM fresh") == "6");
  }
  SECTION("what is abandoned was never there") {
    {
      const auto load = begin(order("fresh", LoadMode::create));
      CHECK(load->append(one_column({1, 2})).ok());
    }
    CHECK_FALSE(c->find_table({.table = "fresh"})->has_value());
    {
      const auto load = begin(order("old", LoadMode::replace));
      CHECK(load->append(one_column({1, 2})).ok());
    }
    CHECK((*c->find_table({.table = "old"}))->columns.size() == 2);
  }
  SECTION("a table is replaced, again and again") {
    for (int times = 1; times <= 3; ++times) {
      const auto load = begin(order("again", times == 1 ? LoadMode::create : LoadMode::replace));
      CHECK(load->append(one_column({times})).ok());
      CHECK(load->commit().ok());
      CHECK(only_value(*c, "SELECT sum(i) FROM again") == std::to_string(times));
    }
    CHECK((*c->find_table({.table = "again"}))->comment == words + " again");
  }
  SECTION("rows are appended") {
    run(*c, "CREATE TABLE t (i BIGINT)");
    run(*c, "INSERT INTO t VALUES (5)");
    const auto load = begin(order("t", LoadMode::append));
    CHECK(load->append(one_column({1, 2})).ok());
    CHECK(load->commit().ok());
    CHECK(only_value(*c, "SELECT sum(i) FROM t") == "8");
    CHECK((*c->find_table({.table = "t"}))->comment.empty());
  }
  SECTION("a place that is not there") {
    auto lost = order("x", LoadMode::create);
    lost.table.schema = "nowhere";
    CHECK_FALSE(c->load_table(lost).ok());
    CHECK(only_value(*c, "SELECT count(*) FROM old") == "0");
  }
}

void check_catalog(const Quirks& quirks) {
  const auto c = quirks.open();
  run(*c, "CREATE TABLE t (a INTEGER, b DOUBLE PRECISION)");
  run(*c, "CREATE VIEW v AS SELECT a FROM t");
  SECTION("tables and views are found with their columns") {
    const auto table = c->find_table({.table = "t"});
    REQUIRE(table.ok());
    REQUIRE(table->has_value());
    CHECK((*table)->columns.size() == 2);
    CHECK((*table)->columns[1].name == "b");
    CHECK((*table)->columns[1].type.kind == TypeKind::float64);
    CHECK_FALSE((*table)->is_view);
    CHECK((*table)->comment.empty());
    CHECK((*c->find_table({.table = "v"}))->is_view);
    CHECK_FALSE(c->find_table({.table = "none"})->has_value());
    CHECK(c->check_writable({.table = "none"}).ok());
  }
  SECTION("a found name finds itself") {
    const auto name = (*c->find_table({.table = "t"}))->name;
    CHECK((*c->find_table(name))->name == name);
    CHECK((*c->find_table({.schema = name.schema, .table = "t"}))->name == name);
    CHECK(*c->schema_exists(name.schema));
    CHECK_FALSE(*c->schema_exists("nowhere"));
  }
  SECTION("temporary tables come first") {
    run(*c, "CREATE TEMPORARY TABLE u (z INTEGER)");
    CHECK((*c->find_table({.table = "u"}))->is_temporary);
  }
  SECTION("what a query reads") {
    const auto t = (*c->find_table({.table = "t"}))->name;
    const auto v = quirks.names_views ? (*c->find_table({.table = "v"}))->name : t;
    using Names = std::vector<TableName>;
    CHECK(c->describe("SELECT x.a FROM t AS x")->reads == Names{t});
    CHECK(
        c->describe(
             "WITH c AS (SELECT a FROM v) SELECT * FROM c, t AS t2 WHERE EXISTS (SELECT 1 FROM t)")
            ->reads == (quirks.names_views ? Names{v, t} : Names{t}));
    CHECK(c->describe("WITH t AS (SELECT a FROM v) SELECT * FROM t")->reads == Names{v});
    if (quirks.cte_sees_table)
      CHECK(c->describe("WITH t AS (SELECT a FROM t) SELECT * FROM t")->reads == Names{t});
    CHECK(c->describe("WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < "
                      "3) SELECT * FROM t")
              ->reads.empty());
    CHECK(c->describe("SELECT 1")->reads.empty());
  }
}

}  // namespace quern::conformance
