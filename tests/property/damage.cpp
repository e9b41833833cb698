// Bits, bytes, runs and ends: what disks, editors and attackers do to a payload.

#include "damage.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "codegen/forest/importance.h"
#include "codegen/interpret/shap.h"
#include "codegen/model.h"
#include "random_training.h"

namespace quern::test {

void damage(Bytes& payload, std::mt19937& random) {
  if (payload.empty()) return;
  const std::size_t at = random() % payload.size();
  const auto length = std::min<std::size_t>(1 + random() % 16, payload.size() - at);
  const auto begin = payload.begin() + static_cast<std::ptrdiff_t>(at);
  const auto end = begin + static_cast<std::ptrdiff_t>(length);
  switch (random() % 7) {
    case 0: payload[at] ^= static_cast<std::uint8_t>(1U << (random() % 8)); break;
    case 1: payload[at] = static_cast<std::uint8_t>(random()); break;
    case 2: payload[at] = "0123456789-.eE,[]{}\"ZTFNiUIlLdDSC#$H"[random() % 36]; break;
    case 3: std::fill(begin, end, random() % 2 == 0 ? 0xFF : 0); break;
    case 4: payload.erase(begin, end); break;
    case 5: {
      const Bytes run(begin, end);
      payload.insert(begin, run.begin(), run.end());
      break;
    }
    default: payload.resize(at); break;
  }
}

namespace {

void explain_first(const codegen::Model& model, const codegen::FeatureView& view) {
  if (const auto* linear = std::get_if<codegen::Linear>(&model)) {
    std::vector<double> values(linear->weights.size());
    return explain_row(*linear, view, 0, values);
  }
  const auto& forest = std::get<codegen::Forest>(model);
  const auto shap = codegen::TreeShap::make(forest);
  if (!shap) return;
  std::vector<double> values(shap->width());
  shap->explain(view, 0, values);
  (void)codegen::importances(forest);
}

}  // namespace

bool survives(const Bytes& payload, std::mt19937& random) {
  const auto model = codegen::read_xgboost_model(payload);
  if (!model) {
    CHECK_FALSE(model.errors().empty());
    const auto code = model.errors().front().code;
    CHECK((code == Code::corrupt_model || code == Code::not_in_this_version));
    return false;
  }
  const auto& shape = codegen::shape_of(*model);
  if (shape.features > 4096 || shape.outputs > 4096) return true;
  const auto rows = probe_rows(*model, random, 8, true);
  const codegen::FeatureView view{rows.values.data(), rows.rows, rows.features, rows.features, 1};
  std::vector<float> out(static_cast<std::size_t>(rows.rows * shape.outputs));
  predict_margins(*model, view, out);
  apply_link(shape.link, shape.outputs, out);
  explain_first(*model, view);
  return true;
}

void damage_many(const Bytes& model, unsigned seed, int times) {
  std::mt19937 random(seed);
  REQUIRE(survives(model, random));
  int accepted = 0;
  for (int i = 0; i < times; ++i) {
    auto payload = model;
    for (auto damages = 1 + random() % 3; damages > 0; --damages) damage(payload, random);
    accepted += survives(payload, random) ? 1 : 0;
  }
  CHECK(accepted < times);
}

}  // namespace quern::test
