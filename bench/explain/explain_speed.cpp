// Exact Tree SHAP of 28 numbers by forests that XGBoost trained on histograms: A has 100 trees of
// depth 6, C 500 of depth 8. One core; the peer is XGBoost's pred_contribs, which is given fewer
// rows, since it takes so long. First the values must be the peer's, within 1e-5 of the row's
// largest and a hundred thousandth, and sum to the margins; then both run alternately.
// explain_speed [SHAPE [SET]]: only that one.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../forests.h"
#include "codegen/forest/shap_kernel.h"

namespace {

using namespace quern;
using codegen::VectorSet;

constexpr std::int64_t kRows = 20480;
constexpr int kRuns = 5;

struct Shape {
  const char* name;
  int trees;
  int depth;
  std::int64_t peer_rows;
  double goals[3];  ///< of portable, AVX2 and AVX-512, as times XGBoost's speed; 0: none
};

void require_equal(const std::vector<double>& ours, const std::vector<float>& theirs,
                   const std::vector<float>& margins, double& worst) {
  constexpr std::size_t kWidth = bench::kFeatures + 1;
  for (std::size_t at = 0; at < theirs.size(); at += kWidth) {
    double largest = 0;
    double apart = 0;
    double sum = 0;
    for (std::size_t i = at; i < at + kWidth; ++i) {
      largest = std::max(largest, std::abs(ours[i]));
      apart = std::max(apart, std::abs(ours[i] - theirs[i]));
      sum += ours[i];
    }
    apart = std::max(apart, std::abs(sum - margins[at / kWidth]));
    worst = std::max(worst, apart / largest);
    if (apart <= 1e-5 * largest + 1e-5) continue;
    std::fprintf(stderr, "the values of row %zu differ by %g, the largest is %g\n", at / kWidth,
                 apart, largest);
    std::exit(1);
  }
}

void compare(const Shape& shape, VectorSet set, const codegen::Forest& forest,
             const bench::Booster& booster, const bench::Rows& rows) {
  const auto oracle = codegen::TreeShap::make(forest);
  if (!oracle) std::exit(1);
  const auto kernel = codegen::make_shap_kernel(forest, *oracle, set);
  const auto columns = rows.by_column();
  const codegen::FeatureView view{columns.data(), kRows, bench::kFeatures, 1, kRows};
  std::vector<double> ours(static_cast<std::size_t>(kRows) * oracle->width());
  kernel->explain(view, ours);
  double worst = 0;
  require_equal(ours, booster.contributions(rows, shape.peer_rows), booster.margins(rows), worst);
  const auto runs = bench::run_in_turn(
      kRuns, [&] { booster.contributions(rows, shape.peer_rows); },
      [&] { kernel->explain(view, ours); }, static_cast<double>(shape.peer_rows) / kRows);
  const double goal = shape.goals[static_cast<std::size_t>(set)];
  std::printf("%s  %-8s  %8.2f us a row, times XGBoost's speed: %5.0f [%.0f, %.0f]", shape.name,
              std::string(codegen::vector_set_name(set)).c_str(), runs.median_time() * 1e6 / kRows,
              runs.median_ratio(), runs.ratios.front(), runs.ratios.back());
  if (goal > 0)
    std::printf(" (goal: at least %g, %s)", goal, runs.median_ratio() >= goal ? "met" : "NOT met");
  std::printf("; within %.1e of the row's largest\n", worst);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string only_shape = argc > 1 ? argv[1] : "";
  const std::string only_set = argc > 2 ? argv[2] : "";
  const auto training = bench::make_rows(40000, 1);
  const auto labels = bench::labels_of(training);
  const auto rows = bench::make_rows(kRows, 2);
  for (const auto& shape :
       {Shape{"A", 100, 6, 512, {0, 0, 150}}, Shape{"C", 500, 8, 16, {0, 0, 20}}}) {
    if (!only_shape.empty() && only_shape != shape.name) continue;
    const auto booster = bench::Booster::train(
        training, labels, shape.trees,
        {{"max_depth", std::to_string(shape.depth)}, {"objective", "reg:squarederror"}});
    const auto forest = booster.forest();
    for (const auto set : {VectorSet::portable, VectorSet::avx2, VectorSet::avx512}) {
      const bool wanted = only_set.empty() || only_set == codegen::vector_set_name(set);
      if (wanted && codegen::runs_here(set)) compare(shape, set, forest, booster, rows);
    }
  }
}
