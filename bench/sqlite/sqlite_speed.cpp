// Times reading and writing a table of a million rows through the SQLite connector, against bare
// loops over SQLite's C API: sqlite3_step() and sqlite3_column_*() into arrays of columns, and one
// prepared INSERT in one transaction. Two tables: 28 doubles, and a mixed one of two whole numbers,
// two doubles and two texts. First the answer: the connector must read what the bare loop reads,
// and what it wrote must be read as what was written. Both then run alternately; the ratio is that
// of their speeds, by the wall clock and by the processor's. Exit status 1 where the answer is
// wrong, never because of a time.

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/column_builder.h"
#include "base/elapsed.h"
#include "connectors/connector.h"

namespace {

using namespace quern;

constexpr int kRuns = 7;
constexpr std::size_t kBatch = 2048;

[[noreturn]] void fail(const std::string& what) {
  std::printf("wrong answer: %s\n", what.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.errors()[0].message);
  return *std::move(result);
}
void must(Result<void> result) {
  if (!result.ok()) fail(result.errors()[0].message);
}

/// A table by the kinds of its columns.
struct Shape {
  const char* name;
  std::vector<TypeKind> kinds;

  const char* type(std::size_t column) const {
    if (kinds[column] == TypeKind::int64) return "BIGINT";
    return kinds[column] == TypeKind::float64 ? "REAL" : "TEXT";
  }
  std::string create(const std::string& table) const {
    std::string sql = "CREATE TABLE " + table + " (";
    for (std::size_t c = 0; c < kinds.size(); ++c)
      sql += (c > 0 ? ", c" : "c") + std::to_string(c) + " " + type(c);
    return sql + ")";
  }
};

/// The rows in batches; the values follow from row and column alone.
std::vector<ColumnBatch> make_rows(const Shape& shape, std::int64_t rows) {
  std::vector<ColumnBatch> out;
  std::uint64_t random = 88172645463325252U;
  for (std::int64_t begin = 0; begin < rows; begin += static_cast<std::int64_t>(kBatch)) {
    const auto count = std::min<std::int64_t>(kBatch, rows - begin);
    ColumnBatch batch{.rows = count, .columns = {}};
    for (const auto kind : shape.kinds) {
      ColumnBuilder builder({.kind = kind});
      for (std::int64_t row = 0; row < count; ++row) {
        random ^= random << 13U;
        random ^= random >> 7U;
        random ^= random << 17U;
        if (kind == TypeKind::int64)
          builder.append_int(static_cast<std::int64_t>(random >> 40U));
        else if (kind == TypeKind::float64)
          builder.append_double(static_cast<double>(random >> 11U) / 1e15);
        else
          builder.append_text("customer " + std::to_string(random >> 52U));
      }
      batch.columns.push_back(builder.finish());
    }
    out.push_back(std::move(batch));
  }
  return out;
}

/// What a table is told by: sums that depend on each value and on the order of rows.
struct Digest {
  double numbers = 0;
  std::uint64_t texts = 0;
  std::int64_t rows = 0;
  bool operator==(const Digest&) const = default;

  void add(double value) { numbers = numbers * 0.999 + value; }
  void add(std::string_view text) {
    for (const char c : text) texts = texts * 31 + static_cast<unsigned char>(c);
  }
};

/// The bare loops' arrays of columns.
struct Arrays {
  std::vector<std::vector<double>> doubles;
  std::vector<std::vector<std::int64_t>> integers;
  std::vector<std::string> bytes;
  std::vector<std::vector<std::int32_t>> ends;
  explicit Arrays(std::size_t columns)
      : doubles(columns, std::vector<double>(kBatch)),
        integers(columns, std::vector<std::int64_t>(kBatch)),
        bytes(columns),
        ends(columns, std::vector<std::int32_t>(kBatch)) {}
};

sqlite3* open_bare(const std::string& file) {
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(file.c_str(), &db,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                      nullptr) != SQLITE_OK)
    fail("cannot open " + file);
  return db;
}

