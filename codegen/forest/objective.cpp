// The table of objectives. A new one is a line here and a line in tests/property.

#include "codegen/forest/objective.h"

#include <cmath>

namespace quern::codegen {
namespace {

constexpr ObjectiveRule kObjectives[] = {
    {"reg:squarederror", Link::identity, BaseScore::margin},
    {"reg:linear", Link::identity, BaseScore::margin},
    {"reg:squaredlogerror", Link::identity, BaseScore::margin},
    {"reg:pseudohubererror", Link::identity, BaseScore::margin},
    {"reg:absoluteerror", Link::identity, BaseScore::margin},
    {"reg:quantileerror", Link::identity, BaseScore::margin},
    {"reg:logistic", Link::logistic, BaseScore::probability},
    {"reg:gamma", Link::exponential, BaseScore::mean},
    {"reg:tweedie", Link::exponential, BaseScore::mean},
    {"count:poisson", Link::exponential, BaseScore::mean},
    {"binary:logistic", Link::logistic, BaseScore::probability},
    {"binary:logitraw", Link::identity, BaseScore::margin},
    {"binary:hinge", Link::hinge, BaseScore::margin},
    {"multi:softprob", Link::softmax, BaseScore::margin},
    {"multi:softmax", Link::softmax_class, BaseScore::margin},
    {"rank:pairwise", Link::identity, BaseScore::margin},
    {"rank:ndcg", Link::identity, BaseScore::margin},
    {"rank:map", Link::identity, BaseScore::margin},
    {"survival:cox", Link::exponential, BaseScore::mean},
    {"survival:aft", Link::exponential, BaseScore::mean},
    // Not XGBoost's: forests whose leaves are shares of classes, out of ONNX files.
    {"quern:shares", Link::shares, BaseScore::margin},
};

}  // namespace

const ObjectiveRule* find_objective(std::string_view name) {
  for (const auto& rule : kObjectives) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

float base_margin(BaseScore kind, float score) {
  switch (kind) {
    case BaseScore::margin: return score;
    case BaseScore::probability: return -logf(1.0F / score - 1.0F);
    case BaseScore::mean: return logf(score);
  }
  return score;
}

}  // namespace quern::codegen
