// Conformance of what is read: types, shapes, errors, cancelling.

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "base/format.h"
#include "connectors/conformance/conformance.h"

namespace quern::conformance {
namespace {

std::string cast(const std::string& value, const std::string& type) {
  return "CAST(" + value + " AS " + type + ")";
}

std::vector<std::string> with_null(std::vector<std::string> values) {
  values.insert(values.begin() + 1, "NULL");
  return values;
}

/// The same out of a table's column.
std::string select_column(Connection& connection, const Quirks& quirks, const TypeCase& type) {
  run(connection, "CREATE TABLE typed (i INTEGER, v " + type.sql_type + ")");
  const auto values = with_null(type.values);
  for (std::size_t i = 0; i < values.size(); ++i)
    run(connection, "INSERT INTO typed VALUES (" + std::to_string(i) + ", " + values[i] + ")");
  const auto text = quirks.as_text ? quirks.as_text(type, "v") : cast("v", quirks.text_type);
  return "SELECT v, " + text + " AS t FROM typed ORDER BY i";
}

/// One row per value and a NULL among them, with the database's own rendering beside each.
std::string select_values(const Quirks& quirks, const TypeCase& type) {
  std::string sql;
  const auto values = with_null(type.values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = cast(values[i], type.sql_type);
    sql += (i > 0 ? " UNION ALL " : "") + std::string("SELECT ") + std::to_string(i) + " AS i, " +
           value + " AS v, " + cast(value, quirks.text_type) + " AS t";
  }
  return "SELECT v, t FROM (" + sql + ") AS q ORDER BY i";
}

void check_type(const Quirks& quirks, const TypeCase& type) {
  INFO(type.sql_type);
  const auto connection = quirks.open();
  const auto sql = quirks.types_are_columns ? select_column(*connection, quirks, type)
                                            : select_values(quirks, type);
  const auto description = connection->describe(sql);
  if (!description.ok()) FAIL(description.errors()[0].message);
  CHECK(description->returns_rows);
  REQUIRE(description->schema.size() == 2);
  CHECK(description->schema[0].name == "v");
  CHECK(kind_name(description->schema[0].type.kind) == kind_name(type.kind));
  const auto rows = rows_of(*connection, sql);
  REQUIRE(rows.size() == type.values.size() + 1);
  CHECK(rows[1][0] == "NULL");
  const auto shown = type.shown.empty() ? type.shown : with_null(type.shown);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& text = rows[i][1];
    const auto expected = text == "NULL" ? text : quirks.as_ours(type, text);
    CHECK(rows[i][0] == (shown.empty() ? expected : shown.at(i)));
  }
}

/// Columns c0 ... c(n-1), each with its number as value.
std::string wide_query(int columns) {
  std::string sql = "SELECT ";
  for (int i = 0; i < columns; ++i) {
    sql += (i > 0 ? ", " : "") + std::to_string(i) + " AS c" + std::to_string(i);
  }
  return sql;
}

}  // namespace

void check_types(const Quirks& quirks) {
  for (const auto& type : quirks.types) check_type(quirks, type);
}

