// Scores 100,000 rows of 28 numbers with forests that XGBoost trained on histograms: A has 100
// trees of depth 6, B 1,000 of depth 6, C 500 of depth 8. One core; rows lie in columns for the
// kernel, and in rows for XGBoost's in-place prediction, as each likes them best. First the margins
// must be equal in every bit; then both run alternately. score_speed [SHAPE [SET]]: only that one.

#include <xgboost/c_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "codegen/forest/ready_model.h"

namespace {

using namespace quern;
using codegen::VectorSet;

constexpr std::int64_t kRows = 100000;
constexpr std::int64_t kTrainingRows = 40000;
constexpr std::int32_t kFeatures = 28;
constexpr int kRuns = 5;

void check(int status) {
  if (status == 0) return;
  std::fprintf(stderr, "%s\n", XGBGetLastError());
  std::exit(1);
}

double seconds_of(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct Shape {
  const char* name;
  int trees;
  int depth;
  double goals[3];  ///< of portable, AVX2 and AVX-512, as times XGBoost's speed; 0: none
};

/// Row-major values, some missing.
std::vector<float> make_rows(std::int64_t rows, unsigned seed) {
  std::mt19937 dice(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(static_cast<std::size_t>(rows * kFeatures));
  for (auto& value : out) value = dice() % 50 == 0 ? NAN : normal(dice);
  return out;
}

std::vector<float> labels_of(const std::vector<float>& rows) {
  std::vector<float> out;
  for (std::size_t at = 0; at < rows.size(); at += kFeatures) {
    float sum = 0;
    for (int f = 0; f < kFeatures; ++f) {
      const float x = std::isnan(rows[at + static_cast<std::size_t>(f)])
                          ? 0.3F
                          : rows[at + static_cast<std::size_t>(f)];
      sum += std::sin(x * static_cast<float>(f % 5 + 1)) + x * rows[at] * 0.1F;
    }
    out.push_back(std::isnan(sum) ? 0 : sum);
  }
  return out;
}

BoosterHandle train(const Shape& shape) {
  const auto rows = make_rows(kTrainingRows, 1);
  const auto labels = labels_of(rows);
  DMatrixHandle matrix = nullptr;
  check(XGDMatrixCreateFromMat(rows.data(), kTrainingRows, kFeatures, NAN, &matrix));
  check(XGDMatrixSetFloatInfo(matrix, "label", labels.data(), labels.size()));
  BoosterHandle booster = nullptr;
  check(XGBoosterCreate(&matrix, 1, &booster));
  for (const auto& [name, value] : {std::pair<const char*, std::string>{"tree_method", "hist"},
                                    {"max_depth", std::to_string(shape.depth)},
                                    {"objective", "reg:squarederror"},
                                    {"nthread", "2"},
                                    {"seed", "7"}})
    check(XGBoosterSetParam(booster, name, value.c_str()));
  for (int round = 0; round < shape.trees; ++round)
    check(XGBoosterUpdateOneIter(booster, round, matrix));
  check(XGBoosterSetParam(booster, "nthread", "1"));
  check(XGDMatrixFree(matrix));
  return booster;
}

codegen::Forest read(BoosterHandle booster) {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  check(XGBoosterSaveModelToBuffer(booster, R"({"format": "ubj"})", &size, &bytes));
  auto model = codegen::read_xgboost_model({reinterpret_cast<const std::uint8_t*>(bytes), size});
  if (!model) std::exit(1);
  return std::get<codegen::Forest>(*std::move(model));
}

/// XGBoost's own margins, without a copy of the rows.
std::vector<float> predict(BoosterHandle booster, const std::vector<float>& rows) {
  const auto interface = R"({"data": [)" +
                         std::to_string(reinterpret_cast<std::uintptr_t>(rows.data())) +
                         R"(, true], "shape": [)" + std::to_string(kRows) + ", " +
                         std::to_string(kFeatures) + R"(], "typestr": "<f4", "version": 3})";
  const char* config =
      R"({"type": 1, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false, "missing": NaN, "cache_id": 0})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* out = nullptr;
  check(XGBoosterPredictFromDense(booster, interface.c_str(), config, nullptr, &shape, &dimensions,
                                  &out));
  return {out, out + kRows};
}

void compare(const Shape& shape, VectorSet set, const codegen::Forest& forest,
             BoosterHandle booster, const std::vector<float>& rows,
             const std::vector<float>& columns) {
  const auto kernel = codegen::make_kernel(forest, set);
  const codegen::FeatureView view{columns.data(), kRows, kFeatures, 1, kRows};
  std::vector<float> ours(kRows);
  kernel->score(view, ours);
  const auto theirs = predict(booster, rows);
  if (std::memcmp(ours.data(), theirs.data(), kRows * sizeof(float)) != 0) {
    std::fprintf(stderr, "the margins differ\n");
    std::exit(1);
  }
  std::vector<double> ratios, times;
  for (int run = 0; run < kRuns; ++run) {
    const double peer = seconds_of([&] { predict(booster, rows); });
    times.push_back(seconds_of([&] { kernel->score(view, ours); }));
    ratios.push_back(peer / times.back());
  }
  std::sort(ratios.begin(), ratios.end());
  std::sort(times.begin(), times.end());
  const double goal = shape.goals[static_cast<std::size_t>(set)];
  std::printf("%s  %-8s  %7.0f ns a row, times XGBoost's speed: %5.1f [%.1f, %.1f]", shape.name,
              std::string(codegen::vector_set_name(set)).c_str(), times[kRuns / 2] * 1e9 / kRows,
              ratios[kRuns / 2], ratios.front(), ratios.back());
  if (goal > 0)
    std::printf(" (goal: at least %g, %s)", goal, ratios[kRuns / 2] >= goal ? "met" : "NOT met");
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string only_shape = argc > 1 ? argv[1] : "";
  const std::string only_set = argc > 2 ? argv[2] : "";
  const auto rows = make_rows(kRows, 2);
  std::vector<float> columns(rows.size());
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::int32_t f = 0; f < kFeatures; ++f)
      columns[static_cast<std::size_t>(f * kRows + row)] =
          rows[static_cast<std::size_t>(row * kFeatures + f)];
  }
  for (const auto& shape : {Shape{"A", 100, 6, {0, 0, 10}}, Shape{"B", 1000, 6, {0, 0, 38}},
                            Shape{"C", 500, 8, {0, 0, 22}}}) {
    if (!only_shape.empty() && only_shape != shape.name) continue;
    auto* booster = train(shape);
    const auto forest = read(booster);
    for (const auto set : {VectorSet::portable, VectorSet::avx2, VectorSet::avx512}) {
      const bool wanted = only_set.empty() || only_set == codegen::vector_set_name(set);
      if (wanted && codegen::runs_here(set)) compare(shape, set, forest, booster, rows, columns);
    }
    check(XGBoosterFree(booster));
  }
}
