// The pipeline of networks about an engine that does as it is told: what is reported, stored and
// left behind when a training ends early or badly. fake_networks.cpp takes the place of LibTorch.

#include <catch2/catch.hpp>

#include "api/model.hpp"
#include "api/quern.hpp"
#include "tests/listener.h"
#include "tests/unit/api/fake_networks.h"

using namespace quern;
using tests::Canceller;
using tests::fake_networks;
using tests::Listener;

namespace {

const std::string kTrain =
    "SELECT i AS a, i * 2.0 AS y FROM range(100) r(i) TO TRAIN LinearRegressor WITH ";

Session open() {
  fake_networks() = {};
  auto session = Session::open({.uri = "duckdb::memory:", .threads = 2});
  if (!session) FAIL(session.errors().front().message);
  return *std::move(session);
}

std::string train(const std::string& attributes) {
  return kTrain + "standardize = false, " + attributes + " LABEL y INTO m;";
}

double number(Session& session, const std::string& sql) {
  Listener heard;
  CHECK(session.run("SELECT CAST((" + sql + ") AS DOUBLE) AS n", heard));
  return heard.rows.empty() ? -1 : heard.rows.back().back();
}

bool has_table(Session& session, const std::string& name) {
  return number(session, "SELECT count(*) FROM duckdb_tables() WHERE table_name = '" + name + "'") >
         0;
}

}  // namespace

TEST_CASE("a network is stored as the engine gave it, its labels back in their own unit") {
  auto session = open();
  Listener heard;
  REQUIRE(session.run(train("train.epoch = 3, split.method = none") +
                          "SELECT 1 AS a, 0 AS y TO PREDICT p.guess USING m;",
                      heard));
  // Labels are learned less their mean 99, in deviations of sqrt((100^2 - 1) / 12) * 2 = 57.7321.
  CHECK(number(session, "SELECT guess FROM p") == Approx(99 + 57.7321 * (3 + 3)).epsilon(1e-5));
}

TEST_CASE("a network's training that is cancelled stores nothing, and the session goes on") {
  auto session = open();
  Listener heard;
  Canceller canceller(session);
  heard.on_step = [&](const Progress& progress) {
    if (progress.stage == Progress::Stage::train) canceller.tell();
  };
  CHECK_FALSE(session.run(train("train.epoch = 1000000"), heard));
  CHECK(heard.errors == std::vector<Code>{Code::cancelled});
  CHECK_FALSE(has_table(session, "quern_models"));
  Listener again;
  CHECK(session.run(train("train.epoch = 2"), again));
}

TEST_CASE("an engine that fails midway ends the statement with its words") {
  auto session = open();
  fake_networks().fails_in = 2;
  Listener heard;
  CHECK_FALSE(session.run(train("train.epoch = 5"), heard));
  CHECK(heard.errors == std::vector<Code>{Code::engine_failed});
  CHECK_FALSE(has_table(session, "quern_models"));
}

TEST_CASE("folds and trials that fail end as one training does, or are counted") {
  auto session = open();
  fake_networks().fails_in = 3;
  Listener heard;
  CHECK_FALSE(session.run(train("train.epoch = 5, split.method = kfold, split.folds = 3"), heard));
  CHECK(heard.errors == std::vector<Code>{Code::engine_failed});
  Listener search;
  CHECK(session.run(train("train.epoch = CHOICE(2, 5)"), search));
  CHECK(number(session, "SELECT count(*) FROM quern_trials WHERE state = 'failed'") == 1);
  CHECK(number(session, "SELECT count(*) FROM quern_models") == 1);
}

TEST_CASE("a loss that is no number is told, stored as NULL, and no trial's value") {
  auto session = open();
  fake_networks().nan_in = 2;
  Listener heard;
  CHECK(session.run(train("train.epoch = 2, split.eval = 0.2"), heard));
  CHECK(number(session,
               "SELECT count(*) FROM quern_models WHERE manifest LIKE "
               "'%\"metric\":\"loss\",\"round\":2,\"value\":null%'") == 1);
  Listener search;
  CHECK(session.run(train("train.epoch = CHOICE(2, 3)"), search));
  CHECK(number(session, "SELECT count(*) FROM quern_trials WHERE state = 'failed'") == 1);
}