void run_bare(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(sqlite3_errmsg(db));
}

/// \param digest  of the rows; null where only the time matters.
void read_bare(const Shape& shape, const std::string& file, Digest* digest) {
  sqlite3* db = open_bare(file);
  sqlite3_stmt* rows = nullptr;
  sqlite3_prepare_v2(db, "SELECT * FROM t", -1, &rows, nullptr);
  Arrays arrays(shape.kinds.size());
  std::size_t row = 0;
  while (sqlite3_step(rows) == SQLITE_ROW) {
    for (std::size_t c = 0; c < shape.kinds.size(); ++c) {
      const int at = static_cast<int>(c);
      if (shape.kinds[c] == TypeKind::int64) {
        arrays.integers[c][row] = sqlite3_column_int64(rows, at);
        if (digest) digest->add(static_cast<double>(arrays.integers[c][row]));
      } else if (shape.kinds[c] == TypeKind::float64) {
        arrays.doubles[c][row] = sqlite3_column_double(rows, at);
        if (digest) digest->add(arrays.doubles[c][row]);
      } else {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(rows, at));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(rows, at));
        arrays.bytes[c].append(text, size);
        arrays.ends[c][row] = static_cast<std::int32_t>(arrays.bytes[c].size());
        if (digest) digest->add({text, size});
      }
    }
    if (digest) ++digest->rows;
    if (++row < kBatch) continue;
    row = 0;
    for (auto& bytes : arrays.bytes) bytes.clear();
  }
  sqlite3_finalize(rows);
  sqlite3_close(db);
}

void add_batch(const Shape& shape, const ColumnBatch& batch, Digest& digest) {
  digest.rows += batch.rows;
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    for (std::size_t c = 0; c < shape.kinds.size(); ++c) {
      const auto& column = batch.columns[c];
      const auto at = static_cast<std::size_t>(row);
      if (shape.kinds[c] == TypeKind::int64)
        digest.add(static_cast<double>(column.as<std::int64_t>()[at]));
      else if (shape.kinds[c] == TypeKind::float64)
        digest.add(column.as<double>()[at]);
      else
        digest.add(column.text(row));
    }
  }
}

std::unique_ptr<Connection> open_ours(const std::string& file) {
  return must(open_connection({.uri = "sqlite:" + file}));
}

void read_ours(const Shape& shape, const std::string& file, Digest* digest) {
  const auto connection = open_ours(file);
  const auto execution = must(connection->execute("SELECT * FROM t"));
  ColumnBatch batch;
  while (must(execution.rows->next(batch))) {
    if (digest) add_batch(shape, batch, *digest);
  }
}

void write_bare(const Shape& shape, const std::string& file,
                const std::vector<ColumnBatch>& batches) {
  sqlite3* db = open_bare(file);
  run_bare(db, "BEGIN IMMEDIATE; " + shape.create("t"));
  std::string sql = "INSERT INTO t VALUES (?";
  for (std::size_t c = 1; c < shape.kinds.size(); ++c) sql += ",?";
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v3(db, (sql + ")").c_str(), -1, SQLITE_PREPARE_PERSISTENT, &insert, nullptr);
  for (const auto& batch : batches) {
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      for (std::size_t c = 0; c < shape.kinds.size(); ++c) {
        const auto& column = batch.columns[c];
        const auto i = static_cast<std::size_t>(row);
        const int at = static_cast<int>(c) + 1;
        if (shape.kinds[c] == TypeKind::int64) {
          sqlite3_bind_int64(insert, at, column.as<std::int64_t>()[i]);
        } else if (shape.kinds[c] == TypeKind::float64) {
          sqlite3_bind_double(insert, at, column.as<double>()[i]);
        } else {
          const auto text = column.text(row);
          sqlite3_bind_text(insert, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
        }
      }
      if (sqlite3_step(insert) != SQLITE_DONE) fail(sqlite3_errmsg(db));
      sqlite3_reset(insert);
    }
  }
  sqlite3_finalize(insert);
  run_bare(db, "COMMIT");
  sqlite3_close(db);
}

