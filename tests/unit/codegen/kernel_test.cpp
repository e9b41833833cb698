// Every kernel against the oracle, bit by bit, on forests that are made up: shapes, splits and
// values that trained models have and some that they do not.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "codegen/forest/kernel.h"
#include "codegen/forest/row_forest.h"
#include "made_up_forests.h"

namespace quern::codegen {
namespace {

std::vector<float> oracle(const Forest& forest, const FeatureView& x, BaseMargins base) {
  std::vector<float> out(static_cast<std::size_t>(x.rows * forest.outputs));
  predict_margins(forest, x, out, base);
  return out;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  return a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Row by row.
std::vector<float> alone(const Forest& forest, const FeatureView& x, BaseMargins base) {
  const RowForest rows(forest);
  const auto outputs = static_cast<std::size_t>(forest.outputs);
  std::vector<float> out(static_cast<std::size_t>(x.rows) * outputs);
  std::vector<float> room(2 * static_cast<std::size_t>(forest.features));
  for (std::int64_t row = 0; row < x.rows; ++row) {
    const auto sums = std::span(out).subspan(static_cast<std::size_t>(row) * outputs, outputs);
    const auto first = first_margins(forest, base, row);
    std::copy(first.begin(), first.end(), sums.begin());
    rows.add(x.data + row * x.row_stride, room.data(), sums);
  }
  return out;
}

/// Each set of instructions that runs here, on rows that lie either way.
void check(Dice& dice, const Forest& forest, const Shape& shape, std::int64_t rows) {
  const auto count = static_cast<std::size_t>(rows * shape.features);
  std::vector<float> by_row(count), by_column(count);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (int f = 0; f < shape.features; ++f) {
      const float v = value(dice, f, shape.thresholds);
      by_row[static_cast<std::size_t>(row * shape.features + f)] = v;
      by_column[static_cast<std::size_t>(f * rows + row)] = v;
    }
  }
  std::vector<float> base;
  if (chance(dice, 0.3)) {
    for (std::int64_t i = 0; i < rows * forest.outputs; ++i)
      base.push_back(0.01F * static_cast<float>(i % 50));
  }
  const FeatureView views[] = {{by_row.data(), rows, shape.features, shape.features, 1},
                               {by_column.data(), rows, shape.features, 1, rows}};
  const auto expected = oracle(forest, views[0], base);
  CHECK(same_bits(alone(forest, views[0], base), expected));
  for (const auto set : {VectorSet::portable, VectorSet::avx2, VectorSet::avx512}) {
    if (!runs_here(set)) continue;
    for (const auto form : {TreeForm::best, TreeForm::walked}) {
      const auto kernel = make_kernel(forest, set, form);
      for (const auto& view : views) {
        std::vector<float> out(expected.size(), -1);
        kernel->score(view, out, base);
        INFO(vector_set_name(set) << ", " << tree_words(kernel->ways()) << ", " << rows
                                  << " rows, depth " << shape.depth);
        CHECK(same_bits(out, expected));
      }
    }
  }
}

TEST_CASE("kernels: complete trees of every depth") {
  Dice dice(1);
  for (int depth = 0; depth <= 12; ++depth) {
    const Shape shape{
        .trees = depth > 8 ? 3 : 12, .depth = depth, .thresholds = 1 + pick(dice, 60)};
    const auto forest = random_forest(dice, shape);
    for (const std::int64_t rows : {0, 1, 23, 24, 511, 512, 513, 1100})
      check(dice, forest, shape, rows);
  }
}

TEST_CASE("kernels: random shapes") {
  Dice dice(2);
  for (int round = 0; round < 150; ++round) {
    const Shape shape{.trees = 1 + pick(dice, 30),
                      .depth = pick(dice, 14),
                      .early = pick(dice, 2) * 0.4 + 0.05,
                      .features = 1 + pick(dice, 12),
                      .outputs = 1 + pick(dice, 4),
                      .thresholds = 1 + pick(dice, 200),
                      .categorical = pick(dice, 3) * 0.3,
                      .weighted = chance(dice, 0.5)};
    const auto forest = random_forest(dice, shape);
    check(dice, forest, shape, 1 + pick(dice, 700));
  }
}

TEST_CASE("kernels: trees that are too large to be picked") {
  Dice dice(4);
  Shape shape{.trees = 2, .depth = 12, .early = 0.02, .features = 9, .thresholds = 100000};
  SECTION("because no predicate is shared") {}
  SECTION("the same with categories") { shape.categorical = 0.1; }
  SECTION("because they have too many leaves") {
    shape.depth = 13;
    shape.early = 0;
    shape.thresholds = 10;
  }
  check(dice, random_forest(dice, shape), shape, 600);
}

TEST_CASE("kernels: forests at the ends") {
  Dice dice(3);
  Shape shape{.features = 3};
  Forest forest;
  forest.features = 3;
  SECTION("of no tree") {}
  SECTION("of one leaf") {
    forest.trees.resize(1);
    forest.trees[0].nodes.resize(1);
    forest.trees[0].nodes[0].value = 7;
  }
  SECTION("of chains, up to 300 deep") {
    forest.trees = {chain(60), chain(9), chain(7), chain(6), chain(300)};
  }
  SECTION("of 3,000 stumps") {
    shape.trees = 3000;
    shape.depth = 1;
    forest = random_forest(dice, shape);
  }
  SECTION("of 5,000 features, most of which nobody uses") {
    shape.features = 5000;
    forest = random_forest(dice, shape);
  }
  check(dice, forest, shape, 600);
}

}  // namespace
}  // namespace quern::codegen
