// Type, range and choice checks of attributes, all from their declarations.

#include "compiler/bind/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "base/similar.h"
#include "compiler/bind/bind_layers.h"
#include "compiler/bind/bind_search.h"
#include "compiler/bind/constants.h"
#include "compiler/ir/metrics.h"
#include "compiler/ir/objectives.h"

namespace quern::binding {
namespace {

using ir::AttributeSpec;
using ir::AttributeType;
using ir::AttributeValue;

std::string expected_words(const AttributeSpec& spec) {
  switch (spec.type) {
    case AttributeType::boolean: return "true or false";
    case AttributeType::integer: return "an integer";
    case AttributeType::real: return "a number";
    case AttributeType::choice: return "one of its values";
    case AttributeType::text: return "text";
    case AttributeType::texts: return "text or a list of texts";
    case AttributeType::column: return "a column name";
    case AttributeType::columns: return "a column name or a list of them";
    case AttributeType::scalar: return "a constant";
    case AttributeType::number_map: return "a map of numbers or text";
    case AttributeType::groups: return "lists of names or text";
    case AttributeType::scalars: return "a list of constants of one kind";
    case AttributeType::layers: return "a list of layers";
    case AttributeType::duration: return "seconds, or text like '90s', '10m', '2h', '1d'";
  }
  return "a value";
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

Diagnostic wrong_type(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  return {Code::attribute_type,
          "attribute " + spec.name + " takes " + expected_words(spec) + ", found " + kind_words(c) +
              ": " + print(c),
          span};
}

bool in_range(const ir::AttributeRange& r, double v) {
  if (r.low && (r.low_open ? v <= *r.low : v < *r.low)) return false;
  if (r.high && (r.high_open ? v >= *r.high : v > *r.high)) return false;
  return std::isfinite(v);
}

Result<AttributeValue> check_range(const AttributeSpec& spec, double v, AttributeValue value,
                                   const Constant& c, SourceSpan span) {
  if (in_range(spec.range, v)) return value;
  const auto words = ir::range_words(spec.range);
  return Diagnostic{
      Code::attribute_range,
      "attribute " + spec.name + " must be " + (words.empty() ? "finite" : words) + ": " + print(c),
      span};
}

Result<AttributeValue> to_number(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  const auto* whole = std::get_if<std::int64_t>(&c.node);
  const auto* real = std::get_if<double>(&c.node);
  if (whole == nullptr && real == nullptr) return wrong_type(spec, c, span);
  const double v = whole != nullptr ? static_cast<double>(*whole) : *real;
  if (spec.type == AttributeType::real) return check_range(spec, v, v, c, span);
  const bool integral = whole != nullptr || (std::floor(v) == v && std::abs(v) < 9e15);
  if (!integral) return wrong_type(spec, c, span);
  return check_range(spec, v, whole != nullptr ? *whole : static_cast<std::int64_t>(v), c, span);
}

bool is_choice(const AttributeSpec& spec, const std::string& word) {
  return spec.choices.empty() ||
         std::find(spec.choices.begin(), spec.choices.end(), word) != spec.choices.end();
}

Diagnostic unknown_choice(const AttributeSpec& spec, const std::string& word, SourceSpan span) {
  auto hint = suggest(word, spec.choices, "allowed: " + joined(spec.choices));
  if (spec.name == "eval_metric" && ir::is_metric(word))
    hint = "TO EVALUATE knows it; training reports " + joined(spec.choices);
  return {Code::attribute_range, "attribute " + spec.name + " has no value " + word, span,
          std::move(hint)};
}

Result<AttributeValue> to_choice(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  const auto* word = std::get_if<std::string>(&c.node);
  if (word == nullptr) return wrong_type(spec, c, span);
  for (const auto& choice : spec.choices) {
    if (equal_ignoring_case(choice, *word)) return AttributeValue(choice);
  }
  return unknown_choice(spec, *word, span);
}

Result<AttributeValue> to_texts(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  std::vector<std::string> out;
  if (const auto* one = std::get_if<std::string>(&c.node)) {
    // SQLFlow writes several metrics as one comma-separated text.
    for (std::size_t at = 0; at <= one->size();) {
      const auto comma = std::min(one->find(',', at), one->size());
      const auto first = one->find_first_not_of(' ', at);
      if (first < comma) out.push_back(one->substr(first, comma - first));
      at = comma + 1;
    }
  } else if (const auto* list = std::get_if<std::vector<Constant>>(&c.node)) {
    for (const auto& item : *list) {
      const auto* text = std::get_if<std::string>(&item.node);
      if (text == nullptr) return wrong_type(spec, c, span);
      out.push_back(*text);
    }
  }
  if (out.empty()) return wrong_type(spec, c, span);
  for (const auto& item : out) {
    // XGBoost writes a metric's parameter behind an @: error@0.7; ndcg- and ndcg@5- count groups
    // without a relevant row as 0.
    auto name = item.substr(0, item.find('@'));
    if (name == "ndcg-" || name == "map-") name.pop_back();
    if (!is_choice(spec, name)) return unknown_choice(spec, item, span);
  }
  return AttributeValue(std::move(out));
}

std::optional<Scalar> scalar_of(const Constant& c) {
  if (const auto* v = std::get_if<bool>(&c.node)) return *v;
  if (const auto* v = std::get_if<std::int64_t>(&c.node)) return *v;
  if (const auto* v = std::get_if<double>(&c.node)) return *v;
  if (const auto* v = std::get_if<std::string>(&c.node)) return *v;
  return std::nullopt;
}

Result<AttributeValue> to_columns(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  if (const auto* one = std::get_if<std::string>(&c.node))
    return AttributeValue(std::vector<std::string>{*one});
  const auto* list = std::get_if<std::vector<Constant>>(&c.node);
  if (list == nullptr) return wrong_type(spec, c, span);
  std::vector<std::string> out;
  for (const auto& item : *list) {
    const auto* name = std::get_if<std::string>(&item.node);
    if (name == nullptr) return wrong_type(spec, c, span);
    out.push_back(*name);
  }
  return AttributeValue(std::move(out));
}

Result<AttributeValue> to_scalar(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  const auto scalar = scalar_of(c);
  if (!scalar) return wrong_type(spec, c, span);
  return std::visit([](const auto& v) { return AttributeValue(v); }, *scalar);
}

Result<AttributeValue> to_scalars(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  const auto* list = std::get_if<std::vector<Constant>>(&c.node);
  if (list == nullptr || list->empty()) return wrong_type(spec, c, span);
  std::vector<Scalar> out;
  for (const auto& item : *list) {
    auto scalar = scalar_of(item);
    if (!scalar || (!out.empty() && scalar->index() != out.front().index()))
      return wrong_type(spec, c, span);
    out.push_back(*std::move(scalar));
  }
  return AttributeValue(std::move(out));
}

Result<AttributeValue> to_boolean(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  if (const auto* v = std::get_if<bool>(&c.node)) return AttributeValue(*v);
  const auto* number = std::get_if<std::int64_t>(&c.node);
  if (number != nullptr && (*number == 0 || *number == 1)) return AttributeValue(*number == 1);
  return wrong_type(spec, c, span);
}

Result<AttributeValue> to_number_map(const AttributeSpec& spec, const Constant& c,
                                     SourceSpan span) {
  if (const auto* text = std::get_if<std::string>(&c.node)) {
    return spec.choices.empty() ? AttributeValue(*text) : to_choice(spec, c, span);
  }
  // BigQuery's auto_class_weights is true or false.
  if (const auto* flag = std::get_if<bool>(&c.node); flag != nullptr && !spec.choices.empty()) {
    return AttributeValue(spec.choices[*flag ? 0 : 1]);
  }
  const auto* entries = std::get_if<std::vector<ConstantEntry>>(&c.node);
  if (entries == nullptr || entries->empty()) return wrong_type(spec, c, span);
  ir::NumberMap out;
  for (const auto& [name, value] : *entries) {
    const auto* whole = std::get_if<std::int64_t>(&value.node);
    const auto* real = std::get_if<double>(&value.node);
    if (whole == nullptr && real == nullptr) return wrong_type(spec, c, span);
    const double number = whole != nullptr ? static_cast<double>(*whole) : *real;
    QUERN_TRY(auto checked, check_range(spec, number, number, value, span));
    out.emplace_back(name, std::get<double>(checked));
  }
  return AttributeValue(std::move(out));
}

Result<AttributeValue> to_groups(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  if (const auto* text = std::get_if<std::string>(&c.node)) return AttributeValue(*text);
  const auto* list = std::get_if<std::vector<Constant>>(&c.node);
  if (list == nullptr || list->empty()) return wrong_type(spec, c, span);
  ir::NameGroups out;
  for (const auto& item : *list) {
    const auto* names = std::get_if<std::vector<Constant>>(&item.node);
    if (names == nullptr || names->empty()) return wrong_type(spec, c, span);
    out.emplace_back();
    for (const auto& name : *names) {
      const auto* text = std::get_if<std::string>(&name.node);
      const auto* position = std::get_if<std::int64_t>(&name.node);
      if (text == nullptr && position == nullptr) return wrong_type(spec, c, span);
      out.back().push_back(text != nullptr ? *text : std::to_string(*position));
    }
  }
  return AttributeValue(std::move(out));
}

/// A number and its unit; nullopt for other text.
std::optional<double> seconds_of(const std::string& text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(parsed.ptr - text.data());
  if (parsed.ec != std::errc() || used + 1 < text.size()) return std::nullopt;
  if (used == text.size()) return number;
  switch (text[used]) {
    case 's': return number;
    case 'm': return number * 60;
    case 'h': return number * 3600;
    case 'd': return number * 86400;
    default: return std::nullopt;
  }
}

Result<AttributeValue> to_duration(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  const auto* text = std::get_if<std::string>(&c.node);
  const auto* whole = std::get_if<std::int64_t>(&c.node);
  const auto* real = std::get_if<double>(&c.node);
  auto seconds = text != nullptr    ? seconds_of(*text)
                 : whole != nullptr ? std::optional(static_cast<double>(*whole))
                 : real != nullptr  ? std::optional(*real)
                                    : std::nullopt;
  if (!seconds) return wrong_type(spec, c, span);
  return check_range(spec, *seconds, *seconds, c, span);
}

}  // namespace

Result<AttributeValue> to_value(const AttributeSpec& spec, const Constant& c, SourceSpan span) {
  switch (spec.type) {
    case AttributeType::boolean: return to_boolean(spec, c, span);
    case AttributeType::integer:
    case AttributeType::real: return to_number(spec, c, span);
    case AttributeType::choice: return to_choice(spec, c, span);
    case AttributeType::texts: return to_texts(spec, c, span);
    case AttributeType::columns: return to_columns(spec, c, span);
    case AttributeType::text:
    case AttributeType::column:
      if (const auto* v = std::get_if<std::string>(&c.node)) return AttributeValue(*v);
      return wrong_type(spec, c, span);
    case AttributeType::scalar: return to_scalar(spec, c, span);
    case AttributeType::number_map: return to_number_map(spec, c, span);
    case AttributeType::groups: return to_groups(spec, c, span);
    case AttributeType::scalars: return to_scalars(spec, c, span);
    case AttributeType::duration: return to_duration(spec, c, span);
    case AttributeType::layers: break;  // no constant: see bind_setting()
  }
  return wrong_type(spec, c, span);
}

namespace {

std::vector<std::string> all_names(std::span<const AttributeSpec> specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) {
    if (spec.refusal.empty()) names.push_back(spec.name);
  }
  for (const auto& spec : specs)
    names.insert(names.end(), spec.aliases.begin(), spec.aliases.end());
  return names;
}

bool is_harmless(const AttributeSpec& spec, const ast::Expr& value) {
  if (spec.harmless.empty()) return false;
  const auto constant = fold(value);
  if (!constant) return false;
  const auto written = print(*constant);
  return std::any_of(spec.harmless.begin(), spec.harmless.end(),
                     [&](const auto& v) { return equal_ignoring_case(v, written); });
}

/// Why the name, or this value of it, cannot stand here.
Diagnostic refusal(const AttributeSpec& spec, const ast::Attribute& attribute) {
  const auto name = attribute.name.text();
  const auto message = "attribute " + name + ": " + spec.refusal;
  if (spec.harmless.empty()) return {Code::attribute_conflict, message, attribute.name.span};
  return {Code::attribute_conflict, message, attribute.span,
          "leave it out, or write " + name + " = " + spec.harmless.front()};
}

Result<ir::Setting> bind_setting(const ast::Attribute& attribute, const AttributeSpec* spec,
                                 std::span<const AttributeSpec> specs, const std::string& subject) {
  const auto name = attribute.name.text();
  if (spec == nullptr) {
    return Diagnostic{Code::unknown_attribute, "unknown attribute: " + name, attribute.name.span,
                      suggest(name, all_names(specs),
                              subject + " has no such attribute; docs/attributes.md lists them")};
  }
  const bool harmless = is_harmless(*spec, attribute.value);
  if (!spec->refusal.empty() && !harmless) return refusal(*spec, attribute);
  if (!spec->available && !harmless) {
    return Diagnostic{Code::not_in_this_version, "attribute is not in this version: " + name,
                      attribute.name.span};
  }
  if (is_search(attribute.value)) return bind_search(*spec, attribute);
  if (spec->type == AttributeType::layers) {
    QUERN_TRY(auto layers, to_layers(*spec, attribute.value));
    return ir::Setting{spec, std::move(layers), attribute.span, attribute.value.span};
  }
  QUERN_TRY(const Constant constant, fold(attribute.value));
  QUERN_TRY(auto value, to_value(*spec, constant, attribute.value.span));
  return ir::Setting{spec, std::move(value), attribute.span, attribute.value.span};
}

/// An estimator that is named after its booster has no other; parameters go with theirs.
void check_boosters(const ir::EstimatorDescriptor& estimator,
                    const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto booster = ir::booster_of(estimator, settings);
  const auto* chosen = ir::find_setting(settings, "booster");
  if (chosen != nullptr && !estimator.any_booster && booster != estimator.booster) {
    errors.push_back(
        {Code::attribute_conflict,
         "the booster of " + estimator.name + " is " + estimator.booster + ", not " + booster,
         chosen->span, "name the estimator xgboost." + booster});
    return;
  }
  const auto subject =
      chosen != nullptr ? "the booster is " + booster : "the estimator is " + estimator.name;
  for (const auto& s : settings) {
    const auto& only = s.spec->boosters;
    if (only.empty() || std::find(only.begin(), only.end(), booster) != only.end()) continue;
    errors.push_back(
        {Code::attribute_conflict,
         "attribute " + s.spec->name + " belongs to booster " + joined(only) + ", " + subject,
         s.span});
  }
}

using Lookup = std::function<const AttributeSpec*(std::string_view)>;

std::vector<ir::Setting> bind_all(const std::vector<ast::Attribute>& with, const Lookup& lookup,
                                  std::span<const AttributeSpec> specs, const std::string& subject,
                                  Diagnostics& errors) {
  std::vector<ir::Setting> out;
  for (const auto& attribute : with) {
    auto setting = bind_setting(attribute, lookup(attribute.name.text()), specs, subject);
    if (!setting) {
      errors.insert(errors.end(), setting.errors().begin(), setting.errors().end());
      continue;
    }
    if (const auto* before = ir::find_setting(out, setting->spec->name)) {
      errors.push_back({Code::repeated_attribute,
                        "attribute given twice: " + setting->spec->name,
                        attribute.span,
                        "",
                        {{before->span, "it is given here first"}}});
      continue;
    }
    out.push_back(*std::move(setting));
  }
  return out;
}

}  // namespace

std::vector<ir::Setting> bind_settings(const std::vector<ast::Attribute>& with,
                                       std::span<const AttributeSpec> specs,
                                       const std::string& subject, Diagnostics& errors) {
  return bind_all(
      with, [&](std::string_view n) { return ir::find_attribute(specs, n); }, specs, subject,
      errors);
}

std::vector<ir::Setting> bind_training_settings(const std::vector<ast::Attribute>& with,
                                                const ir::EstimatorDescriptor& estimator,
                                                Diagnostics& errors) {
  const auto specs = estimator.attributes();
  const auto lookup = [&](std::string_view name) {
    for (const auto& [alias, canonical] : estimator.renames) {
      if (equal_ignoring_case(alias, name)) return ir::find_attribute(specs, canonical);
    }
    return ir::find_attribute(specs, name);
  };
  auto settings = bind_all(with, lookup, specs, estimator.name, errors);
  check_boosters(estimator, settings, errors);
  return settings;
}

void refuse(const std::vector<ir::Setting>& settings, const std::string& name,
            const std::string& why, const std::string& hint, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, name);
  if (setting == nullptr) return;
  errors.push_back(
      {Code::attribute_conflict, "attribute " + name + " " + why, setting->span, hint});
}

