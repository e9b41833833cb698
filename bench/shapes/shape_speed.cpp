// Scores forests whose shapes are drawn by chance: trees grown level by level to depth 3 to 14 or
// leaf by leaf, random forests, several classes, 5 to 200 features, values that are skewed or few.
// Each of four kinds is drawn twice. One core, the best kernel of the machine; the peer is
// XGBoost's in-place prediction. First the margins must be equal in every bit; then both run
// alternately, and the processor's time is taken. The slowest ratio counts. shape_speed [SEED]:
// other shapes.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "../forests.h"
#include "codegen/forest/kernel.h"

namespace {

using namespace quern;
using Dice = std::mt19937;

constexpr std::int64_t kRows = 20000;
constexpr std::int64_t kTrainingRows = 20000;
constexpr int kRuns = 5;
constexpr double kGoal = 2;

enum class Kind { by_level, by_leaf, random_forest, classes };

struct Shape {
  std::string words;
  std::int32_t features = 0;
  bool skewed = false;
  int classes = 1;
  int rounds = 0;
  bench::Parameters parameters;
};

int between(Dice& dice, int first, int last) {
  return std::uniform_int_distribution(first, last)(dice);
}

Shape draw(Dice& dice, Kind kind) {
  Shape shape;
  // As many narrow tables as wide ones.
  shape.features = static_cast<std::int32_t>(5 * std::pow(40, between(dice, 0, 100) / 100.0));
  shape.skewed = between(dice, 0, 1) == 1;
  const auto depth = std::to_string(between(dice, 3, kind == Kind::classes ? 8 : 14));
  shape.parameters = {{"max_depth", depth}, {"objective", "reg:squarederror"}};
  shape.rounds = between(dice, 30, 300);
  switch (kind) {
    case Kind::by_level: shape.words = "depth " + depth; break;
    case Kind::by_leaf: {
      const auto leaves = std::to_string(between(dice, 15, 255));
      shape.words = leaves + " leaves";
      shape.parameters = {{"grow_policy", "lossguide"},
                          {"max_depth", "0"},
                          {"max_leaves", leaves},
                          {"objective", "reg:squarederror"}};
      break;
    }
    case Kind::random_forest:
      shape.words = "random forest, depth " + depth;
      shape.parameters.insert(shape.parameters.end(),
                              {{"num_parallel_tree", std::to_string(shape.rounds)},
                               {"subsample", "0.63"},
                               {"colsample_bynode", "0.4"},
                               {"eta", "1"}});
      break;
    case Kind::classes:
      shape.classes = between(dice, 3, 9);
      shape.words = std::to_string(shape.classes) + " classes, depth " + depth;
      shape.rounds = shape.rounds / shape.classes + 1;
      shape.parameters = {{"max_depth", depth},
                          {"objective", "multi:softprob"},
                          {"num_class", std::to_string(shape.classes)}};
      break;
  }
  const auto trees = std::to_string(shape.rounds * shape.classes);
  shape.words = trees + " trees, " + shape.words + ", " + std::to_string(shape.features) +
                (shape.skewed ? " skewed" : "") + " features";
  return shape;
}

bench::Rows make_rows(const Shape& shape, std::int64_t count, unsigned seed) {
  auto rows = bench::make_rows(count, seed, shape.features);
  if (!shape.skewed) return rows;
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    auto& value = rows.values[i];
    value = std::exp(2 * value);
    if (i % 3 == 0) value = std::floor(value);  // few different ones, most of them 0
  }
  return rows;
}

/// Classes of equal sizes where there are some.
std::vector<float> labels_of(const Shape& shape, const bench::Rows& rows) {
  auto labels = bench::labels_of(rows);
  if (shape.classes == 1) return labels;
  auto sorted = labels;
  std::sort(sorted.begin(), sorted.end());
  for (auto& label : labels) {
    const auto rank = std::lower_bound(sorted.begin(), sorted.end(), label) - sorted.begin();
    label = std::floor(static_cast<float>(rank) * static_cast<float>(shape.classes) /
                       static_cast<float>(labels.size()));
  }
  return labels;
}

double compare(const Shape& shape) {
  const auto training = make_rows(shape, kTrainingRows, 1);
  const bool forest_at_once = shape.words.find("random forest") != std::string::npos;
  const auto booster = bench::Booster::train(training, labels_of(shape, training),
                                             forest_at_once ? 1 : shape.rounds, shape.parameters);
  const auto forest = booster.forest();
  const auto kernel = codegen::make_kernel(forest, codegen::best_vector_set());
  const auto rows = make_rows(shape, kRows, 2);
  const auto columns = rows.by_column();
  const codegen::FeatureView view{columns.data(), kRows, shape.features, 1, kRows};
  std::vector<float> ours(static_cast<std::size_t>(kRows * forest.outputs));
  kernel->score(view, ours);
  const auto theirs = booster.margins(rows);
  if (theirs.size() != ours.size() ||
      std::memcmp(ours.data(), theirs.data(), ours.size() * sizeof(float)) != 0) {
    std::fprintf(stderr, "%s: the margins differ\n", shape.words.c_str());
    std::exit(1);
  }
  const auto runs = bench::run_in_turn(
      kRuns, [&] { booster.margins(rows); }, [&] { kernel->score(view, ours); });
  std::size_t nodes = 0;
  for (const auto& tree : forest.trees) nodes += tree.nodes.size();
  std::printf("%-52s %8zu nodes  %8.0f ns a row, times XGBoost's speed: %5.1f [%.1f, %.1f]\n",
              shape.words.c_str(), nodes, runs.median_time() * 1e9 / kRows, runs.median_ratio(),
              runs.ratios.front(), runs.ratios.back());
  return runs.median_ratio();
}

}  // namespace

int main(int argc, char** argv) {
  Dice dice(argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 1);
  double slowest = HUGE_VAL;
  for (int i = 0; i < 2; ++i) {
    for (const auto kind : {Kind::by_level, Kind::by_leaf, Kind::random_forest, Kind::classes})
      slowest = std::min(slowest, compare(draw(dice, kind)));
  }
  std::printf("the slowest: %.1f (goal: at least %g, %s)\n", slowest, kGoal,
              slowest >= kGoal ? "met" : "NOT met");
}
