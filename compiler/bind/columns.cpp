// Column resolution.

#include "compiler/bind/columns.h"

#include <optional>

#include "base/similar.h"

namespace quern::binding {
namespace {

std::vector<std::string> names_of(const Schema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema) names.push_back(field.name);
  return names;
}

template <typename Equal>
std::vector<std::size_t> matches(const Schema& schema, Equal equal) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (equal(schema[i].name)) found.push_back(i);
  }
  return found;
}

TypeKind family(TypeKind kind) {
  if (is_number(kind)) return TypeKind::float64;
  return kind == TypeKind::timestamp_ns ? TypeKind::timestamp : kind;
}

/// `t.y` where the result of the query has a column y.
std::string hint_for(const Schema& schema, const std::string& name) {
  const auto dot = name.rfind('.');
  const auto last = dot == std::string::npos ? "" : name.substr(dot + 1);
  const auto same = matches(schema, [&](const auto& n) { return equal_ignoring_case(n, last); });
  if (!same.empty())
    return "columns are those of the query's result, without a table: `" + schema[same[0]].name +
           "`";
  return suggest(name, names_of(schema), "the query has " + listed_names(schema));
}

}  // namespace

std::string listed_names(const Schema& schema) {
  std::string out;
  for (std::size_t i = 0; i < schema.size() && i < 8; ++i) out += (i ? ", " : "") + schema[i].name;
  return schema.size() > 8 ? out + ", ... (" + std::to_string(schema.size()) + ")" : out;
}

Result<std::size_t> find_column(const Schema& schema, const std::string& name, SourceSpan span) {
  auto found = matches(schema, [&](const auto& n) { return n == name; });
  if (found.empty()) {
    found = matches(schema, [&](const auto& n) { return equal_ignoring_case(n, name); });
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return Diagnostic{
        Code::ambiguous_column,
        "the query returns " + std::to_string(found.size()) + " columns with the name " + name,
        span, "name each once with AS"};
  }
  return Diagnostic{Code::unknown_column, "unknown column: " + name, span, hint_for(schema, name)};
}

std::optional<std::size_t> find_weight(const Schema& schema, const ir::Setting& setting,
                                       std::optional<std::size_t> label, Diagnostics& errors) {
  const auto at = setting.value_span;
  const auto column = find_column(schema, std::get<std::string>(setting.value), at);
  if (!column) {
    errors.insert(errors.end(), column.errors().begin(), column.errors().end());
    return std::nullopt;
  }
  const auto& field = schema[*column];
  if (!is_number(field.type.kind)) {
    errors.push_back(
        {Code::column_type,
         "a weight is a number: the type of " + field.name + " is " + field.type.sql_name, at});
  }
  if (label == *column) {
    errors.push_back(
        {Code::attribute_conflict, "the label cannot be the weight: " + field.name, at});
  }
  return *column;
}

ColumnIndex::ColumnIndex(const Schema& schema) : schema_(schema) {
  for (std::size_t i = 0; i < schema.size(); ++i) {
    exact_[schema[i].name].push_back(i);
    folded_[lower_ascii(schema[i].name)].push_back(i);
  }
}

Result<std::size_t> ColumnIndex::find(const std::string& name, SourceSpan span) const {
  const auto& same = named(name);
  if (same.size() == 1) return same.front();
  const auto& alike = named_alike(name);
  if (same.empty() && alike.size() == 1) return alike.front();
  return find_column(schema_, name, span);  // an error, which it words
}

namespace {

using Places = std::unordered_map<std::string, std::vector<std::size_t>>;

const std::vector<std::size_t>& look_up(const Places& places, const std::string& name) {
  static const std::vector<std::size_t> none;
  const auto found = places.find(name);
  return found == places.end() ? none : found->second;
}

}  // namespace

const std::vector<std::size_t>& ColumnIndex::named(const std::string& name) const {
  return look_up(exact_, name);
}

const std::vector<std::size_t>& ColumnIndex::named_alike(const std::string& name) const {
  return look_up(folded_, lower_ascii(name));
}

bool same_family(TypeKind trained, TypeKind now) { return family(trained) == family(now); }

bool fits_input(const ir::Input& trained, const ColumnType& now) {
  const bool sized = trained.elements > 0 && now.size > 0;
  return same_family(trained.kind, now.kind) && (!sized || trained.elements == now.size);
}

}  // namespace quern::binding
