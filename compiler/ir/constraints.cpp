// Positions of the features that constraints name.

#include "compiler/ir/constraints.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/similar.h"

namespace quern::ir {
namespace {

using Positions = std::vector<std::size_t>;

/// Where the features lie that a name stands for.
class FeatureIndex {
 public:
  explicit FeatureIndex(const FeatureProgram& program) : program_(program) {
    for (std::size_t f = 0; f < dense_width(program); ++f) {
      const auto& feature = program.features[f];
      exact_.features[feature.name].push_back(f);
      exact_.columns[program.inputs[feature.input].name].push_back(f);
      folded_.features[lower_ascii(feature.name)].push_back(f);
      folded_.columns[lower_ascii(program.inputs[feature.input].name)].push_back(f);
    }
  }

  /// The feature of that very name, or all features of the column of that very name; empty where
  /// there is none.
  const Positions& named(const std::string& name) const { return exact_.find(name); }

  /// The same, else with case ignored. Empty, with an error, where there is none.
  const Positions& find(const std::string& name, SourceSpan span, Diagnostics& errors) const {
    const auto& same = named(name);
    const auto& found = same.empty() ? folded_.find(lower_ascii(name)) : same;
    if (found.empty())
      errors.push_back({Code::unknown_column, "unknown feature: " + name, span,
                        suggest(name, names(), "a constraint names features of this model")});
    return found;
  }

  const FeatureProgram& program() const { return program_; }

 private:
  struct Places {
    std::unordered_map<std::string, Positions> features, columns;

    const Positions& find(const std::string& name) const {
      static const Positions none;
      if (const auto found = features.find(name); found != features.end()) return found->second;
      const auto found = columns.find(name);
      return found == columns.end() ? none : found->second;
    }
  };

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& input : program_.inputs) out.push_back(input.name);
    for (const auto& feature : program_.features) {
      if (feature.name != program_.inputs[feature.input].name) out.push_back(feature.name);
    }
    return out;
  }

  const FeatureProgram& program_;
  Places exact_, folded_;
};

void conflict(std::string message, SourceSpan span, Diagnostics& errors, std::string hint = {}) {
  errors.push_back({Code::attribute_conflict, std::move(message), span, std::move(hint)});
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

/// Time has no single direction among its parts: a later month may be in an earlier year.
bool is_date(const FeatureProgram& program, const Positions& features) {
  return features.size() > 1 &&
         std::holds_alternative<DatePart>(program.features[features.front()].transform);
}

/// Two names may stand for one feature: a column beside one of its elements, or upper and lower
/// case.
bool is_taken(const std::vector<std::string>& by, const Positions& features,
              const std::string& name, SourceSpan span, Diagnostics& errors) {
  for (const auto f : features) {
    if (by[f].empty()) continue;
    conflict("monotone_constraints names a feature twice: " + by[f] + " and " + name, span, errors);
    return true;
  }
  return false;
}

std::optional<std::vector<int>> signs_of(const Setting& setting, const FeatureProgram& program,
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
    if (signs->size() == dense_width(program)) return signs;
    // The library would fill up with zeros and say nothing.
    conflict("monotone_constraints has " + std::to_string(signs->size()) + " values for " +
                 std::to_string(dense_width(program)) + " features",
             setting.value_span, errors);
    return std::nullopt;
  }
  std::vector<int> out(dense_width(program));
  std::vector<std::string> by(out.size());  // the name that a feature was found by
  const FeatureIndex index(program);
  for (const auto& [name, number] : std::get<NumberMap>(setting.value)) {
    const auto& found = index.find(name, setting.value_span, errors);
    if (found.empty() || is_taken(by, found, name, setting.value_span, errors)) return std::nullopt;
    if (is_date(program, found)) {
      conflict("a date has parts, which do not rise together: " + name, setting.value_span, errors,
               "constrain one of them, for example '" + name + ".epoch_days'");
      return std::nullopt;
    }
    if (number != 1 && number != 0 && number != -1) {
      errors.push_back({Code::attribute_range, "a monotone constraint is 1, 0 or -1: " + name,
                        setting.value_span});
      return std::nullopt;
    }
    for (const auto f : found) {
      out[f] = static_cast<int>(number);
      by[f] = name;
    }
  }
  return out;
}

