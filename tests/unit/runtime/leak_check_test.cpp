// Rules of one feature against their definitions, worked out the slow way, and the sample of rows.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "runtime/fit/label_probe.h"
#include "runtime/fit/rank_rules.h"
#include "runtime/fit/row_sample.h"
#include "runtime/fit/value_sketch.h"

using namespace quern::runtime;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Rows that the most frequent class of the other rows of their value tells wrong; where there are
/// none, the most frequent class of all.
int wrong_rows(const std::vector<float>& values, const std::vector<float>& labels) {
  const auto most = [&](const std::map<float, int>& counts) {
    std::vector<float> best;  // more than one where they are equal
    int count = 0;
    for (const auto& [label, n] : counts) {
      if (n > count) best.clear();
      if (n >= count && n > 0) best.push_back(label);
      count = std::max(count, n);
    }
    return best;
  };
  std::map<float, int> all;
  for (const float label : labels) ++all[label];
  int wrong = 0;
  for (std::size_t r = 0; r < values.size(); ++r) {
    std::map<float, int> others;
    for (std::size_t o = 0; o < values.size(); ++o) {
      if (o != r && values[o] == values[r]) ++others[labels[o]];
    }
    const auto told = others.empty() ? std::vector{most(all).front()} : most(others);
    if (told != std::vector{labels[r]}) ++wrong;
  }
  return wrong;
}

}  // namespace

TEST_CASE("values are grouped as they compare, missing ones last") {
  const std::vector<float> values{
      2, -0.0F, kNaN, -3, 0, 1e-40F, -std::numeric_limits<float>::infinity(), 2, kNaN};
  const auto groups = group_values(values);
  std::vector<std::vector<std::uint32_t>> found;
  for (std::size_t g = 0; g < groups.count(); ++g)
    found.emplace_back(groups.group(g).begin(), groups.group(g).end());
  CHECK(found == std::vector<std::vector<std::uint32_t>>{{6}, {3}, {1, 4}, {5}, {0, 7}, {2, 8}});
  CHECK(groups.missing);
}

TEST_CASE("a category is judged by the other rows of its value") {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<float> values(80), labels(80);
    const auto kinds = 2 + random() % 40;
    for (std::size_t r = 0; r < values.size(); ++r) {
      values[r] = static_cast<float>(random() % kinds);
      labels[r] = random() % 5 == 0 ? static_cast<float>(random() % 3)
                                    : static_cast<float>(static_cast<int>(values[r]) % 3);
    }
    LabelProbe probe(labels, 3);
    const double others = (1 - probe.frequent_share()) * 80;
    CHECK(probe.score(values, true, -100) == Approx(1 - wrong_rows(values, labels) / others));
  }
}

TEST_CASE("ranges tell two classes by one threshold, wherever it lies") {
  std::vector<float> values, labels;
  for (int i = 0; i < 100; ++i) {
    values.push_back(static_cast<float>(i * 37 % 100));
    labels.push_back(values.back() < 30 ? 1.0F : 0.0F);
  }
  CHECK(LabelProbe(labels, 2).score(values, false, 0.9) == 1);
  labels[0] = 0;  // that of the value 0: wrong, as a range of its own would be
  CHECK(LabelProbe(labels, 2).score(values, false, 0.9) == Approx(1 - 1.0 / 29));
  CHECK(LabelProbe(labels, 2).score(values, true, 0.9) < 0.9);
}

TEST_CASE("a sample has all rows, or runs of them in order, whatever the pages") {
  for (const std::int64_t rows : {0LL, 1LL, 9999LL, 10000LL, 10001LL, 123457LL}) {
    PageStore pages(2, 512);
    for (std::int64_t first = 0; first < rows; first += 100) {
      const auto count = std::min<std::int64_t>(100, rows - first);
      const auto slot = pages.reserve(count);
      for (std::int64_t r = 0; r < count; ++r) {
        slot.features[r] = static_cast<float>(first + r);
        slot.features[slot.stride + r] = -static_cast<float>(first + r);
        slot.labels[r] = static_cast<float>(first + r);
      }
    }
    const auto sample = RowSample::of(pages);
    REQUIRE(sample.ok());
    const auto& labels = sample->labels();
    CHECK(static_cast<std::int64_t>(labels.size()) == (rows <= RowSample::kMost ? rows : 9984));
    CHECK(std::adjacent_find(labels.begin(), labels.end(), std::greater_equal<>()) == labels.end());
    const auto both = sample->features(0, 2);
    REQUIRE(both.ok());
    for (std::size_t i = 0; i < labels.size(); ++i)
      REQUIRE(((*both)[i] == labels[i] && (*both)[labels.size() + i] == -labels[i]));
    // No part of the rows is left out.
    for (std::size_t i = 1; i < labels.size(); ++i)
      REQUIRE(labels[i] - labels[i - 1] <= 1 + 2 * static_cast<float>(rows) / 156);
  }
}

TEST_CASE("a sketch counts the rows of the values that it keeps, in any order") {
  std::vector<std::uint64_t> hashes;
  std::mt19937_64 random(3);
  for (int i = 0; i < 5000; ++i) hashes.push_back(random());
  for (int i = 0; i < 500; ++i) hashes.push_back(hashes[static_cast<std::size_t>(i)]);
  ValueSketch forward, backward;
  for (const auto hash : hashes) forward.add(hash);
  std::reverse(hashes.begin(), hashes.end());
  for (const auto hash : hashes) backward.add(hash);
  CHECK(forward.values() == 256);
  CHECK(forward.rows() == backward.rows());
  CHECK(forward.rows() > 256);
  CHECK(forward.rows() < 300);
}
