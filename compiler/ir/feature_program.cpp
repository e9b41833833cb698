// Printing and hashing of the feature program.

#include "compiler/ir/feature_program.h"

#include "base/box.h"
#include "base/hash.h"

namespace quern::ir {

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
  return out;
}

}  // namespace quern::ir
