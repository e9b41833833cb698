// Times single rows through the API: `Model::predict_row` of models of 100, 1,000 and 500 trees
// over 28 numbers. The rows are others each time, so that no branch is learned; half of them wait
// in memory, as those of a program do. First the answer: each row's float must have the bits that
// TO PREDICT gives it. Exit status 1 where one has not, never because of a time.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "api/model.hpp"
#include "api/quern.hpp"

namespace {

using namespace quern;

constexpr std::size_t kFeatures = 28;
constexpr std::size_t kRows = 20000;
constexpr double kGoal = 1500;  // nanoseconds, of the first model

struct Shape {
  const char* name;
  int trees;
  int depth;
};
constexpr Shape kShapes[] = {{"A", 100, 6}, {"B", 1000, 6}, {"C", 500, 8}};

struct Rows final : Observer {
  std::vector<ColumnBatch> batches;
  bool failed = false;
  void on_schema(const Schema& /*schema*/) override { batches.clear(); }
  void on_batch(const ColumnBatch& batch) override { batches.push_back(batch); }
  void on_diagnostic(const Diagnostic& problem) override {
    if (problem.severity != Severity::error) return;
    std::fprintf(stderr, "%s\n", problem.message.c_str());
    failed = true;
  }
};

std::string table(const std::string& name, std::size_t rows) {
  std::string columns;
  for (std::size_t f = 0; f < kFeatures; ++f)
    columns += "random() * 2 - 1 + sin(i * 0.1) AS f" + std::to_string(f) + ", ";
  return "SELECT setseed(0.5); CREATE TABLE " + name +
         " AS SELECT *, f0 * f1 + f2 - f3 * f4 + sin(f5) * f6 + random() "
         "> 0.5 AS y FROM (SELECT " +
         columns + "i FROM range(" + std::to_string(rows) + ") r(i));";
}

/// One float for each row, as TO PREDICT gives it, behind the row's features.
std::vector<float> values_of(const std::vector<ColumnBatch>& batches, std::size_t column) {
  std::vector<float> out;
  for (const auto& batch : batches) {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      const auto& from = batch.columns[column];
      const auto at = static_cast<std::size_t>(r);
      out.push_back(from.type.kind == TypeKind::float32
                        ? from.as<float>()[at]
                        : static_cast<float>(from.as<double>()[at]));
    }
  }
  return out;
}

std::vector<RowValue> rows_of(const std::vector<ColumnBatch>& batches) {
  std::vector<RowValue> out;
  for (const auto& batch : batches) {
    for (std::size_t r = 0; r < static_cast<std::size_t>(batch.rows); ++r) {
      for (std::size_t f = 0; f < kFeatures; ++f)
        out.emplace_back(batch.columns[f].as<double>()[r]);
    }
  }
  return out;
}

/// Nanoseconds of each row.
std::vector<double> time_rows(const Model& model, const std::vector<RowValue>& rows) {
  std::vector<double> out;
  std::vector<float> answer(model.outputs());
  for (std::size_t r = 0; r + 1 <= rows.size() / kFeatures; ++r) {
    const auto begin = std::chrono::steady_clock::now();
    const bool done =
        model.predict_row(std::span(rows).subspan(r * kFeatures, kFeatures), answer).ok();
    const auto end = std::chrono::steady_clock::now();
    if (done) out.push_back(std::chrono::duration<double, std::nano>(end - begin).count());
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool same(const Model& model, const std::vector<RowValue>& rows,
          const std::vector<float>& expected) {
  std::vector<float> answer(model.outputs());
  for (std::size_t r = 0; r < expected.size(); ++r) {
    const auto row = std::span(rows).subspan(r * kFeatures, kFeatures);
    if (!model.predict_row(row, answer)) return false;
    if (std::memcmp(&answer[1], &expected[r], sizeof(float)) != 0) return false;
  }
  return true;
}

}  // namespace

int main() {
  auto session = Session::open({.uri = "duckdb::memory:"});
  Rows heard;
  if (!session || !session->run(table("train", 100000) + table("test", kRows), heard)) return 1;
  for (const auto& shape : kShapes) {
    const auto how =
        "SELECT * EXCLUDE (i) FROM train TO TRAIN xgboost.XGBClassifier WITH num_round = " +
        std::to_string(shape.trees) + ", max_depth = " + std::to_string(shape.depth) +
        ", split.method = none LABEL y INTO m; SELECT * EXCLUDE (i, y) FROM test TO PREDICT WITH "
        "predict.proba = true USING m";
    if (!session->run(how, heard)) return 1;
    const auto rows = rows_of(heard.batches);
    const auto expected = values_of(heard.batches, kFeatures + 3);
    const auto model = session->model("m");
    if (!model || expected.size() != kRows || !same(*model, rows, expected)) {
      std::fprintf(stderr, "%s: a row is not what TO PREDICT gives\n", shape.name);
      return 1;
    }
    time_rows(*model, rows);
    const auto times = time_rows(*model, rows);
    const auto at = [&](double share) {
      return times[static_cast<std::size_t>(share * (kRows - 1))];
    };
    std::printf("%s  %4d trees, depth %d   median %6.0f ns   p99 %6.0f ns", shape.name, shape.trees,
                shape.depth, at(0.5), at(0.99));
    if (shape.name[0] == 'A')
      std::printf("   (goal: at most %.0f ns, %s)", kGoal, at(0.5) <= kGoal ? "met" : "NOT met");
    std::printf("\n");
  }
  return 0;
}
