// From terms to features, and their printing.

#include "compiler/ir/feature_program.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/box.h"

namespace quern::ir {
namespace {

constexpr std::array kDateParts = {Part::year,   Part::month, Part::day,
                                   Part::isodow, Part::doy,   Part::epoch_days};
constexpr std::array kTimestampParts = {Part::year,   Part::month,  Part::day,
                                        Part::isodow, Part::doy,    Part::epoch_days,
                                        Part::hour,   Part::minute, Part::second_of_day};

template <typename Parts>
void add_parts(std::vector<Feature>& out, const Input& input, std::size_t at, const Parts& parts) {
  for (const auto part : parts)
    out.push_back({input.name + "." + std::string(part_name(part)), at, DatePart{part}});
}

void add_elements(std::vector<Feature>& out, const Input& input, std::size_t at) {
  for (std::int32_t i = 0; i < input.elements; ++i)
    out.push_back({input.name + "[" + std::to_string(i) + "]", at, Element{i}});
}

void derive(std::vector<Feature>& out, const Input& input, std::size_t at) {
  switch (input.kind) {
    case TypeKind::text: out.push_back({input.name, at, Category{}}); break;
    case TypeKind::date: add_parts(out, input, at, kDateParts); break;
    case TypeKind::timestamp:
    case TypeKind::timestamp_ns:
    case TypeKind::timestamp_tz: add_parts(out, input, at, kTimestampParts); break;
    case TypeKind::list: add_elements(out, input, at); break;
    default: out.push_back({input.name, at, Number{}});
  }
}

/// What is read of text that is a vector; null of every other term.
const Element* text_element(const Term& term) {
  return term.transform ? std::get_if<Element>(&*term.transform) : nullptr;
}

std::vector<Feature> features_of(const Term& term, const Input& input) {
  std::vector<Feature> out;
  if (const auto* element = text_element(term)) {
    const auto elements = term.elements > 0 ? term.elements : input.elements;
    for (std::int32_t i = 0; i < elements; ++i) {
      out.push_back({input.name + "[" + std::to_string(i) + "]", term.input,
                     Element{i, element->delimiter, elements, element->ragged}});
    }
  } else if (term.transform) {
    const bool cross = std::holds_alternative<Cross>(*term.transform);
    out.push_back({cross ? "" : input.name, term.input, *term.transform});
  } else if (!term.parts.empty()) {
    add_parts(out, input, term.input, term.parts);
  } else {
    derive(out, input, term.input);
  }
  for (auto& feature : out) {
    feature.name = term.opening + feature.name + term.closing;
    feature.steps = term.steps;
    feature.uses = term.uses;
  }
  return out;
}

/// "log(x) 2" where there is a "log(x)".
std::string free_name(const std::string& name, const std::set<std::string>& taken) {
  auto out = name;
  for (int i = 2; taken.contains(out); ++i) out = name + " " + std::to_string(i);
  return out;
}

/// What the statement said of a feature. Hashing stands for any number of distinct values.
Feature as_written(Feature feature) {
  for (auto& step : feature.steps) step = as_written(std::move(step));
  auto* hashed = std::get_if<HashedCategory>(&feature.transform);
  if (hashed != nullptr && hashed->buckets == kHashBuckets)
    feature.transform = Category{.for_null = std::move(hashed->for_null)};
  const auto blank = [](std::optional<TextForNull>& for_null) {
    if (for_null && for_null->by_mode) for_null->text.clear();
  };
  hashed = std::get_if<HashedCategory>(&feature.transform);
  if (hashed != nullptr) blank(hashed->for_null);
  if (auto* category = std::get_if<Category>(&feature.transform)) {
    category->vocabulary.clear();
    blank(category->for_null);
  }
  feature.input = 0;  // the order of columns may differ
  feature.uses.clear();
  return feature;
}

/// Features that groups read stand behind all others.
void append_hidden(FeatureProgram& program, std::vector<Feature> hidden) {
  for (auto& group : program.groups) {
    if (auto* hot = std::get_if<OneHot>(&group.source)) hot->feature += program.features.size();
  }
  for (auto& feature : hidden) program.features.push_back(std::move(feature));
}

}  // namespace

std::vector<Feature> derive_features(const std::vector<Input>& inputs) {
  std::vector<Feature> out;
  for (std::size_t i = 0; i < inputs.size(); ++i) derive(out, inputs[i], i);
  return out;
}

void expand(FeatureProgram& program) {
  if (program.terms.empty()) {
    program.features = derive_features(program.inputs);
    return;
  }
  program.features.clear();
  program.groups.clear();
  std::set<std::string> taken;
  std::vector<Feature> hidden;
  const auto name = [&](const Term& term, std::string wanted) {
    if (!term.opening.empty()) wanted = free_name(wanted, taken);
    taken.insert(wanted);
    return wanted;
  };
  for (const auto& term : program.terms) {
    const auto& input = program.inputs[term.input];
    const bool is_hot = term.group && std::holds_alternative<OneHot>(term.group->source);
    if (term.group && !is_hot) {
      program.groups.push_back(*term.group);
      program.groups.back().name = name(term, term.opening + input.name + term.closing);
      program.groups.back().uses = term.uses;
      continue;
    }
    for (auto& feature : features_of(term, input)) {
      feature.name = name(term, feature.name);
      feature.hidden = is_hot;
      if (is_hot) {
        program.groups.push_back({feature.name, term.input, OneHot{hidden.size()}});
        program.groups.back().uses = term.uses;
      }
      (is_hot ? hidden : program.features).push_back(std::move(feature));
    }
  }
  append_hidden(program, std::move(hidden));
}

std::size_t dense_width(const FeatureProgram& program) {
  auto out = program.features.size();
  while (out > 0 && program.features[out - 1].hidden) --out;
  return out;
}

std::size_t width(const FeatureProgram& program) {
  auto out = dense_width(program);
  for (const auto& group : program.groups) out += group.width;
  return out;
}

std::string feature_name(const FeatureProgram& program, std::size_t column) {
  const auto dense = dense_width(program);
  if (column < dense) return program.features[column].name;
  auto at = column - dense;
  for (const auto& group : program.groups) {
    if (at < group.width) return group.name + "[" + std::to_string(at) + "]";
    at -= group.width;
  }
  return "";
}

bool is_category(const FeatureProgram& program, std::size_t column) {
  return column < dense_width(program) && program.features[column].is_category();
}

bool is_open(const FeatureProgram& program, std::size_t input) {
  if (program.inputs[input].elements > 0) return false;
  if (program.inputs[input].kind == TypeKind::list) return true;
  return std::any_of(program.terms.begin(), program.terms.end(), [&](const Term& term) {
    return term.input == input && term.elements == 0 && text_element(term) != nullptr;
  });
}

bool is_open(const FeatureProgram& program) {
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    if (is_open(program, i)) return true;
  }
  return false;
}

