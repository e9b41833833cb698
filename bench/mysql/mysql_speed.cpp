// mysql_speed [ROWS [WORD]]: reads and writes 1,000,000 rows through the MySQL connector, against
// bare loops of the client library's: one that fetches unbuffered rows of a prepared statement into
// buffers and forgets them, one that fetches rows as text, and LOAD DATA LOCAL of lines made
// before. First the answer: sums of what was read and written must be the server's own. Exit status
// 1 where they are not, never because of a time. WORD: only what has it in its name. The server is
// the one of QUERN_TEST_MYSQL.

#include <mysql.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "base/column_builder.h"
#include "connectors/connector.h"
#ifdef QUERN_HAS_CONNECTOR_CPP
#include "peer_connector_cpp.h"
#endif

namespace {

using namespace quern;

constexpr int kRuns = 5;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

/// What a piece of work took: by the clock, and of this process's CPU.
struct Taken {
  double seconds = 0;
  double cpu = 0;
};

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto in = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return in(used.ru_utime) + in(used.ru_stime);
}

Taken time_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  const auto cpu = cpu_seconds();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          cpu_seconds() - cpu};
}

void bare(MYSQL* connection, const std::string& sql) {
  if (mysql_real_query(connection, sql.data(), sql.size()) != 0) fail(mysql_error(connection));
  if (auto* result = mysql_store_result(connection)) mysql_free_result(result);
}

double number(MYSQL* connection, const std::string& sql) {
  if (mysql_real_query(connection, sql.data(), sql.size()) != 0) fail(mysql_error(connection));
  auto* result = mysql_store_result(connection);
  const double out = std::atof(mysql_fetch_row(result)[0]);
  mysql_free_result(result);
  return out;
}

/// One value of a row, of any type that the bench's tables have.
union Cell {
  double number;
  MYSQL_TIME time;
  char text[64];
};

/// Fetches all rows of a query in binary form into the same buffers.
void fetch_prepared(MYSQL* connection, const std::string& query) {
  auto* statement = mysql_stmt_init(connection);
  mysql_stmt_prepare(statement, query.data(), query.size());
  auto* meta = mysql_stmt_result_metadata(statement);
  const auto columns = mysql_num_fields(meta);
  std::vector<MYSQL_BIND> binds(columns);
  std::vector<Cell> cells(columns);
  std::vector<unsigned long> lengths(columns);
  std::vector<my_bool> nulls(columns);
  for (unsigned int i = 0; i < columns; ++i) {
    binds[i].buffer_type = mysql_fetch_field_direct(meta, i)->type;
    if (binds[i].buffer_type == MYSQL_TYPE_NEWDECIMAL) binds[i].buffer_type = MYSQL_TYPE_STRING;
    binds[i].buffer = &cells[i];
    binds[i].buffer_length = sizeof(Cell);
    binds[i].length = &lengths[i];
    binds[i].is_null = &nulls[i];
  }
  if (mysql_stmt_execute(statement) != 0) fail(mysql_stmt_error(statement));
  mysql_stmt_bind_result(statement, binds.data());
  while (mysql_stmt_fetch(statement) == 0) continue;
  mysql_free_result(meta);
  mysql_stmt_close(statement);
}

/// Fetches all rows as text, and reads the first `doubles` columns behind the id as numbers.
void fetch_text(MYSQL* connection, const std::string& query) {
  if (mysql_real_query(connection, query.data(), query.size()) != 0) fail(mysql_error(connection));
  auto* result = mysql_use_result(connection);
  const auto columns = mysql_num_fields(result);
  double sum = 0;
  while (auto* row = mysql_fetch_row(result)) {
    for (unsigned int i = 1; i < columns; ++i) sum += std::strtod(row[i], nullptr);
  }
  if (sum < 0) fail("the sum of what is not negative is");
  mysql_free_result(result);
}

/// What a loop over a query's batches comes to: the rows, and the sum of its second column.
struct Sum {
  std::int64_t rows = 0;
  double sum = 0;
};

