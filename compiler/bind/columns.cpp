// Column resolution and the derivation of features from SQL types.

#include "compiler/bind/columns.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <regex>

#include "base/similar.h"

namespace quern::binding {
namespace {

std::vector<std::string> names_of(const Schema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema) names.push_back(field.name);
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) out += (i ? ", " : "") + names[i];
  return names.size() > 8 ? out + ", ... (" + std::to_string(names.size()) + ")" : out;
}

template <typename Equal>
std::vector<std::size_t> matches(const Schema& schema, Equal equal) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (equal(schema[i].name)) found.push_back(i);
  }
  return found;
}

bool contains(const std::vector<std::size_t>& set, std::size_t value) {
  return std::find(set.begin(), set.end(), value) != set.end();
}

/// A column chosen as a feature, and where the user said so (the query for derived ones).
struct Chosen {
  std::size_t column;
  SourceSpan span;
};

std::optional<std::regex> to_regex(const std::string& pattern) {
  try {
    return std::regex(pattern, std::regex::icase | std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

/// Collects the columns of the COLUMN clauses in their order.
class Chooser {
 public:
  Chooser(const Schema& schema, const std::vector<std::size_t>& excluded, Diagnostics& errors)
      : schema_(schema),
        index_(schema),
        excluded_(excluded),
        errors_(errors),
        taken_(schema.size()) {}

  void add_all(SourceSpan span, const std::vector<std::size_t>& except = {}) {
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      if (!contains(excluded_, i) && !contains(except, i)) add(i, span);
    }
  }

  void add_expr(const ast::Expr& expr) {
    if (const auto* name = std::get_if<ast::Name>(&expr.node)) return add_name(*name);
    if (const auto* star = std::get_if<ast::Star>(&expr.node)) return add_star(*star, expr.span);
    if (const auto* pattern = std::get_if<ast::Text>(&expr.node))
      return add_pattern(*pattern, expr.span);
  }

  const std::vector<Chosen>& chosen() const { return chosen_; }
  const ColumnIndex& index() const { return index_; }

 private:
  void add(std::size_t column, SourceSpan span) {
    if (taken_[column]) return;
    taken_[column] = true;
    chosen_.push_back({column, span});
  }

  std::optional<std::size_t> resolve(const ast::Name& name) {
    auto found = index_.find(name.text(), name.span);
    if (found) return *found;
    errors_.insert(errors_.end(), found.errors().begin(), found.errors().end());
    return std::nullopt;
  }

  void add_name(const ast::Name& name) {
    if (const auto column = resolve(name)) add_named(*column, name.text(), name.span);
  }

  void add_named(std::size_t column, const std::string& name, SourceSpan span) {
    if (!contains(excluded_, column)) return add(column, span);
    errors_.push_back(
        {Code::label_among_features, "the label or weight cannot be a feature too: " + name, span});
  }

  void add_star(const ast::Star& star, SourceSpan span) {
    std::vector<std::size_t> except;
    for (const auto& name : star.except) {
      if (const auto column = resolve(name)) except.push_back(*column);
    }
    add_all(span, except);
  }

  /// The column of that very name, whatever its letters mean in an expression. Else SQLFlow's rule:
  /// the expression matches the whole name, case ignored.
  void add_pattern(const ast::Text& text, SourceSpan span) {
    const auto& same = index_.named(text.value);
    if (!same.empty()) return add_named(same.front(), text.value, span);
    const auto pattern = to_regex(text.value);
    if (!pattern) return;  // check_columns() has said so
    bool any = false;
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      if (contains(excluded_, i) || !std::regex_match(schema_[i].name, *pattern)) continue;
      any = true;
      add(i, span);
    }
    if (any) return;
    errors_.push_back({Code::unknown_column, "no column matches the pattern: " + text.value, span,
                       "the query has " + listed(names_of(schema_))});
  }

  const Schema& schema_;
  ColumnIndex index_;
  const std::vector<std::size_t>& excluded_;
  Diagnostics& errors_;
  std::vector<bool> taken_;
  std::vector<Chosen> chosen_;
};

TypeKind family(TypeKind kind) {
  if (is_number(kind)) return TypeKind::float64;
  return kind == TypeKind::timestamp_ns ? TypeKind::timestamp : kind;
}

bool can_be_feature(TypeKind kind) { return kind != TypeKind::blob && kind != TypeKind::other; }

/// The name as COLUMN takes it.
std::string written(const std::string& name) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c >= 0x80; };
  const bool needs_quotes = name.empty() ||
                            std::isdigit(static_cast<unsigned char>(name[0])) != 0 ||
                            !std::all_of(name.begin(), name.end(), plain);
  return needs_quotes ? quote_identifier(name, Dialect::duckdb) : name;
}