void check_objective(const ir::EstimatorDescriptor& estimator,
                     const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "objective");
  if (setting == nullptr) return;
  const auto& objective = *ir::find_objective(std::get<std::string>(setting->value));
  const auto name = std::string(objective.name);
  const auto at = setting->value_span;
  if (!objective.available) {
    errors.push_back({Code::not_in_this_version, "objective is not in this version: " + name, at});
  }
  const bool number = objective.task == ir::Task::regression;
  if (estimator.objective != nullptr && !objective.is_ranking()) {
    errors.push_back({Code::attribute_conflict,
                      "objective " + name + " does not rank, " + estimator.name + " does", at,
                      number ? "use xgboost.XGBRegressor" : "use xgboost.XGBClassifier"});
    return;
  }
  if (estimator.label_role == ir::LabelRole::classes && number) {
    errors.push_back({Code::attribute_conflict,
                      "objective " + name + " predicts a number, " + estimator.name + " a class",
                      at, "use xgboost.XGBRegressor or xgboost.gbtree"});
  }
  if (estimator.label_role == ir::LabelRole::number && !number) {
    errors.push_back({Code::attribute_conflict,
                      "objective " + name + " predicts a class, " + estimator.name + " a number",
                      at, "use xgboost.XGBClassifier or xgboost.gbtree"});
  }
}

}  // namespace quern::binding
