// Rows as Arrow sees them. Values are read by a small reader that is written from Arrow's own
// description of its layout, and compared with the database's text of the same values; buffers are
// the columns' own.

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <limits>

#include "api/arrow.hpp"
#include "tests/unit/api/arrow_building.h"

using namespace quern;

namespace {

Session open() {
  auto session = Session::open({.uri = "duckdb::memory:", .threads = 2});
  if (!session) FAIL(session.errors().front().message);
  return *std::move(session);
}

bool is_null(const ArrowArray& array, std::int64_t row) {
  const auto* bits = static_cast<const std::uint8_t*>(array.buffers[0]);
  const auto at = row + array.offset;
  return bits != nullptr && ((bits[at / 8] >> (at % 8)) & 1) == 0;
}

template <typename T>
T value(const ArrowArray& array, std::int64_t row) {
  T out;
  std::memcpy(&out, static_cast<const T*>(array.buffers[1]) + array.offset + row, sizeof out);
  return out;
}

std::string print(const char* format, auto... values) {
  char out[100];
  std::snprintf(out, sizeof out, format, values...);
  return out;
}

std::string date_text(std::int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return print("%04d-%02u-%02u", int(date.year()), unsigned(date.month()), unsigned(date.day()));
}

/// Seconds with as many digits of a fraction as count, zeros at the end left out.
std::string clock_text(std::int64_t units, std::int64_t per_second) {
  const auto seconds = units / per_second;
  auto out =
      print("%02d:%02d:%02d", int(seconds / 3600), int(seconds / 60 % 60), int(seconds % 60));
  if (units % per_second == 0) return out;
  out += per_second == 1000000 ? print(".%06lld", (long long)(units % per_second))
                               : print(".%09lld", (long long)(units % per_second));
  while (out.back() == '0') out.pop_back();
  return out;
}

std::string instant_text(std::int64_t units, std::int64_t per_second) {
  const auto per_day = 86400 * per_second;
  const auto days = units / per_day - (units % per_day < 0 ? 1 : 0);
  return date_text(days) + " " + clock_text(units - days * per_day, per_second);
}

std::string decimal_text(__int128 value, int scale) {
  const bool negative = value < 0;
  std::string digits;
  for (auto rest = negative ? -value : value; rest != 0 || int(digits.size()) <= scale; rest /= 10)
    digits.insert(digits.begin(), char('0' + int(rest % 10)));
  if (scale > 0) digits.insert(digits.size() - std::size_t(scale), ".");
  return (negative ? "-" : "") + digits;
}

std::string bytes_of(const ArrowArray& array, std::int64_t row) {
  const auto* offsets = static_cast<const std::int32_t*>(array.buffers[1]) + array.offset;
  return {static_cast<const char*>(array.buffers[2]) + offsets[row],
          std::size_t(offsets[row + 1] - offsets[row])};
}

std::string text_of(const ArrowSchema& schema, const ArrowArray& array, std::int64_t row);

std::string list_text(const ArrowSchema& schema, const ArrowArray& array, std::int64_t row) {
  const auto* offsets = static_cast<const std::int32_t*>(array.buffers[1]) + array.offset;
  std::string out = "[";
  for (auto i = offsets[row]; i < offsets[row + 1]; ++i)
    out += (i > offsets[row] ? ", " : "") + text_of(*schema.children[0], *array.children[0], i);
  return out + "]";
}

std::string text_of(const ArrowSchema& schema, const ArrowArray& array, std::int64_t row) {
  if (is_null(array, row)) return "NULL";
  const std::string format = schema.format;
  if (format == "b") {
    const auto at = row + array.offset;
    return ((static_cast<const std::uint8_t*>(array.buffers[1])[at / 8] >> (at % 8)) & 1) != 0
               ? "true"
               : "false";
  }
  if (format == "c") return std::to_string(value<std::int8_t>(array, row));
  if (format == "C") return std::to_string(value<std::uint8_t>(array, row));
  if (format == "s") return std::to_string(value<std::int16_t>(array, row));
  if (format == "S") return std::to_string(value<std::uint16_t>(array, row));
  if (format == "i") return std::to_string(value<std::int32_t>(array, row));
  if (format == "I") return std::to_string(value<std::uint32_t>(array, row));
  if (format == "l") return std::to_string(value<std::int64_t>(array, row));
  if (format == "L") return std::to_string(value<std::uint64_t>(array, row));
  if (format == "f") return print("%.9g", double(value<float>(array, row)));
  if (format == "g") return print("%.17g", value<double>(array, row));
  if (format == "u" || format == "z") return bytes_of(array, row);
  if (format == "tdD") return date_text(value<std::int32_t>(array, row));
  if (format == "ttu") return clock_text(value<std::int64_t>(array, row), 1000000);
  if (format == "tsu:") return instant_text(value<std::int64_t>(array, row), 1000000);
  if (format == "tsu:UTC") return instant_text(value<std::int64_t>(array, row), 1000000) + "+00";
  if (format == "tsn:") return instant_text(value<std::int64_t>(array, row), 1000000000);
  if (format == "+l") return list_text(schema, array, row);
  if (format.starts_with("d:"))
    return decimal_text(value<__int128>(array, row),
                        std::stoi(format.substr(format.find(',') + 1)));
  return "no reader for " + format;
}

/// What is fetched, and what Arrow is to call it.
struct Case {
  std::string sql;
  std::string format;
  std::string text;  ///< the database's text of it; "": CAST AS VARCHAR
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"i % 2 = 0", "b", ""},
      {"(i - 100)::TINYINT", "c", ""},
      {"i::UTINYINT", "C", ""},
      {"(i * 100 - 9999)::SMALLINT", "s", ""},
      {"(i * 300)::USMALLINT", "S", ""},
      {"(i * 10000000 - 999999999)::INTEGER", "i", ""},
      {"(i * 20000000)::UINTEGER", "I", ""},
      {"(i * 40000000000000000 - 3999999999999999999)::BIGINT", "l", ""},
      {"i::UBIGINT * 90000000000000000", "L", ""},
      {"i::FLOAT / 4", "f", "printf('%.9g', (i::FLOAT / 4)::DOUBLE)"},
      {"i::DOUBLE / 8", "g", "printf('%.17g', i::DOUBLE / 8)"},
      {"(i - 50)::DECIMAL(4,1)", "d:4,1", ""},
      {"(i - 50.25)::DECIMAL(9,2)", "d:9,2", ""},
      {"(i * 1000 - 50.125)::DECIMAL(18,3)", "d:18,3", ""},
      {"(i - 0.5)::DECIMAL(38,10) * 1000000000", "d:38,10", ""},
      {"i::HUGEINT * 1000000000000000000000 - 7", "d:38,0", ""},
      {"'it''s ' || repeat('ü', i::INT % 5)", "u", ""},
      {"('a' || i)::BLOB", "z", "'a' || i"},
      {"DATE '1969-12-01' + i::INT", "tdD", ""},
      {"TIME '00:00:00.000001' + to_seconds(i * 400)", "ttu", ""},
      {"TIMESTAMP '1969-12-31 23:59:59.5' + to_minutes(i * 17)", "tsu:", ""},
      {"(TIMESTAMP '1969-12-31 23:59:59' + to_minutes(i * 17))::TIMESTAMP_S", "tsu:", ""},
      {"make_timestamp_ns(i * 1234567891 - 5000000000)", "tsn:", ""},
      {"TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_hours(i)", "tsu:UTC", ""},
      {"[i, NULL, i + 1]::BIGINT[]", "+l", ""},
      {"CASE WHEN i % 2 = 0 THEN [] ELSE range(i % 4) END::INTEGER[]", "+l", ""},
      {"[i, i]::SMALLINT[2]", "+l", ""},
      {"[i % 2 = 0, NULL]", "+l", ""},
      {"('w' || i % 3)::ENUM ('w0', 'w1', 'w2')", "u", ""},
      {"{'a': i, 'b': 'x'}", "u", ""},
      {"uuid()", "u", "'*'"},
  };
  return all;
}

}  // namespace

