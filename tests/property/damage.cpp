// Bits, bytes, runs and ends: what disks, editors and attackers do to a payload.

#include "damage.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "codegen/forest/forest.h"
#include "codegen/forest/importance.h"
#include "codegen/interpret/shap.h"
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

bool survives(const Bytes& payload, std::mt19937& random) {
  const auto forest = codegen::read_xgboost_model(payload);
  if (!forest) {
    CHECK_FALSE(forest.errors().empty());
    const auto code = forest.errors().front().code;
    CHECK((code == Code::corrupt_model || code == Code::not_in_this_version));
    return false;
  }
  if (forest->features > 4096 || forest->outputs > 4096) return true;
  const auto rows = probe_rows(*forest, random, 8, true);
  std::vector<float> out(static_cast<std::size_t>(rows.rows * forest->outputs));
  predict_margins(*forest, {rows.values.data(), rows.rows, rows.features, rows.features, 1}, out);
  apply_link(forest->link, forest->outputs, out);
  const auto shap = codegen::TreeShap::make(*forest);
  if (!shap) return true;
  std::vector<double> values(shap->width());
  shap->explain({rows.values.data(), rows.rows, rows.features, rows.features, 1}, 0, values);
  (void)codegen::importances(*forest);
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
