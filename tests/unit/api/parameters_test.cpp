// Parameters on each database: what goes in comes out, whatever it is made of; a value never
// becomes a part of the statement. Server tests run where tests/servers started one.

#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>

#include "api/rows.hpp"
#include "tests/listener.h"

using namespace quern;

namespace {

Session open(const std::string& uri) {
  auto session = Session::open({.uri = uri});
  if (!session) FAIL(session.errors().front().message);
  return *std::move(session);
}

/// The first row's columns; fails the test where there is none.
std::vector<Column> first_row(Session& session, const std::string& text,
                              const Parameters& parameters) {
  auto rows = session.query(text, parameters);
  if (!rows) FAIL(rows.errors().front().message);
  ColumnBatch batch;
  const auto more = rows->next(batch);
  if (!more) FAIL(more.errors().front().message);
  REQUIRE(*more);
  return batch.columns;
}

std::string error_of(Session& session, const std::string& text, const Parameters& parameters) {
  const auto rows = session.query(text, parameters);
  if (rows) return "";
  const auto& first = rows.errors().front();
  return std::string(code_number(first.code)) + " " + std::to_string(first.span.begin) + " " +
         first.message;
}

/// Pieces that would matter if they were not quoted.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> pieces{"'",
                                               "''",
                                               "\"",
                                               "\\",
                                               "\\'",
                                               "--",
                                               "/*",
                                               "*/",
                                               ";",
                                               "$1",
                                               "$$",
                                               "?",
                                               ":v",
                                               "${v}",
                                               "`",
                                               "\n",
                                               "\t",
                                               "%",
                                               "_",
                                               "a",
                                               "ü",
                                               "漢",
                                               "\xF0\x9F\x8C\xBE",
                                               "' OR 1=1 --",
                                               "E'",
                                               "X'",
                                               "\\x41",
                                               "{",
                                               "}",
                                               "TO TRAIN",
                                               "\r",
                                               "\x01",
                                               "\x7F"};
  std::string out;
  for (auto n = random() % 12; n > 0; --n) out += pieces[random() % pieces.size()];
  return out;
}

double random_double(std::mt19937_64& random) {
  while (true) {
    const auto value = std::bit_cast<double>(random());
    if (std::isfinite(value)) return value;
  }
}

double as_double(const Column& column) {
  REQUIRE(column.type.kind == TypeKind::float64);
  return column.as<double>()[0];
}

void check_texts(Session& session, const std::string& mark) {
  std::mt19937 random(20261130);
  for (int i = 0; i < 300; ++i) {
    const auto text = random_text(random);
    CAPTURE(text);
    const auto columns = first_row(session, "SELECT " + mark + " AS v, 7 AS behind", {text});
    REQUIRE(is_bytes(columns[0].type.kind));
    CHECK(std::string(columns[0].text(0)) == text);
    CHECK(format_value(columns[1], 0) == "7");
  }
}

/// \param exact  false: the database itself rounds the last digit of some literals.
void check_numbers(Session& session, const std::string& mark, bool exact) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{42}, std::int64_t{-2147483649},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    CAPTURE(value);
    CHECK(format_value(first_row(session, "SELECT " + mark + " AS v", {value})[0], 0) ==
          std::to_string(value));
  }
  // A minus before a negative number is no comment.
  CHECK(format_value(first_row(session, "SELECT 5 -" + mark + " AS v", {std::int64_t{-3}})[0], 0) ==
        "8");
  std::mt19937_64 random(20261130);
  for (int i = 0; i < 300; ++i) {
    const double value = i < 3 ? i / 10.0 : random_double(random);
    CAPTURE(value);
    const auto got = as_double(first_row(session, "SELECT " + mark + " AS v", {value})[0]);
    CHECK((exact ? got == value : std::abs(got - value) <= std::abs(value) * 1e-15));
  }
}

void check_others(Session& session, const std::string& mark) {
  const std::string bytes("\0\1'\\\xFF\x80?", 7);
  const auto blob = first_row(session, "SELECT " + mark + " AS v", {Blob{bytes}});
  CHECK(blob[0].type.kind == TypeKind::blob);
  CHECK(std::string(blob[0].text(0)) == bytes);
  CHECK(first_row(session, "SELECT " + mark + " AS v", {Blob{}})[0].text(0).empty());
  CHECK(first_row(session, "SELECT " + mark + " AS v", {Parameter()})[0].is_null(0));
  CHECK(format_value(
            first_row(session, "SELECT CASE WHEN " + mark + " THEN 1 ELSE 2 END AS v", {true})[0],
            0) == "1");
  CHECK(format_value(
            first_row(session, "SELECT CASE WHEN " + mark + " THEN 1 ELSE 2 END AS v", {false})[0],
            0) == "2");
}