void bind_monotone(Setting& setting, const FeatureProgram& program, Diagnostics& errors) {
  const auto& features = program.features;
  const auto signs = signs_of(setting, program, errors);
  if (!signs) return;
  std::string out;
  for (std::size_t f = 0; f < signs->size(); ++f) {
    out += (f == 0 ? "" : ",") + std::to_string((*signs)[f]);
    if ((*signs)[f] == 0 || !features[f].is_category()) continue;
    conflict("a category has no order to be monotone in: " + features[f].name, setting.value_span,
             errors);
  }
  setting.value = "(" + out + ")";
}

/// "[[0, 1], [2]]" to lists; names in it may be quoted.
std::optional<NameGroups> read_groups(const std::string& text) {
  NameGroups out;
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

/// A position, unless a feature or column has that very name.
Positions find_members(const std::string& word, const FeatureIndex& index, SourceSpan span,
                       Diagnostics& errors) {
  const auto width = dense_width(index.program());
  std::size_t position = 0;
  const auto* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, position);
  if (!index.named(word).empty() || error != std::errc{} || stop != end)
    return index.find(word, span, errors);
  if (position < width) return {position};
  conflict("interaction_constraints names feature " + word + " of " + std::to_string(width), span,
           errors);
  return {};
}

void bind_interactions(Setting& setting, const FeatureProgram& program, Diagnostics& errors) {
  NameGroups groups;
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
    groups = std::get<NameGroups>(setting.value);
  }
  std::string out;
  const FeatureIndex index(program);
  for (const auto& group : groups) {
    std::string members;
    for (const auto& word : group) {
      const auto found = find_members(word, index, setting.value_span, errors);
      if (found.empty()) return;
      for (const auto f : found) members += (members.empty() ? "" : ",") + std::to_string(f);
    }
    out += (out.empty() ? "[" : ",[") + members + "]";
  }
  setting.value = "[" + out + "]";
}

void bind_by_position(std::vector<Setting>& settings, const FeatureProgram& program,
                      Diagnostics& errors) {
  for (auto& setting : settings) {
    if (setting.spec->name == "monotone_constraints") bind_monotone(setting, program, errors);
    if (setting.spec->name == "interaction_constraints")
      bind_interactions(setting, program, errors);
  }
}

/// The names that constraints give; positions are not among them.
std::vector<std::string> words_of(const std::vector<Setting>& settings) {
  std::vector<std::string> out;
  for (const auto& setting : settings) {
    if (const auto* map = std::get_if<NumberMap>(&setting.value)) {
      for (const auto& [name, number] : *map) out.push_back(name);
    }
    if (const auto* groups = std::get_if<NameGroups>(&setting.value)) {
      for (const auto& group : *groups) out.insert(out.end(), group.begin(), group.end());
    }
  }
  return out;
}

/// Elements that a list must have for `word` to name one of them; 1 where it does not.
std::int32_t elements_named(const std::string& word, const Input& list) {
  constexpr std::int32_t kMost = 1 << 20;
  const auto open = list.name.size();
  const bool names_one = word.size() > open + 2 && word[open] == '[' && word.back() == ']' &&
                         equal_ignoring_case(word.substr(0, open), list.name);
  if (!names_one) return 1;
  std::int32_t index = 0;
  const auto* end = word.data() + word.size() - 1;
  const auto [stop, error] = std::from_chars(word.data() + open + 1, end, index);
  return error == std::errc{} && stop == end && index >= 0 && index < kMost ? index + 1 : 1;
}

/// Checks names against lists that are just long enough for them; what counts positions must wait.
void check_names_only(std::vector<Setting> settings, FeatureProgram program, Diagnostics& errors) {
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    if (!is_open(program, i)) continue;
    auto& input = program.inputs[i];
    input.elements = 1;
    for (const auto& word : words_of(settings))
      input.elements = std::max(input.elements, elements_named(word, input));
  }
  expand(program);
  std::erase_if(settings, [](const Setting& setting) {
    return std::holds_alternative<std::string>(setting.value);
  });
  bind_by_position(settings, program, errors);
}

}  // namespace

void bind_constraints(std::vector<Setting>& settings, const FeatureProgram& program,
                      Diagnostics& errors) {
  if (is_open(program)) return check_names_only(settings, program, errors);
  bind_by_position(settings, program, errors);
}

}  // namespace quern::ir