void check_type(const Field& field, SourceSpan span, Diagnostics& errors) {
  if (can_be_feature(field.type.kind)) return;
  const std::string remedy = field.type.element != nullptr
                                 ? "a list of numbers can be one; else take it apart in the query"
                                 : "cast it or take it apart in the query";
  const auto& type = field.type.sql_name;
  errors.push_back(
      {Code::column_type,
       "column " + field.name + " cannot be a feature: its type is " +
           (type.empty() ? "unknown to this version" : type),
       span, remedy + ", or leave it out with `COLUMN * EXCEPT (" + written(field.name) + ")`"});
}

/// A duplicate that is used cannot be told apart at prediction; names that differ in case can.
void check_unique(const std::string& name, const Chosen& chosen, const ColumnIndex& index,
                  Diagnostics& errors) {
  const auto& same = index.named(name);
  if (same.size() < 2 || same.front() != chosen.column) return;
  errors.push_back(
      {Code::ambiguous_column,
       "the query returns " + std::to_string(same.size()) + " columns with the name " + name,
       chosen.span, "name each once with AS"});
}

void choose(Chooser& chooser, const std::vector<ast::ColumnClause>& clauses,
            SourceSpan query_span) {
  if (clauses.empty()) return chooser.add_all(query_span);
  for (const auto& clause : clauses) {
    for (const auto& expr : clause.columns) chooser.add_expr(expr);
  }
}

void check_column(const ast::Expr& expr, Diagnostics& errors) {
  if (const auto* call = std::get_if<ast::Call>(&expr.node)) {
    errors.push_back({Code::not_in_this_version,
                      "feature functions are not in this version: " + call->function.text(),
                      call->function.span, "docs/language.md lists what is"});
    return;
  }
  const auto* pattern = std::get_if<ast::Text>(&expr.node);
  if (pattern != nullptr && !to_regex(pattern->value)) {
    errors.push_back(
        {Code::syntax_error, "not a regular expression: " + pattern->value, expr.span});
  }
  const bool column = pattern != nullptr || std::holds_alternative<ast::Name>(expr.node) ||
                      std::holds_alternative<ast::Star>(expr.node);
  if (!column) errors.push_back({Code::syntax_error, "COLUMN takes columns", expr.span});
}

}  // namespace

void check_columns(const std::vector<ast::ColumnClause>& clauses, Diagnostics& errors) {
  for (const auto& clause : clauses) {
    if (clause.target && !equal_ignoring_case(clause.target->text(), "feature_columns")) {
      errors.push_back(
          {Code::not_in_this_version,
           "this estimator has one set of features, found FOR " + clause.target->text(),
           clause.target->span});
    }
    for (const auto& expr : clause.columns) check_column(expr, errors);
  }
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
  const auto names = names_of(schema);
  return Diagnostic{Code::unknown_column, "unknown column: " + name, span,
                    suggest(name, names, "the query has " + listed(names))};
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

FeatureColumns bind_features(const Schema& schema, const std::vector<ast::ColumnClause>& clauses,
                             const std::vector<std::size_t>& excluded, SourceSpan query_span,
                             Diagnostics& errors) {
  Chooser chooser(schema, excluded, errors);
  const auto before = errors.size();
  choose(chooser, clauses, query_span);
  FeatureColumns out;
  for (const auto& chosen : chooser.chosen()) {
    const auto& field = schema[chosen.column];
    check_type(field, chosen.span, errors);
    check_unique(field.name, chosen, chooser.index(), errors);
    out.program.inputs.push_back({field.name, field.type.kind, field.type.size});
    out.columns.push_back(chosen.column);
  }
  out.program.features = ir::derive_features(out.program.inputs);
  if (errors.size() == before) {
    if (auto clash = ir::check_names(out.program, query_span)) errors.push_back(*std::move(clash));
  }
  if (out.columns.empty() && errors.size() == before) {
    errors.push_back({Code::no_features, "no column is left to learn from", query_span,
                      "select at least one column besides the label"});
  }
  return out;
}

}  // namespace quern::binding
