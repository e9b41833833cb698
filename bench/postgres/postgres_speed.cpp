// Reads and writes 1,000,000 rows through the PostgreSQL connector, against bare libpq with the
// same COPY: a loop that drains the binary rows of one connection and decodes none, and one that
// sends rows made before. First the answer: sums of what was read and written must be the server's
// own. Exit status 1 where they are not, never because of a time. The server is the one of
// QUERN_TEST_POSTGRES.

#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/column_builder.h"
#include "connectors/connector.h"

namespace {

using namespace quern;

constexpr int kRows = 1000000;
constexpr int kRuns = 7;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void bare(PGconn* connection, const std::string& sql) {
  PGresult* result = PQexec(connection, sql.c_str());
  const auto status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(PQerrorMessage(connection));
  PQclear(result);
}

/// Reads all rows of a query and forgets them. Returns their bytes.
std::size_t drain(PGconn* connection, const std::string& query) {
  PQclear(PQexec(connection, ("COPY (" + query + ") TO STDOUT (FORMAT binary)").c_str()));
  std::size_t bytes = 0;
  char* row = nullptr;
  for (int size = 0; (size = PQgetCopyData(connection, &row, 0)) > 0; bytes += size) PQfreemem(row);
  while (PGresult* result = PQgetResult(connection)) PQclear(result);
  return bytes;
}

/// What a loop over a query's batches comes to: the rows, and the sum of its second column.
struct Sum {
  std::int64_t rows = 0;
  double sum = 0;
};

/// \param connections  that fetch at once.
Sum read(Connection& connection, const std::string& query, int connections = 1) {
  connection.set_fetch_connections(connections);
  auto execution = connection.fetch(query, {});
  if (!execution) fail(execution.errors()[0].message);
  Sum out;
  ColumnBatch batch;
  while (true) {
    const auto more = execution->rows->next(batch);
    if (!more) fail(more.errors()[0].message);
    if (!*more) return out;
    out.rows += batch.rows;
    for (const auto value : batch.columns[1].as<double>()) out.sum += value;
  }
}

ColumnBatch predictions(std::int64_t first, std::int64_t rows) {
  ColumnBuilder ids({.kind = TypeKind::int64}), values({.kind = TypeKind::float64});
  for (auto i = first; i < first + rows; ++i) {
    ids.append_int(i);
    values.append_double(static_cast<double>(i) / 7);
  }
  return {rows, {ids.finish(), values.finish()}};
}

void write(Connection& connection, const std::vector<ColumnBatch>& batches, LoadMode mode) {
  const Schema schema{{"id", {.kind = TypeKind::int64}}, {"p", {.kind = TypeKind::float64}}};
  auto load = connection.load_table({.table = {.table = "written"},
                                     .mode = mode,
                                     .columns = schema,
                                     .comment = [](const TableName&) { return "bench"; }});
  if (!load) fail(load.errors()[0].message);
  for (const auto& batch : batches) {
    if (auto done = (*load)->append(batch); !done) fail(done.errors()[0].message);
  }
  if (auto done = (*load)->commit(); !done) fail(done.errors()[0].message);
}

/// The bytes of a binary COPY of the table `written`.
std::string written_bytes(PGconn* connection) {
  PQclear(PQexec(connection, "COPY written TO STDOUT (FORMAT binary)"));
  std::string out;
  char* row = nullptr;
  for (int size = 0; (size = PQgetCopyData(connection, &row, 0)) > 0; PQfreemem(row))
    out.append(row, static_cast<std::size_t>(size));
  while (PGresult* result = PQgetResult(connection)) PQclear(result);
  return out;
}

void write_bare(PGconn* connection, const std::string& bytes) {
  bare(connection, "BEGIN");
  bare(connection, "DROP TABLE IF EXISTS bare_written");
  bare(connection, "CREATE TABLE bare_written (id bigint, p double precision)");
  PQclear(PQexec(connection, "COPY bare_written FROM STDIN (FORMAT binary)"));
  constexpr std::size_t kPiece = 256 << 10;
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const auto size = std::min(kPiece, bytes.size() - at);
    if (PQputCopyData(connection, bytes.data() + at, static_cast<int>(size)) != 1)
      fail(PQerrorMessage(connection));
  }
  PQputCopyEnd(connection, nullptr);
  while (PGresult* result = PQgetResult(connection)) PQclear(result);
  bare(connection, "COMMIT");
}

