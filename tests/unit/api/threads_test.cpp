// Several threads in the library: sessions side by side, and cancel() from beside a session, which
// is the one member that other threads may call. Worth most under ThreadSanitizer.

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <thread>

#include "api/quern.hpp"
#include "tests/listener.h"

using namespace quern;
using tests::Canceller;
using tests::Listener;

namespace {

const std::string kTable = "CREATE TABLE t AS SELECT i AS a, i % 7 AS b, i * 2.0 AS y FROM range(";
const std::string kTrain = " SELECT * FROM t TO TRAIN xgboost.gbtree WITH num_round = ";

std::string script(int rows, int rounds) {
  return kTable + std::to_string(rows) + ") r(i);" + kTrain + std::to_string(rounds) +
         ", split.method = none, objective = 'reg:squarederror' LABEL y INTO m;";
}

Session open() {
  auto session = Session::open({.uri = "duckdb::memory:", .threads = 2});
  if (!session) FAIL(session.errors().front().message);
  return *std::move(session);
}

/// The last number of the last row.
double last(const Listener& heard) {
  return heard.rows.empty() || heard.rows.back().empty() ? 0 : heard.rows.back().back();
}

/// Trains, predicts into a table, and gives the mean of the predictions.
double mean_prediction(int rows) {
  auto session = open();
  Listener heard;
  session.run(script(rows, 3) +
                  "SELECT a, b FROM t TO PREDICT p.guess USING m;"
                  "SELECT * FROM t TO EVALUATE m INTO e;"
                  "SELECT CAST(avg(guess) AS DOUBLE) AS g FROM p;",
              heard);
  return heard.errors.empty() ? last(heard) : -1;
}

/// Runs a script that is cancelled at `when`; what it failed with.
enum class When : std::uint8_t { training, rows };
std::vector<Code> run_cancelled(Session& session, const std::string& text, When when) {
  Listener heard;
  Canceller canceller(session);
  heard.on_rows = [&] {
    if (when == When::rows) canceller.tell();
  };
  heard.on_step = [&](const Progress& progress) {
    if (when == When::training && progress.stage == Progress::Stage::train) canceller.tell();
  };
  CHECK_FALSE(session.run(text, heard));
  return heard.errors;
}

/// The one number of a query.
double number(Session& session, const std::string& sql) {
  Listener heard;
  CHECK(session.run("SELECT CAST((" + sql + ") AS DOUBLE) AS n", heard));
  return last(heard);
}

const std::vector<Code> kCancelled = {Code::cancelled};

}  // namespace

TEST_CASE("sessions side by side train and predict as each would alone") {
  std::vector<double> means(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < means.size(); ++i) {
    threads.emplace_back([&, i] { means[i] = mean_prediction(1001 + 5000 * static_cast<int>(i)); });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < means.size(); ++i)
    CHECK(means[i] == Approx(1000 + 5000 * static_cast<double>(i)).epsilon(1e-6));
}

TEST_CASE("a training that another thread cancels stores nothing, and the session goes on") {
  auto session = open();
  CHECK(run_cancelled(session, script(100, 1000000), When::training) == kCancelled);
  CHECK(number(session, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'quern_models'") ==
        0);
  Listener heard;
  CHECK(session.run("DROP TABLE t;" + script(100, 2), heard));
}

TEST_CASE("a query and a prediction are cancelled while they give rows") {
  auto session = open();
  Listener heard;
  REQUIRE(session.run(script(100, 2), heard));
  CHECK(run_cancelled(session, "SELECT i, i * 1.0 FROM range(1000000000000) r(i)", When::rows) ==
        kCancelled);
  CHECK(run_cancelled(session,
                      "SELECT i AS a, i AS b FROM range(1000000000000) r(i) TO PREDICT USING m",
                      When::rows) == kCancelled);
  CHECK(number(session, "SELECT count(*) FROM t") == 100);
}

TEST_CASE("requests to cancel meet a session that changes its connections") {
  auto session = open();
  std::atomic<bool> done = false;
  std::atomic<int> pause = 0;  // so that runs come further and further
  std::thread beside([&] {
    while (!done) {
      for (int i = pause; i > 0; --i) std::this_thread::yield();
      session.cancel();
    }
  });
  for (int i = 0; i < 20; ++i) {
    pause = 1 << i;
    Listener heard;
    const auto other = "other" + std::to_string(i);  // a run that is cancelled leaves its own
    session.run(
        "ATTACH 'duckdb::memory:' AS " + other + "; USE " + other + "; SELECT 1; DETACH " + other +
            "; SET quern.model_store = 'duckdb::memory:'; SET quern.model_store = 'default'",
        heard, {.keep_going = true});
    for (const auto problem : heard.errors) CHECK(problem == Code::cancelled);
  }
  done = true;
  beside.join();
  CHECK(number(session, "SELECT 7") == 7);
}
