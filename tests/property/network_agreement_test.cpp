// Networks as they are predicted here give LibTorch's own margins, whatever they are made of.

#include <cmath>

#include "codegen/network/kernel.h"
#include "network_pages.h"
#include "tests/unit/codegen/made_up_networks.h"

namespace quern::test {
namespace {

using namespace codegen;

/// The worst difference, as a part of what is allowed: 1e-5 of the margin plus 1e-6.
double worst(const std::vector<float>& found, const std::vector<float>& wanted) {
  REQUIRE(found.size() == wanted.size());
  double out = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double bar = 1e-6 + 1e-5 * std::abs(static_cast<double>(wanted[i]));
    const double part = std::abs(static_cast<double>(found[i]) - wanted[i]) / bar;
    if (!(part <= out)) out = part;
  }
  return out;
}

void check_seed(std::uint64_t seed, runtime::NetworkEngine& engine) {
  MadeUpNetworks made(seed);
  const auto model = seed % 2 == 1 ? made.recurrent() : made.dense();
  const std::int64_t rows = 130;
  const auto x = made.rows_for(model, rows);
  const auto view = view_of(x, model, rows);
  NetworkPages pages(model.network.features, 37);
  for (std::int64_t r = 0; r < rows; ++r) {
    std::vector<float> row;
    for (std::int32_t f = 0; f < model.network.features; ++f) row.push_back(view.at(r, f));
    pages.add(row, 0);
  }
  pages.groups() = groups_of(model, view);
  const auto payload = ir::write_tensors(
      {.metadata = {{"network", ir::to_json(model.network)}}, .tensors = model.tensors});
  const auto wanted = engine.margins(payload, pages, {});
  INFO("seed " << seed << "\n" << ir::dump(model.network));
  if (!wanted) FAIL(wanted.errors().front().message);
  std::vector<float> found(wanted->size());
  predict_margins(model, view, found);
  CHECK(worst(found, *wanted) <= 1);
  for (const auto set : {VectorSet::portable, VectorSet::avx2, VectorSet::avx512}) {
    if (!runs_here(set)) continue;
    make_network_kernel(model, set)->score(view, found);
    CHECK(worst(found, *wanted) <= 1);
  }
}

}  // namespace

TEST_CASE("native margins are LibTorch's") {
  QUERN_REQUIRE_TORCH();
  auto engine = runtime::torch_engine();
  REQUIRE(engine.ok());
  for (std::uint64_t seed = 100; seed < 160; ++seed) check_seed(seed, **engine);
}

}  // namespace quern::test
