// Uses of features.

#include "compiler/bind/network_functions.h"

#include <algorithm>

#include "base/similar.h"
#include "compiler/ir/network.h"

namespace quern::binding {
namespace {

using ir::NetworkUse;
using ir::Reading;

/// Whole numbers become categories of these codes.
void take_codes(FeatureValue& value) {
  value.term.steps.emplace_back(ir::Identity{});
  value.term.opening = "category_id(" + value.term.opening;
  value.term.closing += ")";
  value.kind = ValueKind::category;
}

/// Numbers in one text that DENSE read are ids here, as in SQLFlow.
void take_ids(FeatureValue& value, const ir::Element& element) {
  const ir::SparseText form{.delimiter = element.delimiter.empty() ? "," : element.delimiter,
                            .weighted = false};
  value.term.group = ir::SparseGroup{"", value.term.input, form, 0, false};
  value.term.transform.reset();
  value.term.elements = 0;
  value.kind = ValueKind::sparse;
}

/// A value as a category or sparse vector; false, with an error, where it is none.
bool make_category(const std::string& function, FeatureValue& value, Diagnostics& errors,
                   SourceSpan span) {
  const auto* element =
      value.term.transform ? std::get_if<ir::Element>(&*value.term.transform) : nullptr;
  if (element != nullptr && value.term.steps.empty()) {
    take_ids(value, *element);
  } else if (value.kind == ValueKind::number) {
    take_codes(value);
  } else if (value.kind == ValueKind::text) {
    value.term.transform = ir::Category{};
    value.kind = ValueKind::category;
  } else if (value.kind != ValueKind::category && value.kind != ValueKind::sparse) {
    refuse_value(function, "a category, text or a whole number", value, span, errors);
    return false;
  }
  return true;
}

std::optional<ir::Combiner> combiner_of(FunctionArguments& arguments) {
  if (arguments.size() < 3) return ir::Combiner::sum;
  const auto name = arguments.text(2);
  if (!name) return std::nullopt;
  for (const auto combiner : {ir::Combiner::sum, ir::Combiner::mean, ir::Combiner::sqrtn}) {
    if (equal_ignoring_case(ir::combiner_name(combiner), *name)) return combiner;
  }
  arguments.refuse(2, "sum, mean or sqrtn", *name);
  return std::nullopt;
}

/// Ids of a text where SEQ_CATEGORY_ID gives no other number.
constexpr std::int64_t kUsualSteps = 64;

bool is_scaled(const ir::Step& step) {
  return std::holds_alternative<ir::Standardize>(step) || std::holds_alternative<ir::MinMax>(step);
}

/// The codes that a step of buckets gives; 0: it is no such step.
std::uint32_t buckets_of(const ir::Step& step) {
  if (const auto* bucket = std::get_if<ir::Bucket>(&step))
    return static_cast<std::uint32_t>(bucket->boundaries.size()) + 1;
  const auto* quantiles = std::get_if<ir::QuantileBucket>(&step);
  return quantiles == nullptr ? 0 : quantiles->buckets;
}

}  // namespace

FeatureChange embedding(FunctionArguments& arguments) {
  constexpr std::int64_t kWidest = 4096;
  std::optional<std::int64_t> width = 0;
  if (arguments.size() > 1) width = arguments.whole(1, 1, kWidest);
  const auto combiner = combiner_of(arguments);
  if (!width || !combiner) return nullptr;
  const NetworkUse use{-1, Reading::embedded, static_cast<std::int32_t>(*width), *combiner};
  return [use](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (make_category("EMBEDDING", value, errors, span)) value.term.uses = {use};
  };
}

FeatureChange sequence(FunctionArguments& arguments) {
  constexpr std::int64_t kLongest = 4096;
  const auto size = arguments.whole(1, 1, ir::kMostBuckets);
  std::optional<std::string> delimiter = "";
  if (arguments.size() > 2) delimiter = arguments.text(2);
  std::optional<std::int64_t> length = kUsualSteps;
  if (arguments.size() > 3) length = arguments.whole(3, 1, kLongest);
  if (!size || !delimiter || !length) return nullptr;
  if (equal_ignoring_case(*delimiter, "comma")) delimiter = "";
  const ir::Element element{0, *delimiter, 0, true};
  return [=](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (value.kind != ValueKind::text || value.term.transform)
      return refuse_value("SEQ_CATEGORY_ID", "a column of text", value, span, errors);
    value.term.transform = element;
    value.term.elements = static_cast<std::int32_t>(*length);
    value.term.steps = {ir::Identity{static_cast<std::uint32_t>(*size), false}};
    value.kind = ValueKind::category;
  };
}

FeatureChange network_indicator() {
  return [](FeatureValue& value, Diagnostics& errors, SourceSpan span) {
    if (!make_category("INDICATOR", value, errors, span)) return;
    value.term.uses = {NetworkUse{.reading = Reading::one_hot}};
    if (!value.term.group) return;
    if (auto* text = std::get_if<ir::SparseText>(&value.term.group->source)) text->weighted = false;
  };
}

void complete_for_network(FeatureValue& value, bool standardize, bool steps, std::int32_t tower) {
  auto& term = value.term;
  const bool numeric = value.kind == ValueKind::number || value.kind == ValueKind::list ||
                       value.kind == ValueKind::date;
  const auto buckets = numeric && !term.steps.empty() ? buckets_of(term.steps.back()) : 0;
  if (buckets > 0) {
    term.steps.emplace_back(ir::Identity{buckets, false});
  } else if (numeric && standardize &&
             std::none_of(term.steps.begin(), term.steps.end(), is_scaled)) {
    term.steps.emplace_back(ir::Standardize{});
  }
  if (numeric && buckets == 0 && steps) {
    const bool imputed = std::any_of(term.steps.begin(), term.steps.end(), [](const ir::Step& s) {
      return std::holds_alternative<ir::Impute>(s);
    });
    if (!imputed) term.steps.emplace_back(ir::Impute{ir::Replacement::constant, 0});
  }
  if (tower < 0) return;
  if (term.uses.empty()) term.uses.emplace_back();
  for (auto& use : term.uses) use.tower = tower;
}

}  // namespace quern::binding