Sum read(Connection& connection, const std::string& query) {
  auto execution = connection.execute(query);
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

/// The lines of LOAD DATA, and how far they were sent.
struct Lines {
  std::string text;
  std::size_t sent = 0;
};

int open_lines(void** out, const char* /*name*/, void* lines) {
  *out = lines;
  static_cast<Lines*>(lines)->sent = 0;
  return 0;
}
int read_lines(void* raw, char* out, unsigned int most) {
  auto& lines = *static_cast<Lines*>(raw);
  const auto size = std::min<std::size_t>(most, lines.text.size() - lines.sent);
  std::memcpy(out, lines.text.data() + lines.sent, size);
  lines.sent += size;
  return static_cast<int>(size);
}
void close_lines(void* /*lines*/) {}
int explain_lines(void* /*lines*/, char* /*out*/, unsigned int /*most*/) { return 1; }

std::string made_lines(int rows) {
  std::string out;
  char line[64];
  for (int i = 0; i < rows; ++i) {
    const int size = std::snprintf(line, sizeof line, "%d\t%.17g\n", i, static_cast<double>(i) / 7);
    out.append(line, static_cast<std::size_t>(size));
  }
  return out;
}

void write_bare(MYSQL* connection, Lines& lines) {
  mysql_set_local_infile_handler(connection, open_lines, read_lines, close_lines, explain_lines,
                                 &lines);
  bare(connection, "DROP TABLE IF EXISTS bare_written");
  bare(connection, "CREATE TABLE bare_written (id BIGINT, p DOUBLE)");
  bare(connection, "LOAD DATA LOCAL INFILE 'lines' INTO TABLE bare_written");
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Runs both alternately and prints the ratio of their times, with its spread.
/// \param only  nothing is run whose name lacks it.
void compare(const std::string& only, const char* what, double goal,
             const std::function<void()>& ours, const std::function<void()>& theirs) {
  if (std::string(what).find(only) == std::string::npos) return;
  std::vector<double> ratios, times, cpu, bare_cpu;
  for (int run = 0; run < kRuns; ++run) {
    const auto bare_time = time_of(theirs);
    const auto time = time_of(ours);
    times.push_back(time.seconds);
    cpu.push_back(time.cpu);
    bare_cpu.push_back(bare_time.cpu);
    ratios.push_back(bare_time.seconds / time.seconds);
  }
  std::sort(ratios.begin(), ratios.end());
  const double middle = median(ratios);
  std::printf(
      "%-42s %6.2f s, speed over the other's: %.2f [%.2f, %.2f] (goal: at least %.1f, %s); CPU of "
      "the client %.2f against %.2f s\n",
      what, median(times), middle, ratios.front(), ratios.back(), goal,
      middle >= goal ? "met" : "NOT met", median(cpu), median(bare_cpu));
  std::fflush(stdout);
}

std::string table_of_doubles(int rows) {
  std::string sql = "CREATE TABLE doubles AS SELECT CAST(seq AS SIGNED) AS id";
  for (int c = 0; c < 28; ++c) sql += ", RAND() AS c" + std::to_string(c);
  return sql + " FROM seq_1_to_" + std::to_string(rows);
}

std::string mixed_table(int rows) {
  return "CREATE TABLE mixed AS SELECT CAST(seq AS SIGNED) AS id, RAND() AS x, CONCAT('name of ', "
         "seq % 1000) AS t, CAST((seq % 100000) / 100 AS DECIMAL(12,2)) AS n, "
         "TIMESTAMP'2024-01-01 00:00:00' + INTERVAL seq MINUTE AS ts, IF(seq % 10 > 0, seq, NULL) "
         "AS "
         "k, DATE'2024-01-01' + INTERVAL seq % 365 DAY AS d FROM seq_1_to_" +
         std::to_string(rows);
}

void check(Connection& ours, MYSQL* theirs, const std::string& table, const char* column,
           int rows) {
  const auto sum = read(ours, "SELECT * FROM " + table);
  const double expected = number(theirs, "SELECT SUM(" + std::string(column) + ") FROM " + table);
  if (sum.rows != rows || std::abs(sum.sum - expected) > 1e-9 * std::abs(expected))
    fail("the rows of " + table + " differ from the server's");
}

}  // namespace

int main(int argc, char** argv) {
  const int rows = argc > 1 ? std::atoi(argv[1]) : 1000000;
  const std::string only = argc > 2 ? argv[2] : "";
  const char* uri = std::getenv("QUERN_TEST_MYSQL");
  if (uri == nullptr) fail("QUERN_TEST_MYSQL names no server");
  const std::string socket = std::strstr(uri, "socket=") + 7;
  auto opened = open_connection({.uri = uri});
  if (!opened) fail(opened.errors()[0].message);
  auto& ours = **opened;
  MYSQL* theirs = mysql_init(nullptr);
  if (mysql_real_connect(theirs, nullptr, "root", "", "mysql", 0, socket.c_str(), 0) == nullptr)
    fail(mysql_error(theirs));
  for (const auto& sql : {table_of_doubles(rows), mixed_table(rows)}) bare(theirs, sql);
  check(ours, theirs, "doubles", "c0", rows);
  check(ours, theirs, "mixed", "x", rows);
  std::vector<ColumnBatch> batches;
  for (std::int64_t at = 0; at < rows; at += 8192)
    batches.push_back(predictions(at, std::min<std::int64_t>(8192, rows - at)));
  Lines lines{made_lines(rows)};
  write(ours, batches, LoadMode::create);
  write_bare(theirs, lines);
  if (number(theirs,
             "SELECT COUNT(*) FROM written JOIN (SELECT SUM(id) AS i, SUM(p) AS p FROM "
             "written) AS a JOIN (SELECT SUM(id) AS i, SUM(p) AS p FROM bare_written) AS b "
             "ON a.i = b.i AND a.p = b.p") != rows)
    fail("the rows that were written differ");

  const std::string doubles = "SELECT * FROM doubles";
  compare(
      only, "read 28 doubles, bare binary rows", 0.8, [&] { read(ours, doubles); },
      [&] { fetch_prepared(theirs, doubles); });
  compare(
      only, "read 28 doubles, bare text rows", 2.5, [&] { read(ours, doubles); },
      [&] { fetch_text(theirs, doubles); });
  compare(
      only, "read text, decimals and times, bare binary", 0.8,
      [&] { read(ours, "SELECT * FROM mixed"); },
      [&] { fetch_prepared(theirs, "SELECT * FROM mixed"); });
  compare(
      only, "write id and prediction, bare LOAD DATA", 0.9,
      [&] { write(ours, batches, LoadMode::replace); }, [&] { write_bare(theirs, lines); });
#ifdef QUERN_HAS_CONNECTOR_CPP
  compare(
      only, "read 28 doubles, Connector/C++ as text", 1, [&] { read(ours, doubles); },
      [&] { read_by_connector_cpp(socket, doubles, false); });
  compare(
      only, "read 28 doubles, Connector/C++ prepared", 1, [&] { read(ours, doubles); },
      [&] { read_by_connector_cpp(socket, doubles, true); });
#endif
  mysql_close(theirs);
}