/// Runs both alternately and prints the ratio of their times, with its spread.
void compare(const char* what, double goal, const std::function<void()>& ours,
             const std::function<void()>& theirs) {
  std::vector<double> ratios, times;
  for (int run = 0; run < kRuns; ++run) {
    const double bare_time = seconds(theirs);
    times.push_back(seconds(ours));
    ratios.push_back(bare_time / times.back());
  }
  std::sort(ratios.begin(), ratios.end());
  std::sort(times.begin(), times.end());
  const double median = ratios[kRuns / 2];
  std::printf(
      "%-34s %6.2f s, speed over the bare loop's: %.2f [%.2f, %.2f] (goal: at least %.1f, %s)\n",
      what, times[kRuns / 2], median, ratios.front(), ratios.back(), goal,
      median >= goal ? "met" : "NOT met");
}

std::string table_of_doubles() {
  std::string sql = "CREATE TABLE doubles AS SELECT i AS id";
  for (int c = 0; c < 28; ++c) sql += ", random() AS c" + std::to_string(c);
  return sql + " FROM generate_series(1, " + std::to_string(kRows) + ") AS s(i)";
}

std::string mixed_table() {
  return "CREATE TABLE mixed AS SELECT i AS id, random() AS x, 'name of ' || i % 1000 AS t, "
         "(i % 100000) / 100.0::numeric(12,2) AS n, TIMESTAMP '2024-01-01' + i * interval '1 "
         "minute' AS ts, i % 2 = 0 AS b, CASE WHEN i % 10 > 0 THEN i END AS k, DATE '2024-01-01' + "
         "i "
         "% 365 AS d FROM generate_series(1, " +
         std::to_string(kRows) + ") AS s(i)";
}

void check(Connection& ours, PGconn* theirs, const std::string& table, const char* column,
           int connections) {
  const auto sum = read(ours, "SELECT * FROM " + table, connections);
  PGresult* result =
      PQexec(theirs, ("SELECT sum(" + std::string(column) + ")::float8 FROM " + table).c_str());
  const double expected = std::atof(PQgetvalue(result, 0, 0));
  PQclear(result);
  if (sum.rows != kRows || std::abs(sum.sum - expected) > 1e-9 * std::abs(expected))
    fail("the rows of " + table + " differ from the server's");
}

}  // namespace

int main() {
  const char* uri = std::getenv("QUERN_TEST_POSTGRES");
  if (uri == nullptr) fail("QUERN_TEST_POSTGRES names no server");
  auto opened = open_connection({.uri = uri});
  if (!opened) fail(opened.errors()[0].message);
  auto& ours = **opened;
  PGconn* theirs = PQconnectdb(uri);
  for (const auto& sql : {table_of_doubles(), mixed_table()}) bare(theirs, sql);
  bare(theirs, "VACUUM ANALYZE");
  for (const int connections : {1, 2}) {
    check(ours, theirs, "doubles", "c0", connections);
    check(ours, theirs, "mixed", "x", connections);
  }
  std::vector<ColumnBatch> batches;
  for (std::int64_t at = 0; at < kRows; at += 8192)
    batches.push_back(predictions(at, std::min<std::int64_t>(8192, kRows - at)));
  write(ours, batches, LoadMode::create);
  const auto bytes = written_bytes(theirs);
  write_bare(theirs, bytes);
  PGresult* same = PQexec(theirs, "SELECT count(*) FROM written JOIN bare_written USING (id, p)");
  if (std::atoi(PQgetvalue(same, 0, 0)) != kRows) fail("the rows that were written differ");
  PQclear(same);

  compare(
      "read 28 doubles", 0.9, [&] { read(ours, "SELECT * FROM doubles"); },
      [&] { drain(theirs, "SELECT * FROM doubles"); });
  compare(
      "the same through two connections", 1.4, [&] { read(ours, "SELECT * FROM doubles", 2); },
      [&] { drain(theirs, "SELECT * FROM doubles"); });
  compare(
      "read text, numeric and times", 0.9, [&] { read(ours, "SELECT * FROM mixed"); },
      [&] { drain(theirs, "SELECT * FROM mixed"); });
  compare(
      "read 4 of 28 doubles", 0.9, [&] { read(ours, "SELECT id, c0, c1, c2 FROM doubles"); },
      [&] { drain(theirs, "SELECT id, c0, c1, c2 FROM doubles"); });
  compare(
      "write id and prediction", 0.9, [&] { write(ours, batches, LoadMode::replace); },
      [&] { write_bare(theirs, bytes); });
  PQfinish(theirs);
}
