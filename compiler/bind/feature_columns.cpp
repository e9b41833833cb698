// The items of COLUMN clauses, and what they become: features of the columns that they name.

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <regex>

#include "base/similar.h"
#include "compiler/bind/bind_network.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/feature_functions.h"
#include "compiler/bind/network_functions.h"

namespace quern::binding {
namespace {

bool contains(const std::vector<std::size_t>& set, std::size_t value) {
  return std::find(set.begin(), set.end(), value) != set.end();
}

std::optional<std::regex> to_regex(const std::string& pattern) {
  try {
    return std::regex(pattern, std::regex::icase | std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
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
void check_unique(const std::string& name, std::size_t column, SourceSpan span,
                  const ColumnIndex& index, Diagnostics& errors) {
  const auto& same = index.named(name);
  if (same.size() < 2 || same.front() != column) return;
  errors.push_back(
      {Code::ambiguous_column,
       "the query returns " + std::to_string(same.size()) + " columns with the name " + name, span,
       "name each once with AS"});
}

ValueKind value_kind(TypeKind kind) {
  switch (kind) {
    case TypeKind::text: return ValueKind::text;
    case TypeKind::list: return ValueKind::list;
    case TypeKind::date:
    case TypeKind::timestamp:
    case TypeKind::timestamp_ns:
    case TypeKind::timestamp_tz: return ValueKind::date;
    default: return ValueKind::number;
  }
}

/// Collects the terms of the COLUMN clauses in their order, and the columns that they read.
class Chooser {
 public:
  Chooser(const Schema& schema, const std::vector<std::size_t>& excluded, const FeatureStyle& style,
          Diagnostics& errors)
      : schema_(schema), index_(schema), excluded_(excluded), style_(style), errors_(errors) {}

  void add_all(SourceSpan span) {
    for (const auto column : all_but({})) {
      for (auto& value : plain_values({column}, span)) add_value(std::move(value), -1);
    }
  }

  /// An item of COLUMN. A term that was there before is not added again.
  /// \param tower  of a network; -1: all of them.
  void add_item(const ast::Expr& expr, std::int32_t tower) {
    for (auto& value : values_of(expr)) add_value(std::move(value), tower);
  }

  FeatureColumns take() {
    ir::expand(out_.program);
    return std::move(out_);
  }

 private:
  using Columns = std::vector<std::size_t>;

  bool for_network() const { return style_.estimator.is_network(); }

  void add_value(FeatureValue value, std::int32_t tower) {
    if (for_network())
      complete_for_network(value, style_.standardize, style_.estimator.reads_steps(), tower);
    add_term(std::move(value.term));
  }

  void add_term(ir::Term term) {
    auto key = term.opening + "\n" + std::to_string(term.input);
    auto& same = terms_[key];
    for (const auto at : same) {
      if (add_uses(out_.program.terms[at], term)) return;
    }
    same.push_back(out_.program.terms.size());
    out_.program.terms.push_back(std::move(term));
  }

  /// Where both are one feature, the first gets what the other is used for; false where they are
  /// not.
  static bool add_uses(ir::Term& term, ir::Term other) {
    auto uses = std::move(other.uses);
    other.uses = term.uses;
    if (other != term) return false;
    if (term.uses.empty() && uses.empty()) return true;
    if (term.uses.empty()) term.uses.emplace_back();
    if (uses.empty()) uses.emplace_back();
    for (const auto& use : uses) {
      if (std::find(term.uses.begin(), term.uses.end(), use) == term.uses.end())
        term.uses.push_back(use);
    }
    return true;
  }

  /// The program's input for a column, which is checked when it is first used.
  std::size_t input_of(std::size_t column, SourceSpan span) {
    const auto [at, is_new] = inputs_.emplace(column, out_.columns.size());
    if (!is_new) return at->second;
    const auto& field = schema_[column];
    check_type(field, span, errors_);
    check_unique(field.name, column, span, index_, errors_);
    out_.program.inputs.push_back({field.name, field.type.kind, field.type.size});
    out_.columns.push_back(column);
    return at->second;
  }

  std::vector<FeatureValue> values_of(const ast::Expr& expr) {
    if (const auto* call = std::get_if<ast::Call>(&expr.node))
      return bind_call(
          *call, for_network(), [&](const ast::Expr& e) { return values_of(e); }, errors_);
    return plain_values(columns_of(expr), expr.span);
  }

  std::vector<FeatureValue> plain_values(const Columns& columns, SourceSpan span) {
    std::vector<FeatureValue> out;
    for (const auto column : columns) {
      const auto& field = schema_[column];
      const auto input = input_of(column, span);
      if (can_be_feature(field.type.kind))
        out.push_back({{.input = input}, value_kind(field.type.kind), field.name});
    }
    return out;
  }

  Columns columns_of(const ast::Expr& expr) {
    if (const auto* name = std::get_if<ast::Name>(&expr.node)) {
      const auto column = resolve(*name);
      return column ? named(*column, name->text(), name->span) : Columns{};
    }
    if (const auto* star = std::get_if<ast::Star>(&expr.node)) return starred(*star);
    const auto* pattern = std::get_if<ast::Text>(&expr.node);
    return pattern != nullptr ? matching(*pattern, expr.span) : Columns{};
  }

  Columns all_but(const Columns& except) const {
    Columns out;
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      if (!contains(excluded_, i) && !contains(except, i)) out.push_back(i);
    }
    return out;
  }

  std::optional<std::size_t> resolve(const ast::Name& name) {
    auto found = index_.find(name.text(), name.span);
    if (found) return *found;
    errors_.insert(errors_.end(), found.errors().begin(), found.errors().end());
    return std::nullopt;
  }

  Columns named(std::size_t column, const std::string& name, SourceSpan span) {
    if (!contains(excluded_, column)) return {column};
    errors_.push_back(
        {Code::label_among_features, "the label or weight cannot be a feature too: " + name, span});
    return {};
  }

  Columns starred(const ast::Star& star) {
    Columns except;
    for (const auto& name : star.except) {
      if (const auto column = resolve(name)) except.push_back(*column);
    }
    return all_but(except);
  }

  /// The column of that very name, whatever its letters mean in an expression. Else SQLFlow's rule:
  /// the expression matches the whole name, case ignored.
  Columns matching(const ast::Text& text, SourceSpan span) {
    const auto& same = index_.named(text.value);
    if (!same.empty()) return named(same.front(), text.value, span);
    const auto pattern = to_regex(text.value);
    Columns out;
    if (!pattern) return out;  // check_columns() has said so
    for (const auto column : all_but({})) {
      if (std::regex_match(schema_[column].name, *pattern)) out.push_back(column);
    }
    if (!out.empty()) return out;
    errors_.push_back({Code::unknown_column, "no column matches the pattern: " + text.value, span,
                       "the query has " + listed_names(schema_)});
    return out;
  }

  const Schema& schema_;
  ColumnIndex index_;
  const std::vector<std::size_t>& excluded_;
  const FeatureStyle& style_;
  Diagnostics& errors_;
  FeatureColumns out_;
  std::map<std::size_t, std::size_t> inputs_;              ///< by column
  std::map<std::string, std::vector<std::size_t>> terms_;  ///< that may be equal
};

void check_column(const ast::Expr& expr, const ir::EstimatorDescriptor& estimator,
                  Diagnostics& errors) {
  if (const auto* call = std::get_if<ast::Call>(&expr.node)) {
    const auto inner = [&](const ast::Expr& e, Diagnostics& of) { check_column(e, estimator, of); };
    return check_call(*call, estimator, inner, errors);
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

void check_target(const ast::Name& target, const ir::EstimatorDescriptor& estimator,
                  Diagnostics& errors) {
  if (equal_ignoring_case(target.text(), "feature_columns")) return;
  const auto targets = targets_of(estimator);
  if (tower_of(estimator, target.text())) return;
  if (estimator.is_network()) {
    std::string names = "feature_columns";
    for (const auto name : targets) names += ", " + std::string(name);
    errors.push_back({Code::unknown_clause,
                      estimator.name + " has no features FOR " + target.text(), target.span,
                      "it has " + names});
    return;
  }
  errors.push_back({Code::function_for_networks,
                    "this estimator has one set of features, found FOR " + target.text(),
                    target.span, "leave out FOR; several sets are for neural networks"});
}

}  // namespace

void check_columns(const std::vector<ast::ColumnClause>& clauses,
                   const ir::EstimatorDescriptor& estimator, Diagnostics& errors) {
  for (const auto& clause : clauses) {
    if (clause.target) check_target(*clause.target, estimator, errors);
    for (const auto& expr : clause.columns) check_column(expr, estimator, errors);
  }
}

FeatureColumns bind_features(const Schema& schema, const std::vector<ast::ColumnClause>& clauses,
                             const std::vector<std::size_t>& excluded, const FeatureStyle& style,
                             SourceSpan query_span, Diagnostics& errors) {
  Chooser chooser(schema, excluded, style, errors);
  const auto before = errors.size();
  if (clauses.empty()) chooser.add_all(query_span);
  for (const auto& clause : clauses) {
    const auto tower = clause.target ? tower_of(style.estimator, clause.target->text()) : -1;
    for (const auto& expr : clause.columns) chooser.add_item(expr, tower.value_or(-1));
  }
  auto out = chooser.take();
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