TEST_CASE("every type arrives in Arrow as the database writes it") {
  auto session = open();
  Parameters none;
  for (const auto& c : cases()) {
    CAPTURE(c.sql);
    const auto text = c.text.empty() ? "CAST(v AS VARCHAR)" : c.text;
    const auto sql = "SET TimeZone = 'UTC'; CREATE OR REPLACE TABLE t AS SELECT i, " + c.sql +
                     " AS v FROM range(200) r(i);";
    struct Quiet final : Observer {
      void on_diagnostic(const Diagnostic& d) override { UNSCOPED_INFO(d.message); }
    } quiet;
    REQUIRE(session.run(sql, quiet));
    // No CASE: DuckDB has none of arrays.
    auto rows = session.query("SELECT v, s FROM (SELECT i, v, " + text +
                              " AS s FROM t WHERE i % 7 <> 3 UNION ALL "
                              "SELECT i, NULL, 'NULL' FROM t WHERE i % 7 = 3) ORDER BY i");
    if (!rows) FAIL(rows.errors().front().message);
    ArrowSchema schema;
    REQUIRE(export_schema(rows->schema(), schema));
    CHECK(std::string(schema.children[0]->format) == c.format);
    CHECK(schema.children[0]->flags == ARROW_FLAG_NULLABLE);
    ColumnBatch batch;
    int seen = 0;
    while (*rows->next(batch)) {
      ArrowArray array;
      REQUIRE(export_batch(batch, array));
      batch = {};  // the array keeps what it needs
      for (std::int64_t r = 0; r < array.length; ++r, ++seen) {
        const auto wanted = text_of(*schema.children[1], *array.children[1], r);
        const auto got = text_of(*schema.children[0], *array.children[0], r);
        if (wanted != "*") CHECK(got == wanted);
      }
      array.release(&array);
    }
    CHECK(seen == 200);
    schema.release(&schema);
  }
}

