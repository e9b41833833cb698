// The engine against its interface: determinism, pages, validation, cancelling, and what it says
// when something is wrong.

#include "runtime/engines/xgboost/xgboost_engine.h"

#include <catch2/catch.hpp>
#include <limits>

#include "random_training.h"

namespace quern::test {
namespace {

using runtime::RoundReport;
using runtime::TrainTask;

/// 400 rows of three features, the last one a category; labels follow from them.
struct Table {
  Rows rows{400, 3, {}};
  std::vector<float> labels;

  explicit Table(unsigned seed = 5) {
    std::mt19937 random(seed);
    for (int i = 0; i < 400; ++i) {
      const float a = static_cast<float>(random() % 1000) / 100;
      const float b = random() % 7 == 0 ? std::numeric_limits<float>::quiet_NaN() : a * 2;
      const float c = static_cast<float>(random() % 40);
      rows.values.insert(rows.values.end(), {a, b, c});
      labels.push_back((a > 5) != (static_cast<int>(c) % 3 == 0) ? 1 : 0);
    }
  }
  MemoryPages pages(std::int64_t page_rows) const { return {rows, labels, {}, page_rows}; }
};

TrainTask task_of(runtime::PageSource& pages) {
  TrainTask task;
  task.train = &pages;
  task.feature_names = {"a", "b", "c"};
  task.feature_kinds = {runtime::FeatureKind::number, runtime::FeatureKind::number,
                        runtime::FeatureKind::category};
  task.params = {{"objective", "binary:logistic"}, {"max_depth", "4"}, {"seed", "7"}};
  return task;
}

Result<runtime::TrainedModel> train(const TrainTask& task, const CancelToken& cancel = {}) {
  return runtime::make_xgboost_engine()->train(task, cancel, {});
}

const Diagnostic& error_of(const Result<runtime::TrainedModel>& result) {
  REQUIRE_FALSE(result.ok());
  return result.errors().front();
}

TEST_CASE("the same training gives the same bytes") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table;
  for (const auto* extra : {"hist", "approx", "exact"}) {
    for (const auto* booster : {"gbtree", "dart"}) {
      auto pages = table.pages(64);
      auto task = task_of(pages);
      task.params.insert(task.params.end(), {{"tree_method", extra},
                                             {"booster", booster},
                                             {"subsample", "0.8"},
                                             {"rate_drop", "0.3"}});
      if (std::string(extra) == "exact") task.feature_kinds.clear();
      if (std::string(booster) == "gbtree") task.params.pop_back();
      const auto first = train(task);
      const auto second = train(task);
      INFO(extra << " " << booster);
      if (!first) FAIL(first.errors().front().message);
      CHECK(first->warnings.empty());
      CHECK(first->payload == second->payload);
    }
  }
}

TEST_CASE("one page and many pages give the same bytes") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table;
  auto one = table.pages(400);
  auto many = table.pages(37);
  const auto a = train(task_of(one));
  const auto b = train(task_of(many));
  REQUIRE((a.ok() && b.ok()));
  CHECK(a->payload == b->payload);
  CHECK(a->format == "xgboost.ubj");
  CHECK(a->library.rfind("XGBoost ", 0) == 0);
}

/// Pages that can be read no more once they are shut.
class ShutPages : public runtime::PageSource {
 public:
  explicit ShutPages(runtime::PageSource& pages) : pages_(pages) {}
  std::int64_t rows() const override { return pages_.rows(); }
  std::int32_t features() const override { return pages_.features(); }
  void rewind() override { pages_.rewind(); }
  Result<bool> next(runtime::PageView& page) override {
    if (shut) return Diagnostic{Code::internal, "the pages are read again"};
    return pages_.next(page);
  }
  bool shut = false;

 private:
  runtime::PageSource& pages_;
};

TEST_CASE("what was kept of rows gives the bytes that the rows give, and they are not read again") {
  QUERN_REQUIRE_XGBOOST(oracle);
  for (unsigned seed = 0; seed < 40; ++seed) {
    auto training = seed % 4 == 3 ? random_linear_training(seed) : random_training(seed);
    INFO(training.description);
    const auto fresh = train(training.task);
    if (!fresh) FAIL(fresh.errors().front().message);
    ShutPages pages(*training.pages);
    training.task.train = &pages;
    training.task.kept = runtime::make_xgboost_engine()->keep_rows();
    auto other = training.task;
    other.rounds = 2;
    other.params.emplace_back("eta", "0.05");
    other.params.emplace_back("lambda", "3");
    REQUIRE(train(other));
    pages.shut = true;
    const auto again = train(training.task);
    if (!again) FAIL(again.errors().front().message);
    CHECK(again->payload == fresh->payload);
  }
}

