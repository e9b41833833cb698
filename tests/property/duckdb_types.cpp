// Random values of every type through the DuckDB connector: read and loaded back they are equal, in
// any order of the rows; and the parts of dates are those of DuckDB's own extract().

#include <catch2/catch.hpp>
#include <cmath>

#include "codegen/interpret/date_parts.h"
#include "codegen/interpret/features.h"
#include "connectors/connector.h"

using namespace quern;

namespace {

std::unique_ptr<Connection> open() {
  auto opened = open_connection({.uri = "duckdb::memory:", .threads = 2});
  if (!opened.ok()) FAIL(opened.errors()[0].message);
  return *std::move(opened);
}

Execution run(Connection& connection, const std::string& sql) {
  auto execution = connection.execute(sql);
  if (!execution.ok()) FAIL(sql + ": " + execution.errors()[0].message);
  return *std::move(execution);
}

struct RandomType {
  std::string type;
  std::string value;  ///< SQL of `h`, a random UBIGINT, and of the row's number `i`
};

const std::string kMicros =
    "make_timestamp(((h % 18446744059254775806)::HUGEINT - "
    "9223372022400000000)::BIGINT)";

std::vector<RandomType> random_types() {
  return {
      {"BOOLEAN", "h % 2 = 0"},
      {"TINYINT", "(h % 256)::INTEGER - 128"},
      {"SMALLINT", "(h % 65536)::INTEGER - 32768"},
      {"INTEGER", "(h % 4294967296)::BIGINT - 2147483648"},
      {"BIGINT", "h::HUGEINT - 9223372036854775808"},
      {"UTINYINT", "h % 256"},
      {"USMALLINT", "h % 65536"},
      {"UINTEGER", "h % 4294967296"},
      {"UBIGINT", "h"},
      {"HUGEINT", "h::HUGEINT * 4611686018427387904 - hash(h)::HUGEINT * 3074457345618258602"},
      {"UHUGEINT", "h::UHUGEINT * 18446744073709551615 + hash(h)"},
      {"BIGNUM",
       "CASE WHEN h % 2 = 0 THEN '-' ELSE '' END || repeat(h::VARCHAR, (h % 4 + 1)::BIGINT)"},
      {"DECIMAL(4,2)", "((h % 19999)::INTEGER - 9999) / 100"},
      {"DECIMAL(9,0)", "(h % 1999999999)::BIGINT - 999999999"},
      {"DECIMAL(18,3)", "h::HUGEINT % 1000000000000 / 1000"},
      {"DECIMAL(38,10)", "h::HUGEINT::DECIMAL(28,0) - 9223372036854775808"},
      {"FLOAT", "CASE h % 9 WHEN 0 THEN 'nan' WHEN 1 THEN '-inf' ELSE h / 1e15 - 9000 END"},
      {"DOUBLE", "CASE h % 9 WHEN 0 THEN 'nan' WHEN 1 THEN 'inf' ELSE exp(h / 5e16 - 180) END"},
      {"VARCHAR", "repeat(chr((h % 5000 + 32)::INTEGER), (h % 40)::BIGINT)"},
      {"BLOB", "encode(repeat(chr((h % 300)::INTEGER), (h % 40)::BIGINT))"},
      {"DATE", "DATE '1970-01-01' + ((h % 4294967291)::BIGINT - 2147483645)::INTEGER"},
      {"TIME", "TIME '00:00:00' + to_microseconds((h % 86400000000)::BIGINT)"},
      {"TIMESTAMP", kMicros},
      {"TIMESTAMP_S", "date_trunc('second', " + kMicros + ")"},
      {"TIMESTAMP_MS", "date_trunc('milliseconds', " + kMicros + ")"},
      {"TIMESTAMP_NS",
       "make_timestamp_ns(((h % 18000000000000000000)::HUGEINT - "
       "9000000000000000000)::BIGINT)"},
      {"TIMESTAMP WITH TIME ZONE", "make_timestamptz(epoch_us(" + kMicros + "))"},
      {"INTERVAL",
       "to_months((h % 24001)::INTEGER - 12000) + to_days((h % 999)::INTEGER - 500) + "
       "to_microseconds((hash(h) % 900000000000)::BIGINT - 450000000000)"},
      {"UUID", "md5(h::VARCHAR)"},
      {"ENUM('a', 'b', 'a longer word')", "(['a', 'b', 'a longer word'])[(h % 3)::INTEGER + 1]"},
      {"STRUCT(a INTEGER, b VARCHAR)", "{'a': (h % 9)::INTEGER, 'b': h::VARCHAR}"},
      {"BOOLEAN[]", "[(h + x) % 2 = 0 FOR x IN range((h % 5)::BIGINT)]"},
      {"INTEGER[]", "[nullif((h % 100)::INTEGER + x, 50) FOR x IN range((h % 9)::BIGINT)]"},
      {"DOUBLE[3]", "[h / 7, NULL, -0.5]"},
      {"FLOAT[]", "[h / x FOR x IN range((h % 30)::BIGINT)]"},
      {"DECIMAL(9,2)[]", "[((h % 199999)::INTEGER - 99999) / 100]"},
      {"UHUGEINT[2]", "[h::UHUGEINT * 18446744073709551615, i::UHUGEINT]"},
  };
}

void make_table(Connection& connection, const RandomType& type, int rows) {
  // The cast stands outside: CASE knows no arrays.
  run(connection, "CREATE TABLE source AS SELECT i, (CASE WHEN h % 11 = 3 THEN NULL ELSE " +
                      type.value + " END)::" + type.type +
                      " AS v FROM (SELECT i, hash(i * 7919 + 13) AS h FROM range(" +
                      std::to_string(rows) + ") r(i))");
}

/// Loads what `query` yields into a new table of the same types.
void copy(Connection& connection, const std::string& query) {
  const auto reader = connection.sibling();
  auto reading = run(**reader, query);
  const auto& schema = reading.rows->schema();
  run(connection,
      "CREATE OR REPLACE TABLE target (i BIGINT, v " + connection.type_name(schema[1].type) + ")");
  auto appender = connection.append_to({.table = "target"});
  REQUIRE(appender.ok());
  ColumnBatch batch;
  for (auto more = reading.rows->next(batch); *more; more = reading.rows->next(batch)) {
    const auto appended = (*appender)->append(batch);
    if (!appended.ok()) FAIL(appended.errors()[0].message);
  }
  REQUIRE((*appender)->finish().ok());
}

std::int64_t count(Connection& connection, const std::string& sql) {
  auto execution = run(connection, sql);
  ColumnBatch batch;
  REQUIRE(*execution.rows->next(batch));
  return batch.columns[0].as<std::int64_t>()[0];
}

void check_copy(Connection& connection, const std::string& query) {
  copy(connection, query);
  CHECK(count(connection, "SELECT count(*) FROM target") ==
        count(connection, "SELECT count(*) FROM (" + query + ")"));
  CHECK(count(connection,
              "SELECT count(*) FROM target JOIN source USING (i) "
              "WHERE target.v IS DISTINCT FROM source.v") == 0);
}

/// Compares a column of ours with one that DuckDB computed as DOUBLE, as float32.
struct Expectation {
  std::string part;  ///< SQL of `v`
  ir::Part ours;
};

/// \param v  SQL of the value.
std::vector<Expectation> date_expectations(const std::string& v) {
  return {{"extract(year FROM " + v + ")", ir::Part::year},
          {"extract(month FROM " + v + ")", ir::Part::month},
          {"extract(day FROM " + v + ")", ir::Part::day},
          {"extract(isodow FROM " + v + ")", ir::Part::isodow},
          {"extract(doy FROM " + v + ")", ir::Part::doy}};
}

std::vector<Expectation> timestamp_expectations(const std::string& v) {
  auto out = date_expectations(v);
  out.push_back({"epoch_us(" + v + ")::DOUBLE / 86400000000", ir::Part::epoch_days});
  out.push_back({"extract(hour FROM " + v + ")", ir::Part::hour});
  out.push_back({"extract(minute FROM " + v + ")", ir::Part::minute});
  out.push_back({"epoch_us((" + v + ")::TIME)::DOUBLE / 1000000", ir::Part::second_of_day});
  return out;
}

/// Values that differ, NaN and NULL being the same.
std::int64_t differences(const std::vector<float>& ours, const Column& theirs) {
  std::int64_t out = 0;
  const auto values = theirs.as<double>();
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const bool null = theirs.is_null(static_cast<std::int64_t>(i));
    out += null ? !std::isnan(ours[i]) : ours[i] != static_cast<float>(values[i]);
  }
  return out;
}