void write_ours(const Shape& shape, const std::string& file,
                const std::vector<ColumnBatch>& batches) {
  const auto connection = open_ours(file);
  TableOrder order{.table = {.table = "t"}};
  for (std::size_t c = 0; c < shape.kinds.size(); ++c)
    order.columns.push_back({"c" + std::to_string(c), {.kind = shape.kinds[c]}});
  const auto load = must(connection->load_table(order));
  for (const auto& batch : batches) must(load->append(batch));
  must(load->commit());
}

struct Time {
  double wall;
  double processor;
};

Time timed(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const auto processor = std::clock();
  work();
  return {seconds_since(start), static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC};
}

std::string spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  char out[64];
  std::snprintf(out, sizeof out, "%.2f [%.2f, %.2f]", values[values.size() / 2], values.front(),
                values.back());
  return out;
}

void compare(const char* what, const Shape& shape, double goal, const std::function<void()>& bare,
             const std::function<void()>& ours) {
  std::vector<double> wall;
  std::vector<double> processor;
  std::vector<double> seconds;
  for (int run = 0; run < kRuns; ++run) {
    const auto theirs = timed(bare);
    const auto mine = timed(ours);
    wall.push_back(theirs.wall / mine.wall);
    processor.push_back(theirs.processor / mine.processor);
    seconds.push_back(mine.wall);
  }
  std::vector<double> sorted = processor;
  std::nth_element(sorted.begin(), sorted.begin() + kRuns / 2, sorted.end());
  std::printf("%-5s %-10s s %s  speed / bare loop  wall %s  processor %s  goal: %.1f, %s\n", what,
              shape.name, spread(seconds).c_str(), spread(wall).c_str(), spread(processor).c_str(),
              goal, sorted[kRuns / 2] >= goal ? "met" : "NOT met");
}

void contest(const Shape& shape, std::int64_t rows, const std::filesystem::path& folder) {
  const auto batches = make_rows(shape, rows);
  const auto file = (folder / "read.db").string();
  const auto target = (folder / "write.db").string();
  const auto fresh = [&](auto write) {
    std::filesystem::remove(target);
    write(shape, target, batches);
  };
  write_bare(shape, file, batches);
  fresh(write_ours);
  Digest made, bare, ours, written;
  for (const auto& batch : batches) add_batch(shape, batch, made);
  read_bare(shape, file, &bare);
  read_ours(shape, file, &ours);
  read_bare(shape, target, &written);
  if (!(made == bare && bare == ours && ours == written)) fail("the tables are not the same");
  compare(
      "read", shape, 0.8, [&] { read_bare(shape, file, nullptr); },
      [&] { read_ours(shape, file, nullptr); });
  compare(
      "write", shape, 0.9, [&] { fresh(write_bare); }, [&] { fresh(write_ours); });
  std::filesystem::remove(file);
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t rows = argc > 1 ? std::atoll(argv[1]) : 1000000;
  auto name = (std::filesystem::temp_directory_path() / "quern-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return 2;
  constexpr auto kInt = TypeKind::int64;
  constexpr auto kDouble = TypeKind::float64;
  constexpr auto kText = TypeKind::text;
  std::printf("%lld rows, %d runs, alternately; median [least, largest]; SQLite %s\n",
              static_cast<long long>(rows), kRuns, sqlite3_libversion());
  contest({"28 doubles", std::vector<TypeKind>(28, kDouble)}, rows, name);
  contest({"mixed", {kInt, kDouble, kText, kInt, kDouble, kText}}, rows, name);
  std::filesystem::remove_all(name);
  return 0;
}
