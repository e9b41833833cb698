// One query read through several connections: the rows and their order are those of one, whatever
// else happens on the server; and what must not be divided is not.

#include <catch2/catch.hpp>
#include <thread>

#include "base/format.h"
#include "base/hash.h"
#include "connectors/conformance/conformance.h"
#include "postgres_server.h"

namespace quern::postgres_test {
namespace {

using conformance::more;
using conformance::rows_of;
using conformance::run;

/// A table of about 60 MiB whose rows are not in the order of their numbers, with holes.
std::string with_table() {
  const auto database = fresh();
  const auto c = connect(database);
  run(*c,
      "CREATE TABLE big AS SELECT (i * 7919) % 250007 AS id, i / 7.0::float8 AS x, CASE WHEN i "
      "% 10 > 0 THEN repeat('t', i % 300) END AS t, i::numeric(12,2) / 3 AS n FROM "
      "generate_series(0, 250006) AS s(i)");
  run(*c, "DELETE FROM big WHERE id % 13 = 5");
  run(*c, "UPDATE big SET x = -x WHERE id % 17 = 3");
  run(*c, "ANALYZE big");
  return database;
}

/// How many sessions of ours the database has; the server takes a moment to forget one.
std::string sessions(Connection& other, const std::string& expected) {
  std::string found;
  for (int tries = 0; tries < 300 && found != expected; ++tries) {
    found = rows_of(
        other,
        "SELECT count(*)::text FROM pg_stat_activity WHERE application_name = "
        "'quern' AND datname = current_database() AND backend_type = 'client backend'")[0][0];
  }
  return found;
}

/// All rows of a fetch.
struct Read {
  std::uint64_t rows = kFnvBasis;  ///< a hash of all values in their order
  std::string sessions;            ///< at the first batch
  std::int64_t count = 0;
  std::size_t notes = 0;
};

/// \param other     counts sessions; null: nobody does.
/// \param expected  how many there should be.
Read read(Connection& c, const std::string& sql, const std::vector<std::size_t>& used = {},
          Connection* other = nullptr, const std::string& expected = "2") {
  auto execution = c.fetch(sql, used);
  if (!execution.ok()) FAIL(execution.errors()[0].message);
  Read out;
  ColumnBatch batch;
  while (more(*execution->rows, batch)) {
    if (out.count == 0 && other != nullptr) out.sessions = sessions(*other, expected);
    out.count += batch.rows;
    std::string text;
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      for (const auto& column : batch.columns) {
        text += format_value(column, row) + '|';
      }
    }
    out.rows = fnv1a(text, out.rows);
  }
  out.notes = execution->rows->take_notes().size();
  return out;
}

std::string error_of(Connection& c, const std::string& sql) {
  auto execution = c.fetch(sql, {});
  if (!execution.ok()) return execution.errors()[0].message;
  ColumnBatch batch;
  while (true) {
    const auto more = execution->rows->next(batch);
    if (!more.ok()) return more.errors()[0].message;
    if (!*more) return "none";
  }
}

TEST_CASE("PostgreSQL in parallel: notices of all connections are heard with the rows") {
  const auto database = with_table();
  const auto c = connect(database);
  const auto other = connect(database);
  run(*c,
      "CREATE FUNCTION said(i bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS "
      "$$ BEGIN IF i % 25000 = 0 THEN RAISE NOTICE 'at %', i; END IF; RETURN i; END $$");
  const auto expected = rows_of(*c, "SELECT count(*)::text FROM big WHERE id % 25000 = 0")[0][0];
  const auto got = read(*c, "SELECT said(id) AS id FROM big", {}, other.get(), "3");
  CHECK(got.sessions == "3");
  CHECK(std::to_string(got.notes) == expected);
  CHECK(run(*c, "SELECT 1").notes.empty());
}

TEST_CASE("PostgreSQL in parallel: the rows of one connection, in their order") {
  const auto database = with_table();
  const auto one = connect(database);
  const auto other = connect(database);
  one->set_fetch_connections(1);
  run(*one, "SET synchronize_seqscans = off");
  run(*one, "SET max_parallel_workers_per_gather = 0");
  for (const std::string sql :
       {"SELECT * FROM big", "SELECT x, t || '!' AS t, id FROM public.big AS b WHERE b.id % 2 = 0",
        "TABLE big;", "WITH few AS (SELECT n FROM big WHERE x > 5000) SELECT * FROM few -- all",
        "SELECT public.big.id FROM public . \"big\" WHERE public.big.t IS NULL"}) {
    INFO(sql);
    const auto expected = read(*one, sql, {}, other.get());
    CHECK(expected.sessions == "2");
    for (const int connections : {2, 3}) {
      const auto several = connect(database);
      several->set_fetch_connections(connections);
      const auto wanted = std::to_string(connections + 2);
      const auto got = read(*several, sql, {}, other.get(), wanted);
      CHECK(got.sessions == wanted);
      CHECK(got.count == expected.count);
      CHECK(got.rows == expected.rows);
      CHECK_FALSE(several->in_transaction());
      CHECK(sessions(*other, "3") == "3");
    }
  }
  const auto several = connect(database);
  CHECK(read(*several, "SELECT * FROM big", {0, 3}).rows ==
        read(*one, "SELECT * FROM big", {0, 3}).rows);
}

TEST_CASE("PostgreSQL in parallel: what must not be divided is read by one connection") {
  const auto database = with_table();
  const auto c = connect(database);
  const auto other = connect(database);
  run(*c, "CREATE SEQUENCE numbers");
  run(*c, "CREATE VIEW seen AS SELECT * FROM big");
  run(*c,
      "CREATE FUNCTION counted(x float8) RETURNS float8 LANGUAGE plpgsql AS 'BEGIN RETURN x; "
      "END'");
  run(*c, "CREATE TEMP TABLE mine AS SELECT * FROM big");
  for (const std::string sql : {"SELECT * FROM big ORDER BY id",
                                "SELECT * FROM big LIMIT 100000",
                                "SELECT id, count(*) FROM big GROUP BY id",
                                "SELECT DISTINCT id FROM big",
                                "SELECT id, row_number() OVER () FROM big",
                                "SELECT a.id FROM big a JOIN big b USING (id)",
                                "SELECT id FROM big UNION ALL SELECT id FROM big",
                                "SELECT id, random() FROM big",
                                "SELECT id, now() FROM big",
                                "SELECT id FROM big WHERE x < extract(year FROM current_date)",
                                "SELECT nextval('numbers'), id FROM big",
                                "SELECT id, counted(x) FROM big",
                                "SELECT generate_series(1, 2), id FROM big",
                                "SELECT ctid, id FROM big",
                                "SELECT id FROM big WHERE x > (SELECT avg(x) FROM big)",
                                "SELECT * FROM seen",
                                "SELECT * FROM mine",
                                "SELECT * FROM big FOR UPDATE",
                                "WITH big AS (SELECT 1 AS id UNION ALL SELECT 2) SELECT * FROM big",
                                "SELECT i AS id FROM generate_series(1, 200000) AS s(i)"}) {
    INFO(sql);
    CHECK(read(*c, sql, {}, other.get()).sessions == "2");
  }
  // A transaction of the user's has rows that no other session sees.
  run(*c, "BEGIN");
  run(*c, "DELETE FROM big WHERE id > 10");
  CHECK(read(*c, "SELECT * FROM big", {}, other.get()).sessions == "2");
  CHECK(read(*c, "SELECT * FROM big").count == 10);
  run(*c, "ROLLBACK");
}

TEST_CASE(
    "PostgreSQL in parallel: all rows are of one state, and settings are those of the session") {
  const auto database = with_table();
  const auto c = connect(database);
  const auto other = connect(database);
  c->set_fetch_connections(3);
  const auto expected = read(*c, "SELECT * FROM big");
  auto execution = c->fetch("SELECT * FROM big", {});
  REQUIRE(execution.ok());
  ColumnBatch batch;
  REQUIRE(more(*execution->rows, batch));
  run(*other, "DELETE FROM big WHERE id % 2 = 0");
  run(*other, "INSERT INTO big SELECT -1, 0, NULL, 0 FROM generate_series(1, 50000)");
  std::int64_t count = batch.rows;
  while (more(*execution->rows, batch)) count += batch.rows;
  CHECK(count == expected.count);
  execution->rows.reset();

  run(*c, "CREATE SCHEMA apart");
  run(*c,
      "CREATE TABLE apart.big AS SELECT timestamptz '2024-01-01 00:00+00' + i * interval '1 "
      "minute' AS at, repeat('x', 150) AS t FROM generate_series(0, 299999) AS s(i)");
  run(*c, "SET search_path = apart");
  run(*c, "SET TimeZone = 'Asia/Kathmandu'");
  const auto text = "SELECT at::text FROM big";
  const auto got = read(*c, text, {}, other.get(), "4");
  CHECK(got.sessions == "4");
  c->set_fetch_connections(1);
  CHECK(got.rows == read(*c, text).rows);
}

TEST_CASE("PostgreSQL in parallel: two queries of one snapshot") {
  const auto database = with_table();
  const auto c = connect(database);
  const auto other = connect(database);
  auto snapshot = c->snapshot();
  REQUIRE(snapshot.ok());
  const auto before = read(*c, "SELECT * FROM big WHERE id > 1000", {}, other.get(), "3");
  CHECK(before.sessions == "3");
  run(*other, "DELETE FROM big");
  CHECK(read(*c, "SELECT * FROM big WHERE id > 1000", {}, other.get()).rows == before.rows);
  // What cannot be divided does not end the snapshot.
  CHECK(read(*c, "SELECT ctid, * FROM big WHERE id > 1000", {}, other.get()).count == before.count);
  CHECK(rows_of(*c, "SELECT count(*) > 0 FROM big")[0][0] == "true");
  snapshot->reset();
  CHECK_FALSE(c->in_transaction());
  CHECK(read(*c, "SELECT * FROM big").count == 0);
}

TEST_CASE("PostgreSQL in parallel: errors, early ends and cancel leave a session that works") {
  const auto database = with_table();
  const auto c = connect(database);
  const auto other = connect(database);
  CHECK(error_of(*c, "SELECT 1 / (id - 200000) FROM big").find("division by zero") !=
        std::string::npos);
  CHECK(sessions(*other, "2") == "2");
  CHECK(rows_of(*c, "SELECT 1")[0][0] == "1");

  // Somebody stops after the first batch.
  {
    auto execution = c->fetch("SELECT * FROM big", {});
    REQUIRE(execution.ok());
    ColumnBatch batch;
    REQUIRE(more(*execution->rows, batch));
  }
  CHECK(sessions(*other, "2") == "2");
  { REQUIRE(c->fetch("SELECT * FROM big", {}).ok()); }
  CHECK(sessions(*other, "2") == "2");

  // A later statement ends the rows.
  auto execution = c->fetch("SELECT * FROM big", {});
  REQUIRE(execution.ok());
  ColumnBatch batch;
  REQUIRE(more(*execution->rows, batch));
  CHECK(rows_of(*c, "SELECT 2")[0][0] == "2");
  const auto ended = execution->rows->next(batch);
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.errors()[0].message.find("a later statement") != std::string::npos);
  execution->rows.reset();

  for (int round = 0; round < 10; ++round) {
    auto rows = c->fetch("SELECT * FROM big", {});
    REQUIRE(rows.ok());
    std::thread stopper([&] { c->cancel(); });
    Code code = Code::internal;
    while (true) {
      const auto next = rows->rows->next(batch);
      if (!next.ok()) code = next.errors()[0].code;
      if (!next.ok() || !*next) break;
    }
    stopper.join();
    CHECK((code == Code::cancelled || code == Code::internal));
    rows->rows.reset();
    c->resume();
    CHECK(rows_of(*c, "SELECT 3")[0][0] == "3");
  }
  CHECK(sessions(*other, "2") == "2");
}

}  // namespace
}  // namespace quern::postgres_test
