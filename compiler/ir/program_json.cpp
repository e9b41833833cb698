// The feature program as JSON, and back.

#include "compiler/ir/program_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/box.h"
#include "compiler/ir/whole.h"

namespace quern::ir {
namespace {

using nlohmann::json;

json write_for_null(const TextForNull& for_null) {
  return {{"by_mode", for_null.by_mode}, {"text", for_null.text}};
}

std::optional<TextForNull> read_for_null(const json& j) {
  if (!j.contains("for_null")) return std::nullopt;
  const auto& f = j.at("for_null");
  return TextForNull{f.at("by_mode").get<bool>(), f.at("text").get<std::string>()};
}

json write_step(const Step& step) {
  json out = std::visit(Overloaded{
                            [](const Standardize& s) {
                              return json{{"mean", s.mean}, {"deviation", s.deviation}};
                            },
                            [](const MinMax& s) {
                              return json{{"least", s.least}, {"range", s.range}};
                            },
                            [](const Logarithm&) { return json::object(); },
                            [](const Impute& s) {
                              return json{{"by", static_cast<int>(s.by)}, {"value", s.value}};
                            },
                            [](const Bucket& s) {
                              return json{{"boundaries", s.boundaries}};
                            },
                            [](const QuantileBucket& s) {
                              return json{{"buckets", s.buckets}, {"boundaries", s.boundaries}};
                            },
                            [](const Identity& s) {
                              return json{{"size", s.size}, {"is_fitted", s.is_fitted}};
                            },
                        },
                        step);
  out["step"] = step_name(step);
  return out;
}

double finite(const json& j) {
  const auto value = j.get<double>();
  if (!std::isfinite(value)) throw std::runtime_error("a number of a step is not finite");
  return value;
}

double divisor(const json& j) {
  const auto value = finite(j);
  if (value <= 0) throw std::runtime_error("a divisor of a step is not above 0");
  return value;
}

std::vector<double> read_boundaries(const json& j) {
  std::vector<double> out;
  for (const auto& b : j) {
    const auto value = finite(b);
    if (!out.empty() && value <= out.back()) throw std::runtime_error("boundaries do not rise");
    out.push_back(value);
  }
  return out;
}

std::uint32_t read_buckets(const json& j) {
  const auto buckets = whole<std::uint32_t>(j);
  if (buckets == 0 || buckets > kMostBuckets)
    throw std::runtime_error("a category has no buckets, or too many");
  return buckets;
}

Replacement read_replacement(const json& j) {
  const auto by = whole<int>(j);
  if (by < 0 || by > static_cast<int>(Replacement::mode))
    throw std::runtime_error("unknown replacement");
  return static_cast<Replacement>(by);
}

Step read_step(const json& j) {
  const auto name = j.at("step").get<std::string>();
  if (name == "standardize") return Standardize{finite(j.at("mean")), divisor(j.at("deviation"))};
  if (name == "minmax") return MinMax{finite(j.at("least")), divisor(j.at("range"))};
  if (name == "log") return Logarithm{};
  if (name == "impute") return Impute{read_replacement(j.at("by")), finite(j.at("value"))};
  if (name == "bucket") return Bucket{read_boundaries(j.at("boundaries"))};
  if (name == "quantile_bucket") {
    return QuantileBucket{whole<std::uint32_t>(j.at("buckets")),
                          read_boundaries(j.at("boundaries"))};
  }
  if (name != "category_id") throw std::runtime_error("unknown step " + name);
  return Identity{read_buckets(j.at("size")), j.at("is_fitted").get<bool>()};
}

/// A category is the end of a feature.
std::vector<Step> read_steps(const json& j) {
  std::vector<Step> out;
  if (!j.contains("steps")) return out;
  for (const auto& step : j.at("steps")) {
    if (!out.empty() && std::holds_alternative<Identity>(out.back()))
      throw std::runtime_error("a step stands behind a category");
    out.push_back(read_step(step));
  }
  return out;
}

json write_steps(const std::vector<Step>& steps) {
  json out = json::array();
  for (const auto& step : steps) out.push_back(write_step(step));
  return out;
}

json write_cross(const Cross& cross) {
  json keys = json::array();
  for (const auto& key : cross.keys) {
    json k = {{"input", key.input}};
    if (key.part) k["part"] = part_name(*key.part);
    if (!key.steps.empty()) k["steps"] = write_steps(key.steps);
    keys.push_back(std::move(k));
  }
  return {{"transform", "cross"}, {"keys", std::move(keys)}, {"buckets", cross.buckets}};
}

json write_transform(const Feature& feature) {
  return std::visit(Overloaded{
                        [](const Number&) {
                          return json{{"transform", "number"}};
                        },
                        [](const DatePart& p) {
                          return json{{"transform", "part"}, {"part", part_name(p.part)}};
                        },
                        [](const Element& e) {
                          json out = {{"transform", "element"}, {"index", e.index}};
                          if (!e.delimiter.empty()) out["delimiter"] = e.delimiter;
                          if (e.of > 0) out["of"] = e.of;
                          if (e.ragged) out["ragged"] = true;
                          return out;
                        },
                        [](const Category& c) {
                          json out = {{"transform", "category"}, {"vocabulary", c.vocabulary}};
                          if (c.most > 0) out["most"] = c.most;
                          if (c.for_null) out["for_null"] = write_for_null(*c.for_null);
                          return out;
                        },
                        [](const HashedCategory& h) {
                          json out = {{"transform", "hashed_category"}, {"buckets", h.buckets}};
                          if (h.for_null) out["for_null"] = write_for_null(*h.for_null);
                          return out;
                        },
                        [](const Cross& c) { return write_cross(c); },
                    },
                    feature.transform);
}

Part read_part(const json& j) {
  const auto name = j.get<std::string>();
  const auto part = find_part(name);
  if (!part) throw std::runtime_error("unknown part of a date " + name);
  return *part;
}

Cross read_cross(const json& j) {
  Cross out{.keys = {}, .buckets = read_buckets(j.at("buckets"))};
  for (const auto& k : j.at("keys")) {
    CrossKey key{.input = whole<std::size_t>(k.at("input")), .part = {}, .steps = read_steps(k)};
    if (k.contains("part")) key.part = read_part(k.at("part"));
    out.keys.push_back(std::move(key));
  }
  if (out.keys.empty()) throw std::runtime_error("a cross has no columns");
  return out;
}

Transform read_transform(const json& j) {
  const auto name = j.at("transform").get<std::string>();
  if (name == "number") return Number{};
  if (name == "part") return DatePart{read_part(j.at("part"))};
  if (name == "element")
    return Element{whole<std::int32_t>(j.at("index")), j.value("delimiter", std::string()),
                   j.contains("of") ? whole<std::int32_t>(j.at("of")) : 0,
                   j.value("ragged", false)};
  if (name == "category")
    return Category{j.at("vocabulary").get<std::vector<std::string>>(),
                    j.contains("most") ? whole<std::uint32_t>(j.at("most")) : 0, read_for_null(j)};
  if (name == "cross") return read_cross(j);
  if (name != "hashed_category") throw std::runtime_error("unknown transform " + name);
  return HashedCategory{read_buckets(j.at("buckets")), read_for_null(j)};
}

bool is_date(TypeKind kind) {
  return kind == TypeKind::date || kind == TypeKind::timestamp || kind == TypeKind::timestamp_ns ||
         kind == TypeKind::timestamp_tz;
}

/// What TextReader reads.
bool has_text(TypeKind kind) {
  return kind == TypeKind::text || kind == TypeKind::boolean || is_number(kind);
}

bool suits(const CrossKey& key, const std::vector<Input>& inputs) {
  if (key.input >= inputs.size()) return false;
  const auto kind = inputs[key.input].kind;
  if (key.part) return is_date(kind);
  return key.steps.empty() ? has_text(kind) : !is_bytes(kind) || is_number(kind);
}

/// The interpreter takes for granted that a column's layout is what its transform reads.
bool suits(const Feature& feature, const std::vector<Input>& inputs) {
  const auto& input = inputs[feature.input];
  const auto kind = input.kind;
  return std::visit(
      Overloaded{
          [&](const Number&) { return !is_bytes(kind) || is_number(kind); },
          [&](const DatePart&) { return is_date(kind); },
          [&](const Element& e) {
            if (kind != TypeKind::list && kind != TypeKind::text) return false;
            return e.index >= 0 && e.index < (kind == TypeKind::text ? e.of : input.elements);
          },
          [&](const Cross& c) {
            return feature.steps.empty() &&
                   std::all_of(c.keys.begin(), c.keys.end(),
                               [&](const CrossKey& key) { return suits(key, inputs); });
          },
          [&](const auto&) { return feature.steps.empty() && has_text(kind); },
      },
      feature.transform);
}

json write_input(const Input& input) {
  json out = {{"name", input.name}, {"kind", kind_name(input.kind)}};
  if (input.kind == TypeKind::list) out["elements"] = input.elements;
  return out;
}

Input read_input(const json& j) {
  Input input{j.at("name"), kind_from_name(j.at("kind").get<std::string>())};
  if (input.kind == TypeKind::list) input.elements = whole<std::int32_t>(j.at("elements"));
  return input;
}

json write_group(const SparseGroup& group) {
  json out = std::visit(Overloaded{
                            [](const SparseText& s) {
                              return json{{"source", "text"},
                                          {"delimiter", s.delimiter},
                                          {"key_delimiter", s.key_delimiter},
                                          {"weighted", s.weighted}};
                            },
                            [](const DenseText&) {
                              return json{{"source", "numbers"}};
                            },
                            [](const OneHot& o) {
                              return json{{"source", "one_hot"}, {"feature", o.feature}};
                            },
                            [](const Ngrams& n) {
                              return json{{"source", "ngrams"}, {"words", n.words}};
                            },
                        },
                        group.source);
  out["name"] = group.name;
  out["input"] = group.input;
  out["width"] = group.width;
  out["is_fitted"] = group.is_fitted;
  return out;
}

std::uint32_t read_words(const json& j) {
  const auto words = whole<std::uint32_t>(j);
  if (words == 0 || words > kMostWords)
    throw std::runtime_error("sequences of no words, or of too many");
  return words;
}

SparseGroup read_group(const json& j, const FeatureProgram& program) {
  SparseGroup out{j.at("name"), whole<std::size_t>(j.at("input")), SparseText{},
                  whole<std::uint32_t>(j.at("width")), j.at("is_fitted").get<bool>()};
  if (out.input >= program.inputs.size()) throw std::runtime_error("a group has no input");
  if (out.width == 0 || out.width > kMostSparse) throw std::runtime_error("a group has no width");
  const auto source = j.at("source").get<std::string>();
  if (source == "one_hot") {
    const auto feature = whole<std::size_t>(j.at("feature"));
    const bool fits = feature < program.features.size() && program.features[feature].hidden;
    if (!fits) throw std::runtime_error("a group has no feature");
    out.source = OneHot{feature};
    return out;
  }
  if (program.inputs[out.input].kind != TypeKind::text)
    throw std::runtime_error("a group does not suit its column");
  if (source == "ngrams") {
    out.source = Ngrams{read_words(j.at("words"))};
  } else if (source == "numbers") {
    out.source = DenseText{};
  } else {
    out.source = SparseText{j.at("delimiter"), j.at("key_delimiter"), j.at("weighted")};
  }
  return out;
}

json write_program(const FeatureProgram& program) {
  json inputs = json::array();
  for (const auto& input : program.inputs) inputs.push_back(write_input(input));
  json features = json::array();
  for (const auto& feature : program.features) {
    auto j = write_transform(feature);
    if (!feature.steps.empty()) j["steps"] = write_steps(feature.steps);
    if (feature.hidden) j["hidden"] = true;
    j["name"] = feature.name;
    j["input"] = feature.input;
    features.push_back(std::move(j));
  }
  json out = {{"inputs", std::move(inputs)}, {"features", std::move(features)}};
  for (const auto& group : program.groups) out["groups"].push_back(write_group(group));
  return out;
}

/// All elements of a text are features, so that a batch of them takes no more room than its matrix.
void check_elements(const FeatureProgram& program) {
  for (const auto& feature : program.features) {
    const auto* element = std::get_if<Element>(&feature.transform);
    if (element != nullptr && std::cmp_greater(element->of, program.features.size()))
      throw std::runtime_error("feature " + feature.name +
                               " is one of elements that are not there");
  }
}

/// A hidden feature is no column of the matrix: without a group it would be read for nothing.
void check_hidden(const FeatureProgram& program) {
  std::vector<bool> is_read(program.features.size(), false);
  for (const auto& group : program.groups) {
    if (const auto* hot = std::get_if<OneHot>(&group.source)) is_read[hot->feature] = true;
  }
  for (std::size_t f = dense_width(program); f < program.features.size(); ++f) {
    if (!is_read[f])
      throw std::runtime_error("hidden feature " + program.features[f].name +
                               " is read by no group");
  }
}

FeatureProgram read_program(const json& j) {
  FeatureProgram program;
  for (const auto& input : j.at("inputs")) program.inputs.push_back(read_input(input));
  for (const auto& f : j.at("features")) {
    Feature feature{f.at("name"), whole<std::size_t>(f.at("input")), read_transform(f),
                    read_steps(f), f.value("hidden", false)};
    if (feature.input >= program.inputs.size()) throw std::runtime_error("a feature has no input");
    if (!suits(feature, program.inputs))
      throw std::runtime_error("feature " + feature.name + " does not suit its column");
    if (!feature.hidden && !program.features.empty() && program.features.back().hidden)
      throw std::runtime_error("a feature stands behind hidden ones");
    program.features.push_back(std::move(feature));
  }
  check_elements(program);
  if (j.contains("groups")) {
    for (const auto& group : j.at("groups")) program.groups.push_back(read_group(group, program));
  }
  check_hidden(program);
  if (width(program) > dense_width(program) + kMostSparse)
    throw std::runtime_error("the groups are too wide");
  return program;
}

bool uses_functions(const Feature& feature, const FeatureProgram& program) {
  if (!feature.steps.empty()) return true;
  const bool text = program.inputs[feature.input].kind == TypeKind::text;
  return std::visit(Overloaded{
                        [&](const Element&) { return text; },
                        [](const Cross&) { return true; },
                        [&](const Category& c) { return !text || c.for_null.has_value(); },
                        [&](const HashedCategory& h) { return !text || h.for_null.has_value(); },
                        [](const auto&) { return false; },
                    },
                    feature.transform);
}

}  // namespace

TypeKind kind_from_name(std::string_view name) {
  if (name == "big_integer") return TypeKind::big_number;  // its name in older models
  for (int k = 0; k <= static_cast<int>(TypeKind::other); ++k) {
    if (kind_name(static_cast<TypeKind>(k)) == name) return static_cast<TypeKind>(k);
  }
  throw std::runtime_error("unknown column kind " + std::string(name));
}

std::string program_to_json(const FeatureProgram& program) {
  return write_program(program).dump(-1, ' ', false, json::error_handler_t::replace);
}

FeatureProgram program_from_json(std::string_view text) { return read_program(json::parse(text)); }

template <typename Json>
FeatureProgram program_from(const Json& j) {
  return read_program(j);
}
template FeatureProgram program_from(const json& j);

int format_of(const FeatureProgram& program) {
  constexpr int kTypes = 2;
  constexpr int kFunctions = 3;
  if (!program.groups.empty()) return kFunctions;
  for (const auto& feature : program.features) {
    if (uses_functions(feature, program)) return kFunctions;
  }
  for (const auto& input : program.inputs) {
    const bool first = input.kind <= TypeKind::decimal || input.kind == TypeKind::text;
    if (!first) return kTypes;
  }
  return 1;
}

}  // namespace quern::ir
