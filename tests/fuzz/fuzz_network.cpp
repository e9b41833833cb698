// Payloads of networks: what is read without an error is scored, by the oracle and by the kernel.

#include <array>
#include <cmath>
#include <limits>

#include "codegen/network/kernel.h"
#include "fuzz.h"

namespace quern::fuzz {
namespace {

using namespace codegen;

constexpr std::int64_t kRows = 20;
constexpr std::int32_t kWide = 4096;  ///< wider ones are read but not scored, for speed

/// Ordinary numbers, codes among them, and missing ones.
std::vector<float> rows_for(const NetworkModel& model) {
  constexpr std::array kValues = {0.0F, 1.0F, -1.0F, 0.5F, 3.0F, 2.0F, -0.0F};
  std::vector<float> out(static_cast<std::size_t>(kRows * model.features));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kValues.at(i % kValues.size());
  for (std::size_t i = 3; i < out.size(); i += 5) out[i] = std::numeric_limits<float>::quiet_NaN();
  return out;
}

/// Sums of small payloads' layers are short.
bool is_small(const NetworkModel& model) {
  for (const auto& tower : model.network.towers) {
    if (tower.layers.size() > 8) return false;
    for (const auto width : ir::widths(model.network, tower)) {
      if (width > kWide) return false;
    }
  }
  return model.features <= kWide && model.outputs <= kWide;
}

void use(const NetworkModel& model) {
  (void)ir::dump(model.network);
  if (!is_small(model)) return;
  const auto x = rows_for(model);
  const FeatureView view{x.data(), kRows, model.features, 1, kRows};
  std::vector<float> wanted(static_cast<std::size_t>(kRows * model.outputs));
  auto found = wanted;
  predict_margins(model, view, wanted);
  make_network_kernel(model, best_vector_set())->score(view, found);
}

}  // namespace
}  // namespace quern::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern;
  const auto model = codegen::read_network({data, size}, "squared_error");
  if (model) {
    fuzz::use(*model);
    return 0;
  }
  fuzz::check_failure(model.errors());
  return 0;
}