void check_database(const std::string& uri, const std::string& mark, bool exact = true) {
  auto session = open(uri);
  REQUIRE(session.set_variable("v", "not this"));
  check_texts(session, mark);
  check_numbers(session, mark, exact);
  check_others(session, mark);
  CHECK_THAT(error_of(session, "SELECT " + mark, {std::string("a\xFF")}), Catch::Contains("Q1002"));
}

}  // namespace

namespace {

/// Dates of the years 1000 to 9999, which every database keeps, and their last and first moments.
void check_dates(Session& session, const std::string& mark) {
  std::mt19937_64 random(11);
  std::vector<std::int32_t> days{-354285, 2932896, 0, -1};
  for (int i = 0; i < 40; ++i)
    days.push_back(static_cast<std::int32_t>(random() % 3287182) - 354285);
  for (const auto day : days) {
    const auto micros = day * 86400000000LL + static_cast<std::int64_t>(random() % 86400000000ULL);
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    CAPTURE(day, micros);
    const auto columns = first_row(session, "SELECT " + mark + " AS d", {DateValue{day}});
    if (columns[0].type.kind == TypeKind::date) {
      CHECK(columns[0].as<std::int32_t>()[0] == day);
      const auto time = first_row(session, "SELECT " + mark + " AS t", {TimestampValue{micros}});
      REQUIRE(time[0].type.kind == TypeKind::timestamp);
      CHECK(time[0].as<std::int64_t>()[0] == micros);
    } else {
      std::array<char, 32> text{};
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
      CHECK(columns[0].text(0) == text.data());
    }
  }
  CHECK_THAT(error_of(session, "SELECT " + mark, {DateValue{2932897}}),
             Catch::Contains("Q1008") && Catch::Contains("years 1 to 9999"));
  CHECK_THAT(error_of(session, "SELECT " + mark, {DateValue{-719163}}), Catch::Contains("Q1008"));
  const auto least = std::numeric_limits<std::int64_t>::min();
  CHECK_THAT(error_of(session, "SELECT " + mark, {TimestampValue{least}}),
             Catch::Contains("Q1008"));
}

void check_lists(Session& session, const std::string& mark) {
  const auto shown = [&](const ListValue& list, const std::string& type) {
    const auto text = "SELECT CAST(" + mark + " AS " + type + ") AS v";
    return format_value(first_row(session, text, {list})[0], 0);
  };
  const std::int64_t one = 1, two = -2;
  CHECK(shown({{one, std::monostate(), two}}, "INTEGER[]") == "[1, NULL, -2]");
  CHECK(shown({{0.5, -1e300}}, "DOUBLE PRECISION[]") == "[0.5, -1e+300]");
  const ListValue texts{{std::string("it's"), std::string("],\\ \""), std::monostate()}};
  const auto joined = "SELECT array_to_string(" + mark + ", '|') AS v";
  CHECK(format_value(first_row(session, joined, {texts})[0], 0) == "it's|],\\ \"");
  const ListValue dates{{DateValue{0}, DateValue{-1}}};
  CHECK(format_value(first_row(session, joined, {dates})[0], 0) == "1970-01-01|1969-12-31");
  CHECK(shown({}, "INTEGER[]") == "[]");
}

}  // namespace

TEST_CASE("parameters go through DuckDB") {
  check_database("duckdb::memory:", "?");
  auto session = open("duckdb::memory:");
  check_dates(session, "?");
  check_lists(session, "?");
}

TEST_CASE("parameters go through SQLite") {
  check_database("sqlite::memory:", "?", false);
  auto session = open("sqlite::memory:");
  check_dates(session, "?");
  CHECK_THAT(error_of(session, "SELECT ?", {ListValue{}}),
             Catch::Contains("Q1008") && Catch::Contains("no lists"));
  const std::string zero("a\0b", 3);
  CHECK(std::string(first_row(session, "SELECT ? AS v", {zero})[0].text(0)) == zero);
  CHECK(as_double(first_row(session, "SELECT ? AS v", {-INFINITY})[0]) == -INFINITY);
  CHECK_THAT(error_of(session, "SELECT ?", {NAN}),
             Catch::Contains("Q1008") && Catch::Contains("NaN"));
}

