// XGBoost's model documents, UBJ and JSON: refused, or read into a model that scores and explains
// any row without leaving its bounds.

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "codegen/forest/importance.h"
#include "codegen/forest/kernel.h"
#include "codegen/forest/model_card.h"
#include "codegen/interpret/shap.h"
#include "codegen/model.h"
#include "tests/fuzz/fuzz.h"

namespace quern::fuzz {
namespace {

using codegen::FeatureView;

constexpr std::int64_t kRows = 4;
constexpr std::int32_t kWide = 4096;  ///< wider models are read but not scored, for speed

/// Values that lie at the ends of ranges, missing ones among them.
std::vector<float> odd_rows(std::int32_t features) {
  constexpr std::array kOdd = {0.0F, 1.0F, -1.0F, 0.5F, 16777216.0F, -0.0F, 3e38F};
  std::vector<float> values(static_cast<std::size_t>(kRows * features));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = kOdd.at(i % kOdd.size());
  const float missing = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t i = 3; i < values.size(); i += 5) values[i] = missing;
  return values;
}

void explain(const codegen::Linear& linear, const FeatureView& rows) {
  std::vector<double> values(linear.weights.size());
  codegen::explain_row(linear, rows, 0, values);
}

/// XGBoost's payloads hold none.
void explain(const codegen::NetworkModel&, const FeatureView&) {}

void explain(const codegen::Forest& forest, const FeatureView& rows) {
  const auto shap = codegen::TreeShap::make(forest);
  if (!shap) return check_failure(shap.errors());
  std::vector<double> values(shap->width());
  shap->explain(rows, 0, values);
  (void)codegen::importances(forest);
}

/// The kernel gives the oracle's bits, on more rows than it leaves to the oracle.
void score(const codegen::Forest& forest) {
  constexpr std::int64_t kMany = 40;
  auto values = odd_rows(forest.features);
  const auto few = values;
  while (values.size() < static_cast<std::size_t>(kMany * forest.features))
    values.insert(values.end(), few.begin(), few.end());
  const FeatureView rows{values.data(), kMany, forest.features, forest.features, 1};
  std::vector<float> expected(static_cast<std::size_t>(kMany * forest.outputs));
  auto found = expected;
  predict_margins(forest, rows, expected);
  codegen::make_kernel(forest, codegen::best_vector_set())->score(rows, found);
  if (std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) != 0)
    finding("a kernel's margins are not the oracle's");
}

void score(const codegen::Linear&) {}
void score(const codegen::NetworkModel&) {}

void use(const codegen::Model& model) {
  const auto& shape = codegen::shape_of(model);
  if (shape.features > kWide || shape.outputs > kWide) return;
  const auto values = odd_rows(shape.features);
  const FeatureView rows{values.data(), kRows, shape.features, shape.features, 1};
  std::vector<float> out(static_cast<std::size_t>(kRows * shape.outputs));
  predict_margins(model, rows, out);
  apply_link(shape.link, shape.outputs, out);
  std::visit([&](const auto& of_kind) { score(of_kind); }, model);
  std::visit([&](const auto& of_kind) { explain(of_kind, rows); }, model);
}

}  // namespace
}  // namespace quern::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern;
  const std::span payload(data, size);
  if (const auto card = codegen::read_model_card(payload); !card)
    fuzz::check_failure(card.errors());
  const auto model = codegen::read_xgboost_model(payload);
  if (model) {
    fuzz::use(*model);
    return 0;
  }
  fuzz::check_failure(model.errors());
  const auto code = model.errors().front().code;
  if (code != Code::corrupt_model && code != Code::not_in_this_version)
    fuzz::finding("a damaged model is called something else");
  return 0;
}
