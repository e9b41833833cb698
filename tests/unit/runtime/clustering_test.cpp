// Metrics of clusters equal scikit-learn's: expected values were computed by scikit-learn 1.2.1.

#include "runtime/metrics/clustering.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace quern;
using namespace quern::runtime;

namespace {

const std::vector<std::uint32_t> kClusters = {0, 0, 1, 1, 2, 0, 1, 3, 0};

std::vector<float> points() {
  std::vector<float> out;
  for (int i = 0; i < 9; ++i) {
    out.push_back(static_cast<float>(std::sin(i * 1.3)));
    out.push_back(static_cast<float>(std::cos(i * 0.7) * 2));
  }
  return out;
}

}  // namespace

TEST_CASE("silhouettes are scikit-learn's") {
  const auto rows = points();
  // One number of cluster more than there are: an empty one is no neighbour.
  const auto found = silhouettes({2, 5, rows, kClusters}, {});
  REQUIRE(found.ok());
  const std::vector<double> expected = {-0.15593116, -0.3742199,  -0.87606676, -0.48700879, 0,
                                        -0.69878902, -0.02055917, 0,           -0.21860889};
  REQUIRE(found->size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK((*found)[i] == Approx(expected[i]));
}

TEST_CASE("silhouettes are not defined for one cluster, nor for rows that have one each") {
  const std::vector<float> rows = {0, 1, 2};
  CHECK(silhouettes({1, 2, rows, std::vector<std::uint32_t>{1, 1, 1}}, {})->empty());
  CHECK(silhouettes({1, 3, rows, std::vector<std::uint32_t>{0, 1, 2}}, {})->empty());
  CHECK(silhouettes({1, 3, {}, {}}, {})->empty());
}

TEST_CASE("rows of one place are as near to their own cluster as can be") {
  const std::vector<float> rows = {0, 0, 5, 5};
  CHECK(*silhouettes({1, 2, rows, std::vector<std::uint32_t>{0, 0, 1, 1}}, {}) ==
        std::vector<double>{1, 1, 1, 1});
  CHECK(*silhouettes({1, 2, std::vector<float>(4), std::vector<std::uint32_t>{0, 0, 1, 1}}, {}) ==
        std::vector<double>{0, 0, 0, 0});
}

TEST_CASE("silhouettes end where that is asked for") {
  const CancelToken cancel;
  cancel.request();
  const auto rows = points();
  const auto found = silhouettes({2, 4, rows, kClusters}, cancel);
  REQUIRE_FALSE(found.ok());
  CHECK(found.errors().front().code == Code::cancelled);
}

TEST_CASE("the adjusted Rand index is scikit-learn's") {
  CHECK(adjusted_rand({{15, 5, 0}, {2, 8, 0}, {0, 0, 6}}) == Approx(0.4583756074117584));
  CHECK(adjusted_rand({{2}, {2}}) == 0);
  CHECK(adjusted_rand({{4}}) == 1);
  CHECK(adjusted_rand({{0, 3}, {2, 0}}) == 1);
  CHECK(adjusted_rand({{1}}) == 1);
  CHECK(std::isnan(adjusted_rand({})));
}