TEST_CASE("rows that are kept are made anew for another number of bins") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table;
  auto pages = table.pages(64);
  auto task = task_of(pages);
  task.kept = runtime::make_xgboost_engine()->keep_rows();
  for (const char* bins : {"4", "8", "16", "32", "64", "4", "64"}) {
    task.params.emplace_back("max_bin", bins);
    auto plain = task;
    plain.kept = nullptr;
    const auto kept = train(task);
    const auto fresh = train(plain);
    REQUIRE((kept.ok() && fresh.ok()));
    CHECK(kept->payload == fresh->payload);
    task.params.pop_back();
  }
}

TEST_CASE("every round is reported, with both data sets") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table(5);
  const Table other(6);
  auto pages = table.pages(100);
  auto validation = other.pages(90);
  auto task = task_of(pages);
  task.validation = &validation;
  task.rounds = 4;
  task.params.insert(task.params.end(), {{"eval_metric", "logloss"}, {"eval_metric", "error@0.7"}});
  std::vector<RoundReport> seen;
  const auto model = runtime::make_xgboost_engine()->train(
      task, {}, [&](const RoundReport& report) { seen.push_back(report); });
  if (!model) FAIL(model.errors().front().message);
  REQUIRE(seen.size() == 4);
  REQUIRE(model->history.size() == 4);
  CHECK(seen[3].round == 4);
  CHECK(seen[3].rounds == 4);
  REQUIRE(seen[0].metrics.size() == 4);
  CHECK(seen[0].metrics[0].data == "train");
  CHECK(seen[0].metrics[0].metric == "logloss");
  CHECK(seen[0].metrics[3].data == "validation");
  CHECK(seen[0].metrics[3].metric == "error@0.7");
  CHECK(seen[3].metrics[0].value < seen[0].metrics[0].value);
  CHECK(seen[3].metrics[0].value > 0);
}

TEST_CASE("a request to stop is seen between rounds") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table;
  auto pages = table.pages(100);
  auto task = task_of(pages);
  const CancelToken cancel;
  int rounds = 0;
  const auto stop_after_two = [&](const RoundReport&) {
    if (++rounds == 2) cancel.request();
  };
  const auto stopped = runtime::make_xgboost_engine()->train(task, cancel, stop_after_two);
  CHECK(error_of(stopped).code == Code::cancelled);
  CHECK(rounds == 2);
  CHECK(error_of(train(task, cancel)).code == Code::cancelled);  // seen while pages are read
}

TEST_CASE("the library's complaints come back clean") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table;
  auto pages = table.pages(100);
  const std::pair<const char*, const char*> wrong[] = {
      {"eta", "fast"},         {"objective", "no:such"}, {"max_depth", "-3"},
      {"tree_method", "best"}, {"max_bin", "many"},      {"objective", "multi:softprob"}};
  for (const auto& [name, value] : wrong) {
    auto task = task_of(pages);
    task.params.emplace_back(name, value);
    const auto result = train(task);
    INFO(name << "=" << value);
    const auto& error = error_of(result);
    CHECK(error.code == Code::engine_failed);
    CHECK(error.message.find("Stack trace") == std::string::npos);
    CHECK(error.message.find(".cc:") == std::string::npos);
    CHECK(error.message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a parameter that nobody uses is a warning in the model") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table;
  auto pages = table.pages(100);
  auto task = task_of(pages);
  task.params.emplace_back("max_dept", "3");
  const auto model = train(task);
  REQUIRE(model.ok());
  REQUIRE(model->warnings.size() == 1);
  CHECK(model->warnings[0].find("max_dept") != std::string::npos);
}

/// Fails, or throws, at its second page.
class FailingPages : public MemoryPages {
 public:
  FailingPages(const Table& table, bool throws)
      : MemoryPages(table.rows, table.labels, {}, 50), throws_(throws) {}
  Result<bool> next(runtime::PageView& page) override {
    if (++count_ < 2) return MemoryPages::next(page);
    if (throws_) throw std::runtime_error("thrown by a page");
    return Diagnostic{Code::database_error, "connection lost"};
  }

 private:
  bool throws_;
  int count_ = 0;
};

TEST_CASE("a page's failure comes back as it is") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table;
  for (const auto* method : {"hist", "approx"}) {
    FailingPages failing(table, false);
    auto task = task_of(failing);
    task.params.emplace_back("tree_method", method);
    CHECK(error_of(train(task)).code == Code::database_error);
    FailingPages throwing(table, true);
    task.train = &throwing;
    CHECK(error_of(train(task)).message == "thrown by a page");
  }
}

TEST_CASE("no rows are refused, which the library would take") {
  QUERN_REQUIRE_XGBOOST(oracle);
  Table table;
  table.rows.rows = 0;
  auto pages = table.pages(10);
  CHECK(error_of(train(task_of(pages))).code == Code::no_rows);
}

TEST_CASE("exact refuses categories, which the library would take for numbers") {
  QUERN_REQUIRE_XGBOOST(oracle);
  const Table table;
  auto pages = table.pages(100);
  auto task = task_of(pages);
  task.params.emplace_back("tree_method", "exact");
  CHECK(error_of(train(task)).message.find("feature c ") != std::string::npos);
}

}  // namespace
}  // namespace quern::test