TEST_CASE("a row alone and rows in columns are answered as TO PREDICT does it") {
  auto session = open();
  Listener heard;
  REQUIRE(
      session.run("CREATE TABLE t AS SELECT i AS a, chr(65 + (i % 5)::INT) AS c, i % 3 AS y FROM "
                  "range(60) r(i);"
                  "SELECT * FROM t TO TRAIN DNNClassifier WITH train.epoch = 1, model.hidden_units "
                  "= [4] LABEL y "
                  "INTO m;"
                  "CREATE TABLE q AS SELECT * FROM (VALUES (3.0, 'A'), (NULL, 'E'), (77.0, NULL), "
                  "(-1.0, 'new')) "
                  "v(a, c);"
                  "SELECT * FROM q TO PREDICT p.guess WITH predict.proba = true USING m;",
                  heard));
  Listener wanted;
  REQUIRE(session.run(
      "SELECT guess_prob_0::DOUBLE, guess_prob_1::DOUBLE, guess_prob_2::DOUBLE FROM p", wanted));
  auto model = session.model("m");
  REQUIRE(model.ok());
  REQUIRE(model->outputs() == 3);
  const std::vector<std::vector<RowValue>> rows{
      {3.0, "A"}, {RowValue(), "E"}, {77.0, RowValue()}, {-1.0, "new"}};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<float> out(3);
    REQUIRE(model->predict_row(rows[r], out).ok());
    for (std::size_t c = 0; c < out.size(); ++c)
      CHECK(static_cast<double>(out[c]) == wanted.rows[r][c]);
  }
}

TEST_CASE("a label of several numbers is so many floats of a row, and a list in columns") {
  auto session = open();
  Listener heard;
  REQUIRE(session.run(
      "CREATE TABLE t AS SELECT i AS a, [i * 2.0, 5.0 - i, 1.0] AS y FROM range(60) r(i);"
      "SELECT * FROM t TO TRAIN LinearRegressor WITH model.label_dimension = 3, train.epoch = 1 "
      "LABEL "
      "y INTO m; SELECT 3 AS a TO PREDICT p.guess USING m;",
      heard));
  Listener wanted;
  REQUIRE(
      session.run("SELECT guess[1]::DOUBLE, guess[2]::DOUBLE, guess[3]::DOUBLE FROM p", wanted));
  auto model = session.model("m");
  REQUIRE(model.ok());
  REQUIRE(model->outputs() == 3);
  CHECK(model->classes().empty());
  std::vector<float> out(3);
  const std::vector<RowValue> row{3.0};
  REQUIRE(model->predict_row(row, out).ok());
  for (std::size_t k = 0; k < 3; ++k) CHECK(static_cast<double>(out[k]) == wanted.rows[0][k]);
  std::vector<float> two(2);
  CHECK(model->predict_row(row, two).errors().front().code == Code::bad_model_call);

  CHECK(model->output().front().type.kind == TypeKind::list);
  const Column column{.type = {.kind = TypeKind::float64},
                      .length = 2,
                      .values = Buffer::own(std::vector<double>{3, 4})};
  const auto batch =
      model->predict({{"a", column.type}}, ColumnBatch{.rows = 2, .columns = {column}});
  REQUIRE(batch.ok());
  const auto& lists = batch->columns.front();
  CHECK(lists.list_size(1) == 3);
  CHECK(lists.elements->as<float>()[1] == out[1]);
}

TEST_CASE(
    "blocks of rows are a sixteenth of the memory that the session has set, and 256 MiB at most") {
  auto session = open();
  Listener heard;
  REQUIRE(session.run(train("train.epoch = 1, split.method = none"), heard));
  REQUIRE(session.run("SET memory_limit = '1GiB';" + train("train.epoch = 1, split.method = none"),
                      heard));
  REQUIRE(fake_networks().buffers.size() == 2);
  CHECK(fake_networks().buffers[0] == std::int64_t{256} << 20);
  CHECK(static_cast<double>(fake_networks().buffers[1]) == Approx(1 << 26).epsilon(0.02));
}
