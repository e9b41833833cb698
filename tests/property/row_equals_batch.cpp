// Single rows through the API are what TO PREDICT gives for them, bit by bit: random tables of
// every kind of column and function are trained on and predicted by statements, then each row is
// given to a Model alone. Counts what such a row allocates, and asks one model from several
// threads.

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/model.hpp"
#include "api/quern.hpp"

namespace {

std::atomic<bool> counting = false;
std::atomic<std::int64_t> allocations = 0;

void* counted_malloc(std::size_t size) {
  if (counting) ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

void* malloc_or_throw(std::size_t size) {
  if (void* memory = counted_malloc(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// Those that throw nothing, too: AddressSanitizer has its own, and their memory is deleted here.
void* operator new(std::size_t size) { return malloc_or_throw(size); }
void* operator new[](std::size_t size) { return malloc_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted_malloc(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counted_malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace quern::test {
namespace {

/// Keeps the rows that a statement returns, and what went wrong.
struct Rows final : Observer {
  Schema schema;
  std::vector<ColumnBatch> batches;
  std::string wrong;

  void on_schema(const Schema& columns) override {
    schema = columns;
    batches.clear();
  }
  void on_batch(const ColumnBatch& batch) override { batches.push_back(batch); }
  void on_diagnostic(const Diagnostic& problem) override {
    if (problem.severity == Severity::error) wrong += problem.message + "\n";
  }
};

double number_at(const quern::Column& column, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  switch (column.type.kind) {
    case TypeKind::boolean: return column.boolean(row) ? 1 : 0;
    case TypeKind::int32:
    case TypeKind::date: return column.as<std::int32_t>()[at];
    case TypeKind::int64:
    case TypeKind::timestamp: return static_cast<double>(column.as<std::int64_t>()[at]);
    case TypeKind::timestamp_ns:
      return std::floor(static_cast<double>(column.as<std::int64_t>()[at] / 1000));
    case TypeKind::time: return static_cast<double>(column.as<std::int64_t>()[at]) / 1e6;
    case TypeKind::float32: return column.as<float>()[at];
    case TypeKind::float64: return column.as<double>()[at];
    case TypeKind::decimal:
      return static_cast<double>(column.as<__int128>()[at]) / std::pow(10, column.type.scale);
    default: return std::nan("");
  }
}

/// A value of a batch as a program would give it. \param lists  holds what is borrowed.
RowValue value_at(const quern::Column& column, std::int64_t row, std::vector<double>& list) {
  if (column.is_null(row)) return {};
  if (column.type.kind == TypeKind::text) return column.text(row);
  if (column.type.kind != TypeKind::list) return number_at(column, row);
  list.clear();
  for (auto i = column.offset(row); i < column.offset(row + 1); ++i) {
    const bool null = column.elements->is_null(i);
    list.push_back(null ? std::nan("") : number_at(*column.elements, i));
  }
  return std::span<const double>(list);
}

std::size_t place_of(const Schema& schema, const std::string& name) {
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (schema[i].name == name) return i;
  }
  FAIL("no column " << name);
  return 0;
}

/// A program in the C++ sense: a session with a table of everything.
class Fixture {
 public:
  Fixture() : session_(*Session::open({.uri = "duckdb::memory:"})) {
    run("CREATE TABLE t AS SELECT i AS id, CASE WHEN i % 9 > 0 THEN sin(i) * 100 END AS x, "
        "(i * 37 % 101 / 8)::FLOAT AS f, i % 5 = 0 AS b, (i * 7 % 50)::INTEGER AS n, "
        "(i * 13 % 700 / 100.0)::DECIMAL(9,2) AS dec, ['red', 'green', 'blue', NULL][i % 4 + 1] AS "
        "k, "
        "'v' || (i * 31 % 1500) AS many, DATE '1969-06-01' + (i * 17)::INTEGER AS d, "
        "TIMESTAMP '1969-12-31 23:59:59' + to_microseconds(i * 123456789) AS ts, "
        "TIMESTAMP_NS '2024-02-29 12:00:00' + to_microseconds(i * 98765432) AS tn, "
        "TIME '00:00:00' + to_seconds(i * 41 % 86400) AS tm, "
        "CASE WHEN i % 11 > 0 THEN [i % 3, CASE WHEN i % 7 > 0 THEN i % 5 END] END AS l, "
        "(i % 7) || ', ' || (i % 3) || '.5' AS v, (i % 50) || ':' || (i % 9) || '.25 57:1' AS kv, "
        "(i % 13) / 4.0 AS m, i * 29 % 97 AS y, (i * 29 % 97) % 3 AS y3, i * 29 % 97 > 50 AS y2 "
        "FROM range(2000) r(i)");
  }

  void run(const std::string& sql) {
    rows_.wrong.clear();
    session_.run(sql, rows_);
    INFO(sql << "\n" << rows_.wrong);
    REQUIRE(rows_.wrong.empty());
  }
  Rows& rows() { return rows_; }
  Session& session() { return session_; }

  Model train(const std::string& how) {
    run("SELECT * FROM t TO TRAIN " + how + " INTO m");
    auto model = session_.model("m");
    REQUIRE(model);
    return *std::move(model);
  }

 private:
  Session session_;
  Rows rows_;
};

/// Rows in columns through the API: the same floats. \param first  of what TO PREDICT answered.
void check_in_columns(const Model& model, const Schema& schema, const ColumnBatch& batch,
                      std::size_t first) {
  const auto answers = model.predict(schema, batch);
  REQUIRE(answers);
  REQUIRE(answers->columns.size() == model.output().size());
  const auto floats = answers->columns.size() - model.outputs();
  for (std::size_t o = 0; o < model.outputs(); ++o) {
    const auto& got = answers->columns[floats + o];
    REQUIRE(got.length == batch.rows);
    REQUIRE(std::memcmp(got.values.data(), batch.columns[first + o].values.data(),
                        static_cast<std::size_t>(batch.rows) * sizeof(float)) == 0);
  }
}

/// Compares each row of the table; returns their number.
std::int64_t compare(Fixture& fixture, const Model& model, bool proba) {
  fixture.run("SELECT * FROM t TO PREDICT WITH predict.proba = " +
              std::string(proba ? "true" : "false") + " USING m");
  const auto& schema = fixture.rows().schema;
  std::vector<std::size_t> places;
  for (const auto& column : model.columns()) places.push_back(place_of(schema, column.name));
  const auto first = schema.size() - model.outputs();
  std::vector<float> out(model.outputs());
  std::vector<RowValue> row(places.size());
  std::vector<std::vector<double>> lists(places.size());
  std::int64_t rows = 0;
  for (const auto& batch : fixture.rows().batches) {
    check_in_columns(model, schema, batch, first);
    for (std::int64_t r = 0; r < batch.rows; ++r, ++rows) {
      for (std::size_t i = 0; i < places.size(); ++i)
        row[i] = value_at(batch.columns[places[i]], r, lists[i]);
      const auto done = model.predict_row(row, out);
      REQUIRE(done);
      for (std::size_t o = 0; o < out.size(); ++o) {
        const float expected = batch.columns[first + o].as<float>()[static_cast<std::size_t>(r)];
        INFO("row " << rows << ", output " << o << ": " << out[o] << ", expected " << expected);
        REQUIRE(std::memcmp(&out[o], &expected, sizeof(float)) == 0);
      }
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("a row is predicted as TO PREDICT predicts it") {
  Fixture fixture;
  const std::string deep = " num_round = 12, max_depth = ";
  const std::vector<std::pair<std::string, bool>> trainings = {
      {"xgboost.XGBRegressor WITH" + deep + "6 COLUMN x, f, n, b LABEL y", false},
      {"xgboost.XGBRegressor WITH" + deep + "12 COLUMN x, f, dec, tm LABEL y", false},
      {"xgboost.XGBClassifier WITH" + deep + "3 COLUMN x, k, many LABEL y3", true},
      {"xgboost.XGBClassifier WITH" + deep + "6 COLUMN d, ts, tn, l LABEL y2", true},
      {"xgboost.dart WITH rate_drop = 0.3," + deep + "5 COLUMN x, k LABEL y2", true},
      {"xgboost.XGBRegressor WITH base_margin = m," + deep +
           "4 COLUMN STANDARDIZE(x), LOG(IMPUTE(x, 'mean')), BUCKET(f, [2, 5]), MINMAX(l) LABEL y",
       false},
      {"xgboost.XGBClassifier WITH" + deep +
           "4 COLUMN CATEGORY_ID(n, 50), VOCABULARY(n, 20), CATEGORY_HASH(x, 64), VOCABULARY(f), "
           "CATEGORY_HASH(dec, 32), VOCABULARY(b), IMPUTE(k, 'mode') LABEL y3",
       true},
      {"xgboost.XGBClassifier WITH" + deep +
           "4 COLUMN CROSS([k, n, BUCKET(f, [3])], 500), CROSS([DATE_PARTS(d, month), x], 99), "
           "DENSE(v, 2) LABEL y2",
       true},
      {"xgboost.XGBRegressor WITH" + deep + "5 COLUMN x, SPARSE(kv, 60), INDICATOR(k) LABEL y",
       false},
      {"xgboost.gblinear WITH num_round = 4 COLUMN x, INDICATOR(n), SPARSE(kv, 60) LABEL y", false},
      {"xgboost.gbtree WITH num_round = 3, objective = 'count:poisson' COLUMN x, n LABEL y", false},
  };
  for (const auto& [how, proba] : trainings) {
    INFO(how);
    const auto model = fixture.train(how);
    CHECK(compare(fixture, model, proba) == 2000);
  }
}

TEST_CASE("a row of a model without probabilities names the class") {
  Fixture fixture;
  const auto model = fixture.train(
      "xgboost.gbtree WITH objective = 'multi:softmax', num_round = 5 COLUMN x, n LABEL y3");
  std::array<float, 3> out{};
  REQUIRE(model.predict_row(std::array<RowValue, 2>{0.5, 7}, out));
  CHECK(out[0] + out[1] + out[2] == 1);
  CHECK(out[model.class_of(out)] == 1);
  CHECK(model.classes() == std::vector<std::string>{"0", "1", "2"});
}

/// Calls take(row's answer, batch, row) for each row of TO PREDICT.
template <typename Take>
void each_answer(Fixture& fixture, const Model& model, Take take) {
  fixture.run("SELECT * FROM t TO PREDICT USING m");
  std::vector<std::size_t> places;
  for (const auto& column : model.columns())
    places.push_back(place_of(fixture.rows().schema, column.name));
  std::vector<float> out(model.outputs());
  std::vector<RowValue> row(places.size());
  std::vector<std::vector<double>> lists(places.size());
  for (const auto& batch : fixture.rows().batches) {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      for (std::size_t i = 0; i < places.size(); ++i)
        row[i] = value_at(batch.columns[places[i]], r, lists[i]);
      REQUIRE(model.predict_row(row, out));
      take(out, batch, r);
    }
  }
}

TEST_CASE("a row's components are those of TO PREDICT") {
  Fixture fixture;
  const auto model = fixture.train("PCA WITH n_components = 3 COLUMN x, f, n, k");
  CHECK(model.outputs() == 3);
  CHECK(model.classes().empty());
  std::int64_t rows = 0;
  each_answer(fixture, model, [&](const auto& out, const ColumnBatch& batch, std::int64_t r) {
    const auto& list = batch.columns.back();
    REQUIRE(list.list_size(r) == 3);
    REQUIRE(std::memcmp(list.elements->as<float>().data() + list.offset(r), out.data(),
                        3 * sizeof(float)) == 0);
    ++rows;
  });
  CHECK(rows == 2000);
  const auto& batch = fixture.rows().batches.front();
  const auto answers = model.predict(fixture.rows().schema, batch);
  REQUIRE(answers);
  REQUIRE(answers->columns.size() == 1);
  CHECK(model.output().front().type.kind == TypeKind::list);
  const auto numbers = static_cast<std::size_t>(3 * batch.rows);
  REQUIRE(answers->columns.front().elements->length == 3 * batch.rows);
  CHECK(std::memcmp(answers->columns.front().elements->values.data(),
                    batch.columns.back().elements->values.data(), numbers * sizeof(float)) == 0);
}

TEST_CASE("a row's cluster is that of TO PREDICT") {
  Fixture fixture;
  const auto model = fixture.train("KMeans WITH n_clusters = 4 COLUMN x, f, n, k");
  CHECK(model.classes() == std::vector<std::string>{"0", "1", "2", "3"});
  std::int64_t rows = 0;
  each_answer(fixture, model, [&](const auto& out, const ColumnBatch& batch, std::int64_t r) {
    const auto cluster = batch.columns.back().as<std::int32_t>()[static_cast<std::size_t>(r)];
    REQUIRE(std::cmp_equal(model.class_of(out), cluster));
    REQUIRE(out[static_cast<std::size_t>(cluster)] == 1);
    ++rows;
  });
  CHECK(rows == 2000);
}

TEST_CASE("a row allocates nothing, in any thread") {
  Fixture fixture;
  const auto model = fixture.train(
      "xgboost.XGBClassifier WITH num_round = 30, max_depth = 9 COLUMN x, k, d, "
      "CROSS([k, n], 50), STANDARDIZE(f), l, VOCABULARY(n) LABEL y3");
  const std::array<double, 2> list = {1, 2};
  const std::array<RowValue, 6> row = {12.5, "green", 19000,
                                       7,    2.25,    std::span<const double>(list)};
  REQUIRE(model.columns().size() == row.size());
  std::array<float, 3> expected{};
  REQUIRE(model.predict_row(row, expected));
  std::atomic<int> different = 0;
  const auto work = [&] {
    std::array<float, 3> out{};
    for (int i = 0; i < 1000; ++i) {
      const bool same = model.predict_row(row, out).ok() && out == expected;
      different += same ? 0 : 1;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  allocations = 0;
  counting = true;
  work();
  counting = false;
  CHECK(allocations == 0);
  CHECK(different == 0);
}

TEST_CASE("what does not fit a row is an error") {
  Fixture fixture;
  const auto code = [](const Result<void>& done) {
    return done ? Code::internal : done.errors().front().code;
  };
  std::array<float, 1> out{};
  const auto model =
      fixture.train("xgboost.XGBRegressor WITH num_round = 2 COLUMN x, k, l LABEL y");
  const std::array<double, 3> three = {1, 2, 3};
  CHECK(code(model.predict_row(std::array<RowValue, 2>{1, "red"}, out)) == Code::bad_model_call);
  CHECK(code(model.predict_row(std::array<RowValue, 3>{"1", "red", {}}, out)) ==
        Code::column_retyped);
  CHECK(code(model.predict_row(std::array<RowValue, 3>{1, "red", std::span<const double>(three)},
                               out)) == Code::list_length_changed);
  CHECK(model.predict_row(std::array<RowValue, 3>(), out));
  CHECK(fixture.session().model("nope").errors().front().code == Code::unknown_model);
  CHECK(fixture.session().model("no name").errors().front().code == Code::bad_model_call);
  fixture.run(
      "SELECT k, y FROM t TO TRAIN xgboost.gblinear COLUMN NGRAMS(k, 1, 10) LABEL y INTO g");
  CHECK(fixture.session().model("g").errors().front().code == Code::not_in_this_version);
  CHECK(Model::from_file("/nowhere.quern").errors().front().code == Code::cannot_read_file);
}

}  // namespace quern::test
