// SHAP by hand, and against the definition: a sum over all coalitions of a recursive expectation.

#include "codegen/interpret/shap.h"

#include <bit>
#include <catch2/catch.hpp>
#include <random>

#include "codegen/forest/importance.h"
#include "codegen/forest/routing.h"

namespace quern::codegen {
namespace {

Node split(std::int32_t left, std::int32_t feature, float threshold, float cover, float gain = 1) {
  Node node;
  node.left = left;
  node.right = left + 1;
  node.feature = feature;
  node.value = threshold;
  node.cover = cover;
  node.gain = gain;
  return node;
}

Node leaf(float value, float cover) {
  Node node;
  node.value = value;
  node.cover = cover;
  return node;
}

Forest forest_of(std::int32_t features, std::vector<Node> nodes) {
  Forest forest;
  forest.features = features;
  forest.base_margins = {0.5F};
  forest.trees.emplace_back().nodes = std::move(nodes);
  return forest;
}

std::vector<double> explain(const Forest& forest, std::vector<float> row) {
  const auto shap = TreeShap::make(forest);
  REQUIRE(shap.ok());
  std::vector<double> out(shap->width());
  shap->explain({row.data(), 1, forest.features, forest.features, 1}, 0, out);
  return out;
}

/// EXPVALUE of Lundberg et al. 2018, algorithm 1: what the tree gives if only `known` features are.
double expected(const Tree& tree, std::size_t at, const std::vector<float>& row, unsigned known) {
  const auto& node = tree.nodes[at];
  if (node.left == -1) return node.value;
  const auto left = static_cast<std::size_t>(node.left);
  const auto right = static_cast<std::size_t>(node.right);
  if ((known >> node.feature & 1) != 0) {
    const bool goes = goes_left(tree, node, row[static_cast<std::size_t>(node.feature)]);
    return expected(tree, goes ? left : right, row, known);
  }
  return (expected(tree, left, row, known) * tree.nodes[left].cover +
          expected(tree, right, row, known) * tree.nodes[right].cover) /
         node.cover;
}

double factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

/// The definition: 2^features coalitions.
double shapley(const Forest& forest, const std::vector<float>& row, int feature) {
  const auto& tree = forest.trees.front();
  double sum = 0;
  for (unsigned known = 0; known < 1U << forest.features; ++known) {
    if ((known >> feature & 1) != 0) continue;
    const int size = std::popcount(known);
    const double weight =
        factorial(size) * factorial(forest.features - size - 1) / factorial(forest.features);
    sum += weight * (expected(tree, 0, row, known | 1U << feature) - expected(tree, 0, row, known));
  }
  return sum;
}

/// A random tree over few features, so that they repeat on a path. Covers add up.
Forest random_forest(std::mt19937& random, std::int32_t features) {
  std::vector<Node> nodes = {leaf(0, 1000)};
  for (std::size_t at = 0; at < nodes.size() && nodes.size() < 60; ++at) {
    if (at > 2 && random() % 4 == 0) continue;
    const float cover = nodes[at].cover;
    const float part = cover * static_cast<float>(1 + random() % 9) / 10;
    const auto left = static_cast<std::int32_t>(nodes.size());
    const auto feature = static_cast<std::int32_t>(random() % static_cast<unsigned>(features));
    nodes[at] = split(left, feature, static_cast<float>(random() % 10), cover);
    nodes.push_back(leaf(static_cast<float>(random() % 21) - 10, part));
    nodes.push_back(leaf(static_cast<float>(random() % 21) - 10, cover - part));
  }
  return forest_of(features, std::move(nodes));
}

TEST_CASE("a stump gives its feature the difference from the mean") {
  // x0 < 1 ? 8 : -2, a quarter of the cover left: the mean is 0.5.
  const auto forest = forest_of(2, {split(1, 0, 1, 4), leaf(8, 1), leaf(-2, 3)});
  CHECK(explain(forest, {0, 0}) == std::vector{7.5, 0.0, 1.0});
  CHECK(explain(forest, {1, 0}) == std::vector{-2.5, 0.0, 1.0});
}

TEST_CASE("and of two features shares evenly") {
  // 16 where x0 and x1 are 1, else 0; all four corners alike. By symmetry (16 - 4) / 2 each.
  const auto forest =
      forest_of(2, {split(1, 0, 1, 4), leaf(0, 2), split(3, 1, 1, 2), leaf(0, 1), leaf(16, 1)});
  CHECK(explain(forest, {1, 1}) == std::vector{6.0, 6.0, 4.5});
  CHECK(explain(forest, {0, 0}) == std::vector{-2.0, -2.0, 4.5});
}

TEST_CASE("values equal the definition's on random trees") {
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    const auto features = static_cast<std::int32_t>(1 + random() % 6);
    const auto forest = random_forest(random, features);
    std::vector<float> row;
    for (int f = 0; f < features; ++f) row.push_back(static_cast<float>(random() % 10));
    const auto values = explain(forest, row);
    for (int f = 0; f < features; ++f) {
      REQUIRE(values[static_cast<std::size_t>(f)] == Approx(shapley(forest, row, f)).margin(1e-10));
    }
    CHECK(values.back() == Approx(0.5 + expected(forest.trees[0], 0, row, 0)).margin(1e-10));
  }
}

TEST_CASE("a chain of many features keeps its precision") {
  constexpr int kFeatures = 300;
  std::vector<Node> nodes;
  for (int f = 0; f < kFeatures; ++f) {  // left ends, right goes on
    nodes.push_back(split(2 * f + 1, f, 1, static_cast<float>(kFeatures + 1 - f)));
    nodes.push_back(leaf(static_cast<float>(f), 1));
  }
  // Breadth first: the root, then pairs of a leaf and the next split.
  std::vector<Node> ordered = {nodes[0]};
  for (int f = 0; f < kFeatures; ++f) {
    ordered.push_back(nodes[static_cast<std::size_t>(2 * f + 1)]);
    ordered.push_back(f + 1 < kFeatures ? nodes[static_cast<std::size_t>(2 * f + 2)]
                                        : leaf(1000, 1));
  }
  const auto values = explain(forest_of(kFeatures, ordered), std::vector<float>(kFeatures, 1));
  double sum = 0;
  for (const double v : values) sum += v;
  CHECK(sum == Approx(1000.5).epsilon(1e-12));
}

TEST_CASE("a node without cover is halved") {
  const auto forest = forest_of(1, {split(1, 0, 1, 0), leaf(4, 0), leaf(0, 0)});
  CHECK(explain(forest, {0}) == std::vector{2.0, 2.5});
}

TEST_CASE("trees too deep and forests without covers are refused") {
  std::vector<Node> nodes = {split(1, 0, 1, 1)};
  for (std::int32_t level = 1; level <= 1024; ++level) {
    nodes.push_back(leaf(0, 1));
    nodes.push_back(split(2 * level + 1, 0, 1, 1));
  }
  nodes.push_back(leaf(0, 1));
  nodes.push_back(leaf(0, 1));
  CHECK(TreeShap::make(forest_of(1, nodes)).errors().front().code == Code::not_in_this_version);
  auto forest = forest_of(1, {leaf(0, 1)});
  forest.statistics = false;
  CHECK(TreeShap::make(forest).errors().front().code == Code::not_in_this_version);
}

TEST_CASE("importances count splits and average gain and cover") {
  const auto forest = forest_of(3, {split(1, 2, 1, 10, 6), leaf(0, 4), split(3, 2, 5, 6, 1),
                                    split(5, 0, 1, 4, 0.5F), leaf(0, 2), leaf(0, 2), leaf(0, 2)});
  const auto found = importances(forest);
  CHECK(found[0].splits == 1);
  CHECK(found[0].gain == 0.5);
  CHECK(found[1].splits == 0);
  CHECK(found[2].splits == 2);
  CHECK(found[2].gain == 3.5);
  CHECK(found[2].cover == 8);
}

}  // namespace
}  // namespace quern::codegen