void check_parts(const std::string& type, const std::vector<Expectation>& expectations) {
  const auto c = open();
  run(*c, "SET TimeZone = 'UTC'");
  for (const auto& random : random_types()) {
    if (random.type == type) make_table(*c, random, 20000);
  }
  std::string sql = "SELECT v";
  for (const auto& e : expectations) sql += ", (" + e.part + ")::DOUBLE";
  auto execution = run(*c, sql + " FROM source");
  ColumnBatch batch;
  std::int64_t rows = 0;
  std::vector<std::int64_t> wrong(expectations.size());
  while (*execution.rows->next(batch)) {
    std::vector<float> ours(static_cast<std::size_t>(batch.rows));
    for (std::size_t e = 0; e < expectations.size(); ++e) {
      codegen::run_date_part(batch.columns[0], expectations[e].ours, ours.data());
      wrong[e] += differences(ours, batch.columns[e + 1]);
    }
    rows += batch.rows;
  }
  CHECK(rows == 20000);
  for (std::size_t e = 0; e < expectations.size(); ++e) {
    INFO(expectations[e].part);
    CHECK(wrong[e] == 0);
  }
}

}  // namespace

TEST_CASE("random values of every type are read and loaded without a change") {
  for (const auto& type : random_types()) {
    INFO(type.type);
    const auto c = open();
    run(*c, "SET TimeZone = 'UTC'");
    make_table(*c, type, 6000);
    check_copy(*c, "SELECT i, v FROM source");
    check_copy(*c, "SELECT i, v FROM source WHERE hash(i) % 3 = 0 ORDER BY hash(i)");
    check_copy(*c, "SELECT a.i, a.v FROM source a JOIN range(0, 6000, 7) r(k) ON a.i = r.k");
  }
}