void check_results(const Quirks& quirks) {
  const auto c = quirks.open();
  SECTION("no rows have a schema all the same") {
    auto execution = run(*c, "SELECT 1 AS a, 'x' AS b WHERE 1 = 0");
    REQUIRE(execution.rows != nullptr);
    CHECK(execution.rows->schema().size() == 2);
    ColumnBatch batch;
    CHECK_FALSE(more(*execution.rows, batch));
    CHECK_FALSE(more(*execution.rows, batch));
  }
  SECTION("1,600 columns") {
    const auto rows = rows_of(*c, wide_query(1600));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].size() == 1600);
    CHECK(rows[0][1599] == "1599");
  }
  SECTION("a long stream comes in order, whole") {
    auto execution = run(*c, quirks.series(1000003));
    ColumnBatch batch;
    std::int64_t expected = 0;
    bool in_order = true;
    while (more(*execution.rows, batch)) {
      for (const auto value : batch.columns[0].as<std::int64_t>())
        in_order = in_order && value == expected++;
    }
    CHECK(in_order);
    CHECK(expected == 1000003);
  }
  SECTION("batches outlive their stream and connection") {
    ColumnBatch batch;
    {
      const auto short_lived = quirks.open();
      auto execution = run(*short_lived, quirks.series(10));
      REQUIRE(more(*execution.rows, batch));
    }
    CHECK(batch.columns[0].as<std::int64_t>()[9] == 9);
  }
  SECTION("some columns are fetched, the others keep their places") {
    const auto sql = "SELECT 1 AS a, 'x' AS a, i, 'y' AS c FROM (" + quirks.series(5) +
                     ") AS s ORDER BY i DESC; -- last";
    auto execution = c->fetch(sql, {0, 2});
    if (!execution.ok()) FAIL(execution.errors()[0].message);
    REQUIRE(execution->rows->schema().size() == 4);
    ColumnBatch batch;
    REQUIRE(more(*execution->rows, batch));
    REQUIRE(batch.columns.size() == 4);
    CHECK(batch.rows == 5);
    CHECK(batch.columns[2].as<std::int64_t>()[0] == 4);
    CHECK(batch.columns[1].length == 5);
    if (c->fetches_some()) {
      CHECK(batch.columns[1].null_count == 5);
      CHECK(batch.columns[3].is_null(4));
    }
    CHECK_FALSE(more(*execution->rows, batch));
  }
  SECTION("some columns of queries of every form have the values they have among all, in order") {
    const auto from = " FROM (" + quirks.series(9) + ") AS q";
    const std::vector<std::string> forms{
        "SELECT i, i + 1 AS j, 'x' AS s" + from,
        "SELECT i, i + 1 AS j, 'x' AS s" + from + " ORDER BY i DESC",
        "(SELECT i, i + 1 AS j, 'x' AS s" + from + ")",
        "WITH w AS (SELECT i" + from + ") SELECT i, i * 2 AS j, 'x' AS s FROM w ORDER BY i DESC",
        "SELECT i - 3 AS g, i AS j, i" + from + " ORDER BY 1 DESC LIMIT 4",
        "SELECT min(s) AS g, max(i) AS j, count(*) AS n FROM (SELECT i, i % 3 AS s" + from +
            ") AS r GROUP BY s ORDER BY 1 DESC",
        "SELECT DISTINCT 'x' AS s, i AS j, i AS k" + from + " ORDER BY i DESC",
        "SELECT i, i AS j, 'x' AS s" + from + " UNION ALL SELECT 11, 12, 'y' ORDER BY i DESC",
        "SELECT i, (SELECT q.i + 1) AS j, 'x' AS s" + from + " WHERE i IN (1, 3) /* odd */ -- end"};
    for (const auto& sql : forms) {
      if (sql[0] == '(' && !quirks.queries_in_parentheses) continue;
      INFO(sql);
      const auto whole = rows_of(*c, sql);
      const auto kind = c->describe(sql)->schema.at(1).type.kind;
      auto execution = c->fetch(sql, {1});
      if (!execution.ok()) FAIL(execution.errors()[0].message);
      REQUIRE(execution->rows->schema().size() == 3);
      CHECK(execution->rows->schema()[1].type.kind == kind);
      std::vector<std::string> found;
      ColumnBatch batch;
      while (more(*execution->rows, batch)) {
        for (std::int64_t row = 0; row < batch.rows; ++row)
          found.push_back(format_value(batch.columns.at(1), row));
        if (c->fetches_some()) CHECK(batch.columns.at(2).null_count == batch.rows);
      }
      REQUIRE(found.size() == whole.size());
      for (std::size_t row = 0; row < found.size(); ++row) CHECK(found[row] == whole[row][1]);
    }
  }
  SECTION("names may repeat") {
    const auto schema = c->describe("SELECT 1 AS a, 2 AS a")->schema;
    REQUIRE(schema.size() == 2);
    CHECK(schema[0].name == "a");
    CHECK(schema[1].name == "a");
  }
  SECTION("ORDER BY and LIMIT are kept, a comment and a semicolon may end the text") {
    const auto rows = rows_of(
        *c, "SELECT i FROM (" + quirks.series(9) + ") AS q ORDER BY i DESC LIMIT 2; -- last");
    CHECK(rows == std::vector<std::vector<std::string>>{{"8"}, {"7"}});
  }
  SECTION("statements without rows count their changes") {
    CHECK_FALSE(c->describe("CREATE TABLE t (a INTEGER)")->returns_rows);
    CHECK(run(*c, "CREATE TABLE t (a INTEGER)").rows == nullptr);
    CHECK(run(*c, "INSERT INTO t VALUES (1), (2), (3)").changed == 3);
    CHECK(run(*c, "UPDATE t SET a = a + 1 WHERE a > 1").changed == 2);
    CHECK(run(*c, "DELETE FROM t").changed == 3);
  }
  SECTION("a later call ends a stream, and says so") {
    auto execution = run(*c, quirks.series(1000000));
    ColumnBatch batch;
    REQUIRE(more(*execution.rows, batch));
    CHECK(rows_of(*c, "SELECT 1").size() == 1);
    const auto next = execution.rows->next(batch);
    REQUIRE_FALSE(next.ok());
    CHECK(next.errors()[0].code == Code::database_error);
  }
}

