// Names, words and hashes of features.

#include "compiler/ir/feature.h"

#include "base/box.h"
#include "base/hash.h"

namespace quern::ir {
namespace {

std::string null_words(const std::optional<TextForNull>& for_null) {
  if (!for_null) return "";
  if (for_null->by_mode && for_null->text.empty()) return ", NULL as the most frequent";
  return ", NULL as " + for_null->text;
}

std::string category_words(const Category& category) {
  if (!category.vocabulary.empty())
    return "category of " + std::to_string(category.vocabulary.size());
  return category.most == 0 ? "category" : "category of at most " + std::to_string(category.most);
}

std::string source_words(const Transform& transform) {
  return std::visit(
      Overloaded{
          [](const Number&) { return std::string("number"); },
          [](const DatePart& p) { return std::string(part_name(p.part)); },
          [](const Element& e) { return "element " + std::to_string(e.index); },
          [](const Category& c) { return category_words(c) + null_words(c.for_null); },
          [](const HashedCategory& h) {
            return "category hashed to " + std::to_string(h.buckets) + null_words(h.for_null);
          },
          [](const Cross& c) {
            return "cross of " + std::to_string(c.keys.size()) + " hashed to " +
                   std::to_string(c.buckets);
          },
      },
      transform);
}

}  // namespace

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

std::optional<Part> find_part(std::string_view name) {
  for (int p = 0; p <= static_cast<int>(Part::second_of_day); ++p) {
    if (part_name(static_cast<Part>(p)) == name) return static_cast<Part>(p);
  }
  return std::nullopt;
}

std::uint32_t hash_bucket(std::string_view value, std::uint32_t buckets) {
  std::uint64_t h = fnv1a(value);
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93ULL;
  h ^= h >> 32;
  return static_cast<std::uint32_t>(h % buckets);
}

std::uint64_t cross_hash(std::uint64_t so_far, std::string_view value) {
  return fold_hash(so_far, fnv1a(value));
}

std::string transform_words(const Feature& feature) {
  auto out = source_words(feature.transform);
  for (const auto& step : feature.steps) out += ", " + step_words(step);
  return out;
}

}  // namespace quern::ir
