// Printing and hashing of the feature program.

#include "compiler/ir/feature_program.h"

#include <array>
#include <map>

#include "base/box.h"
#include "base/hash.h"

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

}  // namespace

std::vector<Feature> derive_features(const std::vector<Input>& inputs) {
  std::vector<Feature> out;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& input = inputs[i];
    switch (input.kind) {
      case TypeKind::text: out.push_back({input.name, i, Category{}}); break;
      case TypeKind::date: add_parts(out, input, i, kDateParts); break;
      case TypeKind::timestamp:
      case TypeKind::timestamp_ns:
      case TypeKind::timestamp_tz: add_parts(out, input, i, kTimestampParts); break;
      case TypeKind::list: add_elements(out, input, i); break;
      default: out.push_back({input.name, i, Number{}});
    }
  }
  return out;
}

bool is_open(const FeatureProgram& program) {
  for (const auto& input : program.inputs) {
    if (input.kind == TypeKind::list && input.elements == 0) return true;
  }
  return false;
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
  return std::nullopt;
}

std::string kind_text(const Input& input) {
  const std::string kind(kind_name(input.kind));
  return input.elements == 0 ? kind : kind + " of " + std::to_string(input.elements);
}

std::string_view part_name(Part part) {
  switch (part) {
    case Part::year: return "year";
    case Part::month: return "month";
    case Part::day: return "day";
    case Part::isodow: return "isodow";
    case Part::doy: return "doy";
    case Part::epoch_days: return "epoch_days";
    case Part::hour: return "hour";
    case Part::minute: return "minute";
    case Part::second_of_day: return "second_of_day";
  }
  return "";
}

std::uint32_t hash_bucket(std::string_view value, std::uint32_t buckets) {
  std::uint64_t h = fnv1a(value);
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93ULL;
  h ^= h >> 32;
  return static_cast<std::uint32_t>(h % buckets);
}

std::string transform_words(const Feature& feature) {
  return std::visit(
      Overloaded{
          [](const Number&) { return std::string("number"); },
          [](const DatePart& p) { return std::string(part_name(p.part)); },
          [](const Element& e) { return "element " + std::to_string(e.index); },
          [](const Category& c) {
            return c.vocabulary.empty() ? std::string("category")
                                        : "category of " + std::to_string(c.vocabulary.size());
          },
          [](const HashedCategory& h) { return "category hashed to " + std::to_string(h.buckets); },
      },
      feature.transform);
}

std::string dump(const FeatureProgram& program) {
  std::string out;
  for (const auto& feature : program.features) {
    const auto& input = program.inputs[feature.input];
    out += "  " + feature.name + " <- " + transform_words(feature);
    out += "(" + input.name + " " + std::string(kind_name(input.kind)) + ")\n";
  }
  for (const auto& input : program.inputs) {
    if (input.kind == TypeKind::list && input.elements == 0)
      out += "  " + input.name + "[...] <- elements(" + input.name + " list)\n";
  }
  return out;
}

}  // namespace quern::ir