TEST_CASE("intervals are nanoseconds in Arrow, or an error") {
  auto session = open();
  auto rows =
      session.query("SELECT INTERVAL '1 year 2 months 3 days 4 seconds' AS v, NULL::INTERVAL AS n");
  REQUIRE(rows);
  ColumnBatch batch;
  REQUIRE(*rows->next(batch));
  ArrowArray array;
  REQUIRE(export_batch(batch, array));
  struct {
    std::int32_t months, days;
    std::int64_t nanos;
  } got{};
  std::memcpy(&got, array.children[0]->buffers[1], sizeof got);
  CHECK(got.months == 14);
  CHECK(got.days == 3);
  CHECK(got.nanos == 4000000000);
  CHECK(is_null(*array.children[1], 0));
  array.release(&array);
  auto far = session.query("SELECT to_hours(1000000000) AS v");
  REQUIRE(far);
  REQUIRE(*far->next(batch));
  const auto done = export_batch(batch, array);
  REQUIRE_FALSE(done);
  CHECK(done.errors().front().code == Code::database_error);
}

TEST_CASE("buffers are shared with Arrow, not copied") {
  auto session = open();
  auto rows = session.query(
      "SELECT i, i::DOUBLE AS d, 'x' || i AS s, CASE WHEN i > 5 THEN i END AS n FROM range(3000) "
      "r(i)");
  REQUIRE(rows);
  ColumnBatch batch;
  REQUIRE(*rows->next(batch));
  ArrowArray array;
  REQUIRE(export_batch(batch, array));
  for (std::size_t c = 0; c < 4; ++c) {
    const auto& column = batch.columns[c];
    const auto& child = *array.children[c];
    CHECK(child.buffers[0] == (column.null_count > 0 ? column.validity.data() : nullptr));
    CHECK(child.buffers[child.n_buffers - 1] == column.values.data());
    if (c == 2) CHECK(child.buffers[1] == column.offsets.data());
  }
  CHECK(array.children[3]->null_count == 6);
  array.release(&array);
}

TEST_CASE("schemas carry the database's names of types, and are freed half made") {
  ArrowSchema schema;
  const Schema columns{
      {"a", {.kind = TypeKind::decimal, .precision = 5, .scale = 2, .sql_name = "DECIMAL(5,2)"}}};
  REQUIRE(export_schema(columns, schema));
  const std::string metadata(schema.children[0]->metadata, 4 + 4 + 10 + 4 + 12);
  CHECK(metadata.substr(8, 10) == "quern.type");
  CHECK(metadata.substr(22) == "DECIMAL(5,2)");
  schema.release(&schema);
  CHECK(schema.release == nullptr);
  REQUIRE(export_schema({}, schema));
  CHECK(schema.n_children == 0);
  schema.release(&schema);
}

TEST_CASE("what leaves through Arrow comes back the same") {
  auto session = open();
  for (const auto& c : cases()) {
    if (c.format == "tin") continue;
    CAPTURE(c.sql);
    auto rows =
        session.query("SELECT v FROM (SELECT i, " + c.sql +
                      " AS v FROM range(100) r(i) WHERE i % 5 <> 1 "
                      "UNION ALL SELECT i, NULL FROM range(100) r(i) WHERE i % 5 = 1) ORDER BY i");
    if (!rows) FAIL(rows.errors().front().message);
    ColumnBatch batch;
    REQUIRE(*rows->next(batch));
    ArrowSchema schema;
    ArrowArray array;
    REQUIRE(export_schema(rows->schema(), schema));
    REQUIRE(export_batch(batch, array));
    // A slice of the middle, that begins in the middle of a byte of the bitmap.
    array.offset = 13;
    array.length = 50;
    const auto back = import_batch(schema, array);
    REQUIRE(back);
    REQUIRE(back->batch.rows == 50);
    for (std::int64_t r = 0; r < 50; ++r)
      CHECK(format_value(back->batch.columns[0], r) == format_value(batch.columns[0], r + 13));
    array.release(&array);
    schema.release(&schema);
  }
}

