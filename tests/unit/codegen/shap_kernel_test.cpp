// Every Tree SHAP kernel against the oracle, on forests that are made up.

#include "codegen/forest/shap_kernel.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <utility>

#include "made_up_forests.h"

namespace quern::codegen {
namespace {

struct Rows {
  std::vector<float> by_row, by_column, base;
  FeatureView row_view, column_view;
};

Rows make_rows(Dice& dice, const Forest& forest, int thresholds, std::int64_t count) {
  Rows rows;
  const auto size = static_cast<std::size_t>(count * forest.features);
  rows.by_row.resize(size);
  rows.by_column.resize(size);
  for (std::int64_t row = 0; row < count; ++row) {
    for (int f = 0; f < forest.features; ++f) {
      const float v = value(dice, f, thresholds);
      rows.by_row[static_cast<std::size_t>(row * forest.features + f)] = v;
      rows.by_column[static_cast<std::size_t>(f * count + row)] = v;
    }
  }
  if (chance(dice, 0.3)) {
    for (std::int64_t i = 0; i < count * forest.outputs; ++i)
      rows.base.push_back(0.01F * static_cast<float>(i % 50));
  }
  rows.row_view = {rows.by_row.data(), count, forest.features, forest.features, 1};
  rows.column_view = {rows.by_column.data(), count, forest.features, 1, count};
  return rows;
}

/// Nothing is further apart than so much of the largest value of the row and output.
constexpr double kApart = 1e-5;

/// The most that values are apart, relative to the largest of their row and output.
double apart(const std::vector<double>& ours, const std::vector<double>& oracle,
             std::size_t width) {
  double most = 0;
  for (std::size_t at = 0; at < ours.size(); at += width) {
    double largest = 0;
    double difference = 0;
    for (std::size_t i = at; i < at + width; ++i) {
      largest = std::max(largest, std::abs(oracle[i]));
      difference = std::max(difference, std::abs(ours[i] - oracle[i]));
    }
    if (difference > 0) most = std::max(most, difference / largest);
  }
  return most;
}

/// Each set of instructions that runs here, on rows that lie either way, with tables and without.
void check(Dice& dice, const Forest& forest, int thresholds, std::int64_t count) {
  const auto rows = make_rows(dice, forest, thresholds, count);
  const auto shap = TreeShap::make(forest);
  REQUIRE(shap.ok());
  std::vector<double> oracle(static_cast<std::size_t>(count) * shap->width());
  for (std::int64_t row = 0; row < count; ++row) {
    const auto of_row =
        std::span(oracle).subspan(static_cast<std::size_t>(row) * shap->width(), shap->width());
    shap->explain(rows.row_view, row, of_row, rows.base);
  }
  for (const auto set : {VectorSet::portable, VectorSet::avx2, VectorSet::avx512}) {
    if (!runs_here(set)) continue;
    const auto kernel = make_shap_kernel(forest, *shap, set);
    const auto without_tables = make_shap_kernel(forest, *shap, set, 0);
    for (const auto& [one, view] :
         {std::pair(kernel.get(), rows.row_view), std::pair(kernel.get(), rows.column_view),
          std::pair(without_tables.get(), rows.column_view)}) {
      std::vector<double> ours(oracle.size(), -1);
      one->explain(view, ours, rows.base);
      INFO(vector_set_name(set) << ", " << count << " rows");
      CHECK(apart(ours, oracle, static_cast<std::size_t>(forest.features) + 1) < kApart);
    }
  }
}

TEST_CASE("SHAP kernels: complete trees of every depth") {
  Dice dice(1);
  for (int depth = 0; depth <= 9; ++depth) {
    const Shape shape{.trees = depth > 6 ? 2 : 8, .depth = depth, .features = 1 + 2 * depth};
    const auto forest = random_forest(dice, shape);
    for (const std::int64_t rows : {0, 1, 63, 64, 65}) check(dice, forest, shape.thresholds, rows);
  }
}

TEST_CASE("SHAP kernels: random shapes") {
  Dice dice(2);
  for (int round = 0; round < 150; ++round) {
    const Shape shape{.trees = 1 + pick(dice, 80),
                      .depth = pick(dice, 12),
                      .early = pick(dice, 2) * 0.3 + 0.2,
                      .features = 1 + pick(dice, 12),
                      .outputs = 1 + pick(dice, 4),
                      .thresholds = 1 + pick(dice, 200),
                      .categorical = pick(dice, 3) * 0.3,
                      .weighted = chance(dice, 0.5)};
    check(dice, random_forest(dice, shape), shape.thresholds, 1 + pick(dice, 30));
  }
}

TEST_CASE("SHAP kernels: more rows than a block") {
  Dice dice(3);
  const Shape shape{.trees = 3, .depth = 3, .outputs = 2};
  const auto forest = random_forest(dice, shape);
  for (const std::int64_t rows : {511, 512, 513, 1100}) check(dice, forest, shape.thresholds, rows);
}

/// A chain in which each split has a feature of its own.
Tree long_chain(int depth) {
  auto tree = chain(depth);
  int feature = 0;
  float cover = 1000;
  for (auto& node : tree.nodes) {
    node.cover = cover;
    if (node.left != -1) node.feature = feature++;
    cover *= 0.97F;
  }
  return tree;
}

TEST_CASE("SHAP kernels: forests at the ends") {
  Dice dice(4);
  Forest forest;
  forest.features = 3;
  SECTION("of no tree") {}
  SECTION("of one leaf") {
    forest.trees.resize(1);
    forest.trees[0].nodes.resize(1);
    forest.trees[0].nodes[0].value = 7;
  }
  SECTION("of chains that repeat three features") {
    forest.trees = {chain(60), chain(9), chain(7), chain(6), chain(2)};
  }
  SECTION("of chains with as many players as splits, the deepest of which are the oracle's") {
    forest.features = 70;
    forest.trees = {long_chain(70), long_chain(65), long_chain(64), long_chain(20), long_chain(5)};
  }
  SECTION("of 3,000 stumps") {
    forest = random_forest(dice, {.trees = 3000, .depth = 1, .features = 3});
  }
  SECTION("of 5,000 features, most of which nobody uses") {
    forest = random_forest(dice, {.features = 5000});
  }
  check(dice, forest, 20, 20);
}

}  // namespace
}  // namespace quern::codegen
