// Sessions of one process on one database: trainings under one name, readers while a table is
// replaced, a model that is dropped under a prediction. The real engine, and cancel() in each
// phase.

#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include "api/quern.hpp"
#include "tests/listener.h"

using namespace quern;
using tests::Canceller;
using tests::Listener;

namespace {

namespace fs = std::filesystem;

/// A folder with a database, which goes with the test.
class Home {
 public:
  Home() {
    auto name = (fs::temp_directory_path() / "quern-together-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~Home() { fs::remove_all(folder_); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  Session open() const {
    auto session =
        Session::open({.uri = "duckdb:" + (folder_ / "t.duckdb").string(), .threads = 1});
    if (!session) FAIL(session.errors().front().message);
    return *std::move(session);
  }

 private:
  fs::path folder_;
};

/// Runs a script that must succeed; its rows.
std::vector<std::vector<double>> run(Session& session, const std::string& sql) {
  Listener heard;
  const bool done = session.run(sql, heard);
  INFO(heard.words);
  CHECK(done);
  return heard.rows;
}

double number(Session& session, const std::string& sql) {
  const auto rows = run(session, "SELECT CAST((" + sql + ") AS DOUBLE) AS n");
  REQUIRE(rows.size() == 1);
  return rows[0][0];
}

const std::string kTable =
    "CREATE TABLE t AS SELECT i AS x, i % 13 AS z, i % 2 AS y FROM range(2000) r(i);";
/// A regression that gives `value` for every row, once rounded.
std::string train_constant(const std::string& name, int value) {
  return "SELECT x, z, " + std::to_string(value) +
         " + y / 10 AS w FROM t TO TRAIN xgboost.XGBRegressor WITH num_round = 30, eta = 1 LABEL w "
         "INTO " +
         name + ";";
}

}  // namespace

TEST_CASE("trainings of one name at once all get a version") {
  const Home home;
  auto first = home.open();
  run(first, kTable);
  constexpr int kSessions = 3;
  constexpr int kTrainings = 4;
  std::barrier together(kSessions);
  std::vector<std::string> errors(kSessions);
  std::vector<std::thread> threads;
  for (std::size_t s = 0; s < kSessions; ++s) {
    threads.emplace_back([&, s] {
      auto session = home.open();
      for (int i = 0; i < kTrainings; ++i) {
        Listener heard;
        together.arrive_and_wait();
        session.run("FROM t TO TRAIN xgboost.gbtree WITH num_round = 1 LABEL y INTO m", heard);
        errors[s] += heard.words;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& each : errors) CHECK(each == "");
  std::set<double> versions;
  for (const auto& row : run(first, "SELECT CAST(version AS BIGINT) FROM quern_models"))
    versions.insert(row[0]);
  REQUIRE(versions.size() == kSessions * kTrainings);
  CHECK(*versions.begin() == 1);
  CHECK(*versions.rbegin() == kSessions * kTrainings);
  for (const double v : versions) {
    const auto model = "m@" + std::to_string(static_cast<int>(v));
    CHECK(run(first, "SELECT x, z FROM t TO PREDICT USING " + model).size() == 2000);
  }
}

TEST_CASE("a reader sees the old predictions or the new ones, while they are replaced") {
  const Home home;
  auto writer = home.open();
  run(writer, kTable + train_constant("one", 1) + train_constant("two", 2) +
                  "SELECT x, z FROM t TO PREDICT p.guess USING one;");
  std::atomic<bool> done = false;
  int looks = 0;
  std::set<double> seen;
  std::vector<std::string> wrong;
  std::thread reader([&] {
    auto session = home.open();
    while (!done || looks == 0) {
      Listener heard;
      session.run(
          "SELECT count(*) AS n, round(min(guess))::DOUBLE AS a, round(max(guess))::DOUBLE AS b "
          "FROM p",
          heard);
      ++looks;
      if (!heard.errors.empty() || heard.rows.size() != 1) {
        wrong.push_back("fails: " + heard.words);
      } else if (heard.rows[0][0] != 2000 || heard.rows[0][1] != heard.rows[0][2]) {
        wrong.push_back("half: " + std::to_string(heard.rows[0][0]));
      } else {
        seen.insert(heard.rows[0][1]);
      }
    }
  });
  for (int i = 0; i < 10; ++i) {
    run(writer,
        "SELECT x, z FROM t TO PREDICT p.guess USING two;"
        "SELECT x, z FROM t TO PREDICT p.guess USING one;");
  }
  done = true;
  reader.join();
  CHECK(wrong == std::vector<std::string>());
  for (const double value : seen) CHECK((value == 1 || value == 2));
}

TEST_CASE("rows that are being fetched stay those of the table that was") {
  const Home home;
  auto writer = home.open();
  run(writer, kTable + train_constant("one", 1) + train_constant("two", 2) +
                  "SELECT t.x, t.z FROM t, range(20) TO PREDICT p.guess USING one;");
  auto reader = home.open();
  Listener heard;
  bool replaced = false;
  heard.on_rows = [&] {
    if (!std::exchange(replaced, true))
      run(writer, "SELECT x, z FROM t TO PREDICT p.guess USING two;");
  };
  CHECK(reader.run("SELECT round(guess)::DOUBLE AS g FROM p", heard));
  CHECK(heard.rows.size() == 40000);
  for (const auto& row : heard.rows) {
    if (row[0] != 1) FAIL("a row of the new table: " << row[0]);
  }
  CHECK(number(reader, "SELECT count(*) FROM p WHERE round(guess) = 2") == 2000);
}

TEST_CASE("a model that is dropped under a prediction is unknown, never half there") {
  const Home home;
  auto writer = home.open();
  const auto train = train_constant("m", 3);
  run(writer, kTable + train);
  std::atomic<bool> done = false;
  std::string words;  ///< of another error than unknown_model
  std::thread reader([&] {
    auto session = home.open();
    while (!done) {
      Listener heard;
      session.run("SELECT x, z FROM t LIMIT 10 TO PREDICT USING m", heard);
      for (const auto error : heard.errors) {
        if (error != Code::unknown_model) words = heard.words;
      }
    }
  });
  for (int i = 0; i < 20; ++i) run(writer, "DROP MODEL m; " + train);
  done = true;
  reader.join();
  CHECK(words == "");
}

TEST_CASE("a statement that is cancelled before it is described does nothing") {
  const Home home;
  auto session = home.open();
  run(session, kTable);
  for (const char* sql : {"CREATE TABLE u AS SELECT 1 AS x",
                          "FROM t TO TRAIN xgboost.gbtree WITH num_round = 1 LABEL y INTO m"}) {
    Listener heard;
    Canceller canceller(session);
    heard.on_begin = [&] { canceller.tell_and_wait(); };
    CHECK_FALSE(session.run(sql, heard));
    CHECK(heard.errors == std::vector{Code::cancelled});
  }
  CHECK(number(session, "SELECT count(*) FROM duckdb_tables()") == 1);
}

TEST_CASE("each phase is cancelled from another thread, and the session works on") {
  const Home home;
  auto session = home.open();
  run(session, kTable + train_constant("m", 1));
  const auto tables = number(session, "SELECT count(*) FROM duckdb_tables()");
  const std::string endless = "SELECT i AS x, i AS z, i % 2 AS y FROM range(1000000000000) r(i) ";
  struct Phase {
    Progress::Stage stage;
    std::string sql;
  };
  const std::vector<Phase> phases = {
      {Progress::Stage::scan, endless + "TO TRAIN xgboost.gbtree LABEL y INTO n"},
      {Progress::Stage::scan,
       "FROM t TO TRAIN xgboost.gbtree WITH validation.select = '" + endless + "' LABEL y INTO n"},
      {Progress::Stage::train,
       "FROM t TO TRAIN xgboost.gbtree WITH num_round = 1000000 LABEL y INTO n"},
      {Progress::Stage::evaluate, endless + "TO EVALUATE m LABEL y"},
      {Progress::Stage::predict, endless + "TO PREDICT p.guess USING m"},
      {Progress::Stage::explain, endless + "TO EXPLAIN m INTO why"},
  };
  for (const auto& phase : phases) {
    INFO(phase.sql);
    Listener heard;
    Canceller canceller(session);
    bool reached = false;
    heard.on_step = [&](const Progress& progress) {
      if (progress.stage != phase.stage) return;
      reached = true;
      canceller.tell();
    };
    CHECK_FALSE(session.run(phase.sql, heard));
    CHECK(reached);
    CHECK(heard.errors == std::vector{Code::cancelled});
    CHECK(number(session, "SELECT count(*) FROM duckdb_tables()") == tables);
    CHECK(number(session, "SELECT count(*) FROM quern_models") == 1);
  }
}
