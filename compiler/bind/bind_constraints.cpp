// Constraints on features, by name, as the library wants them: by position.

#include <algorithm>
#include <charconv>

#include "base/similar.h"
#include "compiler/bind/internal.h"

namespace quern::binding {
namespace {

using Features = std::vector<ir::Feature>;

std::optional<std::size_t> find_feature(const Features& features, const std::string& name,
                                        SourceSpan span, Diagnostics& errors) {
  const auto by = [&](auto equal) {
    return std::find_if(features.begin(), features.end(),
                        [&](const auto& f) { return equal(f.name, name); });
  };
  auto at = by([](const auto& a, const auto& b) { return a == b; });
  if (at == features.end())
    at = by([](const auto& a, const auto& b) { return equal_ignoring_case(a, b); });
  if (at != features.end()) return static_cast<std::size_t>(at - features.begin());
  std::vector<std::string> names;
  for (const auto& feature : features) names.push_back(feature.name);
  errors.push_back({Code::unknown_column, "unknown feature: " + name, span,
                    suggest(name, names, "a constraint names features of this model")});
  return std::nullopt;
}

void conflict(std::string message, SourceSpan span, Diagnostics& errors) {
  errors.push_back({Code::attribute_conflict, std::move(message), span});
}

/// "(1, 0,-1)" to numbers; the brackets may be missing.
std::optional<std::vector<int>> read_signs(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  if (text.size() >= 2 && text.front() == '(' && text.back() == ')')
    text = text.substr(1, text.size() - 2);
  std::vector<int> out;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    const auto item = text.substr(at, comma - at);
    if (item != "1" && item != "0" && item != "-1") return std::nullopt;
    out.push_back(item == "1" ? 1 : item == "0" ? 0 : -1);
    at = comma + 1;
  }
  return out;
}

std::optional<std::vector<int>> signs_of(const ir::Setting& setting, const Features& features,
                                         Diagnostics& errors) {
  if (const auto* text = std::get_if<std::string>(&setting.value)) {
    auto signs = read_signs(*text);
    if (!signs) {
      errors.push_back(
          {Code::attribute_type,
           "monotone_constraints takes a map or numbers like (1,0,-1), found text: " + *text,
           setting.value_span});
      return std::nullopt;
    }
    if (signs->size() == features.size()) return signs;
    // The library would fill up with zeros and say nothing.
    conflict("monotone_constraints has " + std::to_string(signs->size()) + " values for " +
                 std::to_string(features.size()) + " features",
             setting.value_span, errors);
    return std::nullopt;
  }
  std::vector<int> out(features.size());
  for (const auto& [name, number] : std::get<ir::NumberMap>(setting.value)) {
    const auto at = find_feature(features, name, setting.value_span, errors);
    if (!at) return std::nullopt;
    if (number != 1 && number != 0 && number != -1) {
      errors.push_back({Code::attribute_range, "a monotone constraint is 1, 0 or -1: " + name,
                        setting.value_span});
      return std::nullopt;
    }
    out[*at] = static_cast<int>(number);
  }
  return out;
}

void bind_monotone(ir::Setting& setting, const Features& features, Diagnostics& errors) {
  const auto signs = signs_of(setting, features, errors);
  if (!signs) return;
  std::string out;
  for (std::size_t f = 0; f < features.size(); ++f) {
    out += (f == 0 ? "" : ",") + std::to_string((*signs)[f]);
    if ((*signs)[f] == 0 || !features[f].is_category()) continue;
    conflict("a category has no order to be monotone in: " + features[f].name, setting.value_span,
             errors);
  }
  setting.value = "(" + out + ")";
}

/// "[[0, 1], [2]]" to lists; names in it may be quoted.
std::optional<ir::NameGroups> read_groups(const std::string& text) {
  ir::NameGroups out;
  int depth = 0;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) out.back().push_back(word);
    word.clear();
  };
  for (const char c : text) {
    if (c == '[') {
      if (++depth > 2) return std::nullopt;
      if (depth == 2) out.emplace_back();
    } else if (c == ']' || c == ',') {
      if (depth == 2) end_word();
      if (c == ']' && --depth < 0) return std::nullopt;
    } else if (c != ' ' && c != '"' && c != '\'') {
      if (depth != 2) return std::nullopt;
      word += c;
    }
  }
  const bool usable =
      depth == 0 && !out.empty() &&
      std::none_of(out.begin(), out.end(), [](const auto& group) { return group.empty(); });
  return usable ? std::optional(std::move(out)) : std::nullopt;
}

/// A position, unless a feature has that very name.
std::optional<std::size_t> find_member(const std::string& word, const Features& features,
                                       SourceSpan span, Diagnostics& errors) {
  const bool named =
      std::any_of(features.begin(), features.end(), [&](const auto& f) { return f.name == word; });
  std::size_t position = 0;
  const auto* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, position);
  if (!named && error == std::errc{} && stop == end) {
    if (position < features.size()) return position;
    conflict(
        "interaction_constraints names feature " + word + " of " + std::to_string(features.size()),
        span, errors);
    return std::nullopt;
  }
  return find_feature(features, word, span, errors);
}

void bind_interactions(ir::Setting& setting, const Features& features, Diagnostics& errors) {
  ir::NameGroups groups;
  if (const auto* text = std::get_if<std::string>(&setting.value)) {
    auto read = read_groups(*text);
    if (!read) {
      errors.push_back(
          {Code::attribute_type,
           "interaction_constraints takes lists like [[a, b], [c]], found text: " + *text,
           setting.value_span});
      return;
    }
    groups = *std::move(read);
  } else {
    groups = std::get<ir::NameGroups>(setting.value);
  }
  std::string out;
  for (const auto& group : groups) {
    std::string members;
    for (const auto& word : group) {
      const auto at = find_member(word, features, setting.value_span, errors);
      if (!at) return;
      members += (members.empty() ? "" : ",") + std::to_string(*at);
    }
    out += (out.empty() ? "[" : ",[") + members + "]";
  }
  setting.value = "[" + out + "]";
}

}  // namespace

void bind_constraints(ir::Train& out, Diagnostics& errors) {
  for (auto& setting : out.settings) {
    if (setting.spec->name == "monotone_constraints")
      bind_monotone(setting, out.program.features, errors);
    if (setting.spec->name == "interaction_constraints")
      bind_interactions(setting, out.program.features, errors);
  }
}

}  // namespace quern::binding