TEST_CASE("the parts of random dates are DuckDB's, over all of its calendar") {
  auto date = date_expectations("v");
  date.push_back({"v - DATE '1970-01-01'", ir::Part::epoch_days});
  check_parts("DATE", date);
  check_parts("TIMESTAMP", timestamp_expectations("v"));
  check_parts("TIMESTAMP_MS", timestamp_expectations("v"));
}

TEST_CASE("the parts of timestamps with zone and of nanoseconds are those of their microseconds") {
  check_parts("TIMESTAMP WITH TIME ZONE", timestamp_expectations("make_timestamp(epoch_us(v))"));
  // epoch_us() cuts towards 1970, the calendar goes downwards.
  check_parts("TIMESTAMP_NS", timestamp_expectations("make_timestamp(epoch_us(v) - CASE WHEN "
                                                     "epoch_ns(v) % 1000 < 0 THEN 1 ELSE 0 END)"));
}

TEST_CASE("a decimal and a big integer are the doubles nearest to them") {
  const auto c = open();
  for (const std::string type :
       {"DECIMAL(18,3)", "DECIMAL(38,10)", "HUGEINT", "UHUGEINT", "BIGNUM"}) {
    INFO(type);
    run(*c, "DROP TABLE IF EXISTS source");
    for (const auto& random : random_types()) {
      if (random.type == type) make_table(*c, random, 5000);
    }
    auto execution = run(*c, "SELECT v, v::VARCHAR FROM source");
    ColumnBatch batch;
    std::int64_t wrong = 0;
    while (*execution.rows->next(batch)) {
      std::vector<double> ours(static_cast<std::size_t>(batch.rows));
      codegen::numbers_to_double(batch.columns[0], ours.data());
      for (std::int64_t i = 0; i < batch.rows; ++i) {
        const double value = ours[static_cast<std::size_t>(i)];
        const auto& text = batch.columns[1];
        wrong +=
            text.is_null(i) ? !std::isnan(value) : std::stod(std::string(text.text(i))) != value;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("seconds of times and intervals are those of extract(epoch)") {
  const auto c = open();
  for (const std::string type : {"TIME", "INTERVAL"}) {
    INFO(type);
    run(*c, "DROP TABLE IF EXISTS source");
    for (const auto& random : random_types()) {
      if (random.type == type) make_table(*c, random, 20000);
    }
    auto execution = run(*c, "SELECT v, extract(epoch FROM v)::DOUBLE FROM source");
    ColumnBatch batch;
    std::int64_t wrong = 0;
    while (*execution.rows->next(batch)) {
      std::vector<float> ours(static_cast<std::size_t>(batch.rows));
      codegen::numbers_to_float(batch.columns[0], ours.data());
      wrong += differences(ours, batch.columns[1]);
    }
    CHECK(wrong == 0);
  }
}