TEST_CASE("layouts of other programs are read") {
  using tests::Building;
  Building words("u", {0, 3, 3, 6}, std::string("redblu"));
  Building codes("c", std::vector<std::int8_t>{2, 0, 1, 2});
  codes.schema.dictionary = &words.schema;
  codes.array.dictionary = &words.array;
  auto got = tests::import_one(codes);
  REQUIRE(got);
  CHECK(got->batch.columns[0].text(0) == "blu");
  CHECK(got->batch.columns[0].text(2).empty());
  codes.set(1, std::int8_t{7});
  CHECK(tests::import_one(codes).errors().front().code == Code::bad_model_call);

  Building large("U", std::vector<std::int64_t>{0, 1, 4}, std::string("abcd"));
  got = tests::import_one(large);
  REQUIRE(got);
  CHECK(got->batch.columns[0].text(1) == "bcd");

  Building elements("f", std::vector<float>{1, 2, 3, 4, 5, 6});
  Building fixed("+w:2", elements, 3);
  got = tests::import_one(fixed);
  REQUIRE(got);
  CHECK(format_value(got->batch.columns[0], 2) == "[5.0, 6.0]");
  CHECK(got->schema[0].type.size == 2);

  const std::vector<std::uint16_t> halves{0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00};
  Building half("e", halves);
  got = tests::import_one(half);
  REQUIRE(got);
  const auto floats = got->batch.columns[0].as<float>();
  CHECK(floats[0] == 1.0F);
  CHECK(floats[1] == -2.0F);
  CHECK(floats[2] == 5.9604644775390625e-8F);
  CHECK(floats[3] == 65504.0F);
  CHECK(floats[4] == std::numeric_limits<float>::infinity());

  Building seconds("tss:", std::vector<std::int64_t>{-1, 86400});
  got = tests::import_one(seconds);
  REQUIRE(got);
  CHECK(format_value(got->batch.columns[0], 0) == "1969-12-31 23:59:59");
  CHECK(format_value(got->batch.columns[0], 1) == "1970-01-02 00:00:00");
  Building millis("tdm", std::vector<std::int64_t>{-1, 86400000});
  got = tests::import_one(millis);
  REQUIRE(got);
  CHECK(format_value(got->batch.columns[0], 0) == "1969-12-31");
}

TEST_CASE("arrays that contradict themselves are refused") {
  using tests::Building;
  const auto refused = [](const Building& one, Code code, const std::string& words) {
    const auto got = tests::import_one(one);
    REQUIRE_FALSE(got);
    CHECK(got.errors().front().code == code);
    CHECK_THAT(got.errors().front().message, Catch::Contains(words));
  };
  refused(Building("u", {0, 5, 3}, std::string("abc")), Code::bad_model_call, "go backwards");
  refused(Building("u", {-1, 0, 1}, std::string("abc")), Code::bad_model_call, "go backwards");
  refused(Building("+m", std::vector<std::int64_t>{1}), Code::column_type, "+m");
  refused(Building("tDs", std::vector<std::int64_t>{1}), Code::column_type, "tDs");
  refused(Building("d:40,2", std::vector<std::int64_t>{1, 2}), Code::column_type, "d:40,2");
  refused(Building("d:9,2,256", std::vector<std::int64_t>{1, 2}), Code::column_type, "256");
  Building bare("l", std::vector<std::int64_t>{1, 2});
  bare.buffers[1] = nullptr;
  refused(bare, Code::bad_model_call, "no values");
  Building few("l", std::vector<std::int64_t>{1, 2});
  few.array.n_buffers = 1;
  refused(few, Code::bad_model_call, "lacks buffers");
  Building negative("l", std::vector<std::int64_t>{1, 2});
  negative.array.length = -1;
  refused(negative, Code::bad_model_call, "");
  Building elements("f", std::vector<float>{1, 2, 3});
  refused(Building("+w:2", elements, 3), Code::bad_model_call, "leave its elements");
  Building words("u", {0, 1}, std::string("a"));
  refused(Building("+w:1", words, 1), Code::column_type, "lists of text");
}
