// Scores 100,000 rows of 28 numbers with forests that XGBoost trained on histograms: A has 100
// trees of depth 6, B 1,000 of depth 6, C 500 of depth 8. One core; rows lie in columns for the
// kernel, and in rows for XGBoost's in-place prediction, as each likes them best. First the margins
// must be equal in every bit; then both run alternately, and the processor's time is taken.
// score_speed [SHAPE [SET]]: only that one.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../forests.h"
#include "codegen/forest/kernel.h"

namespace {

using namespace quern;
using codegen::VectorSet;

constexpr std::int64_t kRows = 100000;
constexpr std::int64_t kTrainingRows = 40000;
constexpr int kRuns = 5;

struct Shape {
  const char* name;
  int trees;
  int depth;
  double goals[3];  ///< of portable, AVX2 and AVX-512, as times XGBoost's speed; 0: none
};

void compare(const Shape& shape, VectorSet set, const codegen::Forest& forest,
             const bench::Booster& booster, const bench::Rows& rows,
             const std::vector<float>& columns) {
  const auto kernel = codegen::make_kernel(forest, set);
  const codegen::FeatureView view{columns.data(), kRows, bench::kFeatures, 1, kRows};
  std::vector<float> ours(kRows);
  kernel->score(view, ours);
  const auto theirs = booster.margins(rows);
  if (std::memcmp(ours.data(), theirs.data(), kRows * sizeof(float)) != 0) {
    std::fprintf(stderr, "the margins differ\n");
    std::exit(1);
  }
  const auto runs = bench::run_in_turn(
      kRuns, [&] { booster.margins(rows); }, [&] { kernel->score(view, ours); });
  const double goal = shape.goals[static_cast<std::size_t>(set)];
  std::printf("%s  %-8s  %7.0f ns a row, times XGBoost's speed: %5.1f [%.1f, %.1f]", shape.name,
              std::string(codegen::vector_set_name(set)).c_str(), runs.median_time() * 1e9 / kRows,
              runs.median_ratio(), runs.ratios.front(), runs.ratios.back());
  if (goal > 0)
    std::printf(" (goal: at least %g, %s)", goal, runs.median_ratio() >= goal ? "met" : "NOT met");
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string only_shape = argc > 1 ? argv[1] : "";
  const std::string only_set = argc > 2 ? argv[2] : "";
  const auto training = bench::make_rows(kTrainingRows, 1);
  const auto labels = bench::labels_of(training);
  const auto rows = bench::make_rows(kRows, 2);
  const auto columns = rows.by_column();
  for (const auto& shape : {Shape{"A", 100, 6, {0, 0, 10}}, Shape{"B", 1000, 6, {0, 0, 38}},
                            Shape{"C", 500, 8, {0, 0, 22}}}) {
    if (!only_shape.empty() && only_shape != shape.name) continue;
    const auto booster = bench::Booster::train(
        training, labels, shape.trees,
        {{"max_depth", std::to_string(shape.depth)}, {"objective", "reg:squarederror"}});
    const auto forest = booster.forest();
    for (const auto set : {VectorSet::portable, VectorSet::avx2, VectorSet::avx512}) {
      const bool wanted = only_set.empty() || only_set == codegen::vector_set_name(set);
      if (wanted && codegen::runs_here(set)) compare(shape, set, forest, booster, rows, columns);
    }
  }
}