TEST_CASE("parameters go through PostgreSQL", "[.][postgres]") {
  const std::string uri = std::getenv("QUERN_TEST_POSTGRES");
  check_database(uri, "$1");
  auto session = open(uri);
  tests::Listener heard;
  REQUIRE(session.run("SET standard_conforming_strings = off", heard));
  check_texts(session, "$1");
  check_dates(session, "$1");
  check_lists(session, "$1");
  // Its operators of question marks stay what they are.
  const auto columns = first_row(
      session, "SELECT CASE WHEN '{\"a\": 1}'::jsonb ? $1 THEN 1 ELSE 2 END", {std::string("a")});
  CHECK(format_value(columns[0], 0) == "1");
  CHECK(std::isnan(as_double(first_row(session, "SELECT $1 AS v", {NAN})[0])));
}

TEST_CASE("parameters go through MariaDB", "[.][mysql]") {
  const std::string uri = std::getenv("QUERN_TEST_MYSQL");
  check_database(uri, "?");
  auto session = open(uri);
  tests::Listener heard;
  REQUIRE(session.run(
      "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES,ANSI_QUOTES')", heard));
  check_texts(session, "?");
  check_dates(session, "?");
  CHECK_THAT(error_of(session, "SELECT ?", {ListValue{}}), Catch::Contains("Q1008"));
  CHECK_THAT(error_of(session, "SELECT ?", {INFINITY}), Catch::Contains("Q1008"));
}

TEST_CASE("parameters are counted, and all are used") {
  auto session = open("duckdb::memory:");
  const Parameters two{std::int64_t{10}, std::int64_t{3}};
  CHECK(format_value(first_row(session, "SELECT $2 - $1 - $2 AS v", two)[0], 0) == "-10");
  CHECK(format_value(first_row(session, "SELECT ? - ? AS v -- ?", two)[0], 0) == "7");
  CHECK(format_value(first_row(session, "SELECT '?' || \"?\" FROM (SELECT ? + ? AS \"?\")", two)[0],
                     0) == "?13");
  CHECK(error_of(session, "SELECT ?", two)
            .starts_with("Q1008 18446744073709551615 parameter 2 is used nowhere"));
  CHECK(error_of(session, "SELECT ?, ?, ?", two)
            .starts_with("Q1007 13 parameter 3 has no value: 2 were given"));
  CHECK(error_of(session, "SELECT $0, $1, $2", two).starts_with("Q1007 7 parameter 0"));
  CHECK(error_of(session, "SELECT $99999999999999999999", two).starts_with("Q1007 7"));
  CHECK(error_of(session, "SELECT ?, $2", two).starts_with("Q1008 10 parameters are written both"));
  CHECK_THAT(error_of(session, "SELECT ?", {}), Catch::Contains("Q2001"));
  CHECK_THAT(error_of(session, "SELECT ?", {std::string("a\0b", 3)}), Catch::Contains("Q1008"));
  // An error of the database in a value points at its mark.
  CHECK_THAT(error_of(session, "SELECT 1 + CAST(? AS INT) FROM nowhere", {std::string("12345678")}),
             Catch::Contains("Q2001 31 "));
}

TEST_CASE("parameters stand in clauses of ours, too") {
  auto session = open("duckdb::memory:");
  tests::Listener heard;
  REQUIRE(session.run("CREATE TABLE t AS SELECT i AS a, i % 2 AS b FROM range(50) r(i)", heard));
  const std::string train =
      "SELECT * FROM t WHERE a > ? TO TRAIN xgboost.gbtree WITH num_round = ?, eta = ?, objective "
      "= ?, seed = ? LABEL b INTO m";
  const auto dry = [&](const Parameters& parameters) {
    heard = {};
    session.run(train, heard, {.dry_run = true, .parameters = parameters});
    return heard.errors.empty() ? std::string("ok") : std::string(code_number(heard.errors[0]));
  };
  const std::int64_t five = 5;
  CHECK(dry({-0.5, five, 0.25, std::string("binary:logistic"), five}) == "ok");
  CHECK(dry({-0.5, std::string("5"), 0.25, std::string("binary:logistic"), five}) == "Q1012");
  CHECK(dry({-0.5, -five, 0.25, std::string("binary:logistic"), five}) == "Q1013");
  CHECK(dry({-0.5, five, 0.25, std::string("binary:'logi\\stic"), five}) == "Q1013");
  CHECK(dry({-0.5, five, 0.25, Blob{"x"}, five}) == "Q1008");
  heard = {};
  session.run("SELECT * FROM t TO TRAIN xgboost.gbtree COLUMN BUCKET(a, ?) LABEL b INTO m", heard,
              {.dry_run = true, .parameters = {ListValue{{-0.5, five}}}});
  CHECK(heard.words.empty());
  CHECK(dry({-0.5, five, INFINITY, std::string("binary:logistic"), five}) == "Q1008");
}
