// Several threads in the library: sessions side by side, and cancel() from beside a session, which
// is the one member that other threads may call. Worth most under ThreadSanitizer.

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "api/quern.hpp"

using namespace quern;

namespace {

const std::string kTable = "CREATE TABLE t AS SELECT i AS a, i % 7 AS b, i * 2.0 AS y FROM range(";
const std::string kTrain = " SELECT * FROM t TO TRAIN xgboost.gbtree WITH num_round = ";

std::string script(int rows, int rounds) {
  return kTable + std::to_string(rows) + ") r(i);" + kTrain + std::to_string(rounds) +
         ", split.method = none, objective = 'reg:squarederror' LABEL y INTO m;";
}

/// Keeps the problems and the last row's last number, and calls back from the running thread.
struct Listener final : Observer {
  std::vector<Code> problems;
  double last = 0;
  std::function<void()> hear_progress = [] {};
  std::function<void()> hear_batch = [] {};

  void on_diagnostic(const Diagnostic& problem) override {
    if (problem.severity == Severity::error) problems.push_back(problem.code);
  }
  void on_progress(const Progress& progress) override {
    if (progress.stage == Progress::Stage::train) hear_progress();
  }
  void on_batch(const ColumnBatch& batch) override {
    const auto& column = batch.columns.back();
    if (column.type.kind == TypeKind::float64) last = column.as<double>().back();
    hear_batch();
  }
};

Session open() {
  auto session = Session::open({.uri = "duckdb::memory:", .threads = 2});
  if (!session) FAIL(session.errors().front().message);
  return *std::move(session);
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
  return heard.problems.empty() ? heard.last : -1;
}

/// A thread that cancels once, when it is told to.
class Canceller {
 public:
  explicit Canceller(Session& session)
      : thread_([this, &session] {
          told_.wait(false);
          session.cancel();
        }) {}
  ~Canceller() {
    tell();
    thread_.join();
  }
  void tell() {
    told_ = true;
    told_.notify_one();
  }

 private:
  std::atomic<bool> told_ = false;
  std::thread thread_;
};

/// Runs a script that is cancelled when it says `when`; what it failed with.
std::vector<Code> run_cancelled(Session& session, const std::string& text,
                                std::function<void()> Listener::*when) {
  Listener heard;
  Canceller canceller(session);
  heard.*when = [&] { canceller.tell(); };
  CHECK_FALSE(session.run(text, heard));
  return heard.problems;
}

/// The one number of a query.
double number(Session& session, const std::string& sql) {
  Listener heard;
  CHECK(session.run("SELECT CAST((" + sql + ") AS DOUBLE) AS n", heard));
  return heard.last;
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
  CHECK(run_cancelled(session, script(100, 1000000), &Listener::hear_progress) == kCancelled);
  CHECK(number(session, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'quern_models'") ==
        0);
  Listener heard;
  CHECK(session.run("DROP TABLE t;" + script(100, 2), heard));
}

TEST_CASE("a query and a prediction are cancelled while they give rows") {
  auto session = open();
  Listener heard;
  REQUIRE(session.run(script(100, 2), heard));
  CHECK(run_cancelled(session, "SELECT i, i * 1.0 FROM range(1000000000000) r(i)",
                      &Listener::hear_batch) == kCancelled);
  CHECK(run_cancelled(session,
                      "SELECT i AS a, i AS b FROM range(1000000000000) r(i) TO PREDICT USING m",
                      &Listener::hear_batch) == kCancelled);
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
    for (const auto problem : heard.problems) CHECK(problem == Code::cancelled);
  }
  done = true;
  beside.join();
  CHECK(number(session, "SELECT 7") == 7);
}
