// The few members of the document that are not the model itself.

#include "codegen/forest/model_card.h"

#include <algorithm>

#include "codegen/forest/document.h"
#include "codegen/forest/fields.h"

namespace quern::codegen {
namespace {

constexpr std::int64_t kMaxFeatures = 1 << 24;
constexpr std::int64_t kMaxClasses = 1 << 16;

/// An array of texts; an absent one is empty.
Result<std::vector<std::string>> texts(const DocumentValue& value, const std::string& name) {
  std::vector<std::string> out;
  const auto* found = value.find(name);
  const auto* list = found == nullptr ? nullptr : found->as<DocumentValue::List>();
  if (list == nullptr) return out;
  for (const auto& item : *list) {
    const auto* text = item.as<std::string>();
    if (text == nullptr) return corrupt_model(name + " is not an array of texts");
    out.push_back(*text);
  }
  return out;
}

/// "1.7.4" of [1, 7, 4].
std::string version_of(const DocumentValue& document) {
  const auto* found = document.find("version");
  const auto* parts = found == nullptr ? nullptr : found->as<DocumentValue::Numbers>();
  if (parts == nullptr || parts->size() != 3) return "";
  std::string out;
  for (const double part : *parts) {
    const auto number = index_below(part, 1000000);
    if (!number) return "";
    out += (out.empty() ? "" : ".") + std::to_string(*number);
  }
  return out;
}

/// Trees that one round makes for one output.
Result<std::int64_t> parallel_trees(const DocumentValue& model) {
  const auto* parameters = model.find("gbtree_model_param");
  if (parameters == nullptr) return std::int64_t{1};
  QUERN_TRY(const auto trees, size_of(*parameters, "num_parallel_tree", 1 << 24));
  return std::max<std::int64_t>(trees, 1);
}

/// Rounds of a forest; a linear model does not keep their number.
Result<std::int64_t> rounds_of(const DocumentValue& booster, std::int64_t outputs) {
  const auto* nested = booster.find("gbtree");
  const auto* model = (nested != nullptr ? *nested : booster).find("model");
  const auto* trees = model == nullptr ? nullptr : model->find("trees");
  const auto* list = trees == nullptr ? nullptr : trees->as<DocumentValue::List>();
  if (list == nullptr) return std::int64_t{0};
  QUERN_TRY(const auto parallel, parallel_trees(*model));
  return static_cast<std::int64_t>(list->size()) / (parallel * std::max<std::int64_t>(outputs, 1));
}

Result<void> read_names(const DocumentValue& learner, ModelCard& card) {
  QUERN_TRY(card.feature_names, texts(learner, "feature_names"));
  const auto count = static_cast<std::int64_t>(card.feature_names.size());
  if (count == 0 || count == card.features) return {};
  return corrupt_model("feature_names has " + std::to_string(count) + " entries for " +
                       std::to_string(card.features) + " features");
}

void read_attributes(const DocumentValue& learner, ModelCard& card) {
  const auto* found = learner.find("attributes");
  const auto* object = found == nullptr ? nullptr : found->as<DocumentValue::Object>();
  if (object == nullptr) return;
  for (const auto& [name, value] : *object) {
    if (const auto* text = value.as<std::string>()) card.attributes.emplace_back(name, *text);
  }
}

}  // namespace

Result<ModelCard> read_model_card(std::span<const std::uint8_t> payload) {
  QUERN_TRY(const auto document, read_document(payload));
  ModelCard card{.version = version_of(document)};
  QUERN_TRY(const auto* learner, member(document, "learner"));
  QUERN_TRY(const auto* objective, member(*learner, "objective"));
  QUERN_TRY(card.objective, text(*objective, "name"));
  QUERN_TRY(const auto* shape, member(*learner, "learner_model_param"));
  QUERN_TRY(card.features, size_of(*shape, "num_feature", kMaxFeatures));
  QUERN_TRY(card.classes, size_of(*shape, "num_class", kMaxClasses));
  QUERN_TRY(const auto* booster, member(*learner, "gradient_booster"));
  QUERN_TRY(card.booster, text(*booster, "name"));
  QUERN_TRY(card.rounds, rounds_of(*booster, card.classes));
  QUERN_CHECK(read_names(*learner, card));
  read_attributes(*learner, card);
  return card;
}

}  // namespace quern::codegen