void check_errors(const Quirks& quirks) {
  const auto c = quirks.open();
  run(*c, "CREATE TABLE t (a INTEGER, b VARCHAR(9))");
  run(*c, "INSERT INTO t VALUES (1, 'x')");
  const auto expect = [&c](const std::string& sql, const std::string& token) {
    INFO(sql);
    const auto described = c->describe(sql);
    REQUIRE_FALSE(described.ok());
    const auto& d = described.errors()[0];
    CHECK(code_number(d.code) == code_number(Code::database_rejected_query));
    CHECK(pointed_at(d, sql) == token);
    CHECK(d.message.find('\n') == std::string::npos);
    CHECK(d.message.find("LINE 1") == std::string::npos);
    CHECK(pointed_at(failure_of(*c, sql), sql) == token);
  };
  expect("SELECT nope FROM t", "nope");
  expect("SELECT 'é漢🙂', nope FROM t", "nope");
  expect("SELECT a,\n\t" + quirks.quoted_column + "\r\nFROM t", quirks.quoted_column);
  expect("SELECT * FROM missing_table", "missing_table");
  expect("-- é\n/* two\nlines */ SELECT a FROM t WHERE nope > 1;\n", "nope");
  expect("SELECT a FROM t GRUOP BY a", "BY");
  expect("SELEC 1", "SELEC");
  CHECK_FALSE(c->describe("").ok());
  CHECK_FALSE(c->describe("SELECT 1; SELECT 2").ok());
  CHECK(rows_of(*c, "SELECT a FROM t").size() == 1);  // none of them left its mark
}

void check_cancel(const Quirks& quirks) {
  const auto c = quirks.open();
  SECTION("while it computes") {
    auto pending = std::async(std::launch::async, [&] { return c->execute(quirks.endless); });
    // No sleep: cancelling is repeated until the call, which may not have begun, has seen it.
    while (pending.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) c->cancel();
    auto result = pending.get();
    const auto code = result.ok() ? [&] {
      ColumnBatch batch;
      return result->rows->next(batch).errors()[0].code;
    }() : result.errors()[0].code;
    CHECK(code_number(code) == code_number(Code::cancelled));
  }
  SECTION("between two batches") {
    auto execution = run(*c, quirks.series(10000000));
    ColumnBatch batch;
    REQUIRE(more(*execution.rows, batch));
    std::thread([&] { c->cancel(); }).join();
    const auto next = execution.rows->next(batch);
    REQUIRE_FALSE(next.ok());
    CHECK(code_number(next.errors()[0].code) == code_number(Code::cancelled));
  }
  SECTION("between two calls, of which the later one sees it") {
    REQUIRE(c->describe("SELECT 1").ok());
    c->cancel();
    for (int call = 0; call < 2; ++call) {
      CHECK(code_number(c->describe("SELECT 1").errors()[0].code) == code_number(Code::cancelled));
      CHECK(code_number(c->execute("SELECT 1").errors()[0].code) == code_number(Code::cancelled));
    }
  }
  c->resume();
  CHECK(rows_of(*c, "SELECT 1") == std::vector<std::vector<std::string>>{{"1"}});
}

}  // namespace quern::conformance