bool has_functions(const FeatureProgram& program) {
  return std::any_of(program.terms.begin(), program.terms.end(),
                     [](const Term& term) { return !term.opening.empty() || !term.parts.empty(); });
}

bool same_functions(const FeatureProgram& written, const FeatureProgram& fitted) {
  const auto forms = [](const FeatureProgram& program) {
    std::map<std::string, Feature> out;
    for (const auto& feature : program.features) {
      if (!std::holds_alternative<Element>(feature.transform))
        out.emplace(feature.name, as_written(feature));
    }
    for (auto group : program.groups) {
      if (group.is_fitted) group.width = 0;
      out.emplace(group.name + " " + group_words(group), Feature{});
    }
    return out;
  };
  return forms(written) == forms(fitted);
}

void drop_uses(FeatureProgram& program) {
  for (auto& feature : program.features) feature.uses.clear();
  for (auto& group : program.groups) group.uses.clear();
}

std::optional<Diagnostic> check_names(const FeatureProgram& program, SourceSpan span) {
  std::map<std::string_view, std::size_t> inputs;
  for (const auto& feature : program.features) {
    const auto [at, is_new] = inputs.emplace(feature.name, feature.input);
    if (is_new) continue;
    return Diagnostic{Code::ambiguous_column,
                      "columns " + program.inputs[at->second].name + " and " +
                          program.inputs[feature.input].name + " both have a feature named " +
                          feature.name,
                      span, "give one of them another name with AS"};
  }
  for (const auto& group : program.groups) {
    const bool hot = std::holds_alternative<OneHot>(group.source);
    if (hot || inputs.emplace(group.name, group.input).second) continue;
    return Diagnostic{Code::ambiguous_column, "two features are named " + group.name, span,
                      "name the column once"};
  }
  return std::nullopt;
}

namespace {

std::string columns_of(const FeatureProgram& program, const Feature& feature) {
  const auto column = [&](std::size_t at) {
    const auto& input = program.inputs[at];
    return input.name + " " + std::string(kind_name(input.kind));
  };
  const auto* cross = std::get_if<Cross>(&feature.transform);
  if (cross == nullptr) return column(feature.input);
  std::string out;
  for (const auto& key : cross->keys) {
    out += (out.empty() ? "" : ", ") + column(key.input);
    if (key.part) out += "." + std::string(part_name(*key.part));
    for (const auto& step : key.steps) out += ", " + step_words(step);
  }
  return out;
}

}  // namespace

std::string dump(const FeatureProgram& program) {
  std::string out;
  for (const auto& feature : program.features) {
    if (feature.hidden) out += "  hidden:";
    Feature source = feature;
    source.steps.clear();
    out += "  " + feature.name + " <- " + transform_words(source);
    out += "(" + columns_of(program, feature) + ")";
    for (const auto& step : feature.steps) out += ", " + written_words(step);
    out += "\n";
  }
  for (const auto& group : program.groups)
    out += "  " + group.name + "[...] <- " + group_words(group) + "\n";
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    const auto& [name, kind, elements] = program.inputs[i];
    if (!is_open(program, i)) continue;
    out += "  " + name + "[...] <- elements(" + name + " " + std::string(kind_name(kind)) + ")\n";
  }
  return out;
}

}  // namespace quern::ir
