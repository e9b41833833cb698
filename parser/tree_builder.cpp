// Statements and clauses. The grammar lets clauses come in any order and number; what is there
// twice or not at all is found here, where the message can name the clause.

#include "parser/tree_builder.h"

#include <utility>

#include "parser/value_builder.h"

namespace quern {
namespace {

using P = QuernParser;

std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

ast::Stage stage_of(P::StageContext* rule) {
  if (rule == nullptr || rule->PLAN() != nullptr) return ast::Stage::plan;
  if (rule->AST() != nullptr) return ast::Stage::ast;
  if (rule->IR() != nullptr) return ast::Stage::ir;
  return rule->LLVM() != nullptr ? ast::Stage::llvm : ast::Stage::sql;
}

/// One clause of which a statement may have at most one.
template <typename Rule>
struct Single {
  std::string_view word;
  Rule* rule = nullptr;
};

class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view text) : values_(text, errors_) {}

  Result<ast::Statement> build(P::StatementContext& tree) {
    auto statement = form(*tree.form());
    statement.span = values_.span(*tree.form());
    const auto whole = values_.span(tree.getStart()).joined(statement.span);
    if (tree.EXPLAIN() != nullptr) {
      statement = {Box<ast::Inspect>(inspect(tree, std::move(statement)))};
    }
    statement.span = whole;
    if (errors_.empty()) return statement;
    return errors_;
  }

 private:
  ast::Inspect inspect(P::StatementContext& tree, ast::Statement statement);
  void read_format(P::FormatContext& rule, ast::Inspect& out);
  void set_format(antlr4::ParserRuleContext& rule, ast::Inspect& out);
  ast::Statement form(P::FormContext& rule);
  ast::Statement extended(P::ExtendedContext& rule);
  ast::Later later(P::FormContext& rule) const;
  /// A piece of such a form as it stands, for its tree.
  std::pair<std::string, ast::Place> written(std::string role,
                                             antlr4::ParserRuleContext& rule) const;
  ast::Place place(P::StringContext& rule) const;
  ast::Statement exported(P::ExportModelContext& rule) const;
  ast::Statement imported(P::ImportModelContext& rule);
  ast::Statement verb(const ast::Query& query, P::VerbContext& rule);
  ast::Statement train(const ast::Query& query, P::TrainContext& rule);
  ast::Statement predict(const ast::Query& query, P::PredictContext& rule);
  ast::Statement evaluate(const ast::Query& query, P::EvaluateContext& rule);
  ast::Statement explain(const ast::Query& query, P::ExplainContext& rule);
  ast::Later run(const ast::Query& query, P::RunContext& rule);
  ast::Later optimize(const ast::Query& query, P::OptimizeContext& rule);
  ast::Later later_verb(const ast::Query& query, P::VerbContext& rule, std::string form) const;

  std::vector<ast::Attribute> attributes(const Single<P::WithClauseContext>& with) const;
  ast::ColumnClause columns(P::ColumnClauseContext& rule) const;
  std::optional<ast::Name> label(const Single<P::LabelClauseContext>& clause) const;

  template <typename Rule>
  void take(Single<Rule>& single, Rule* rule);
  void require(const void* found, std::string_view verb, std::string_view clause,
               antlr4::ParserRuleContext& rule);
  bool require_operand(const void* found, std::string_view message, std::string_view hint,
                       antlr4::ParserRuleContext& rule);

  Diagnostics errors_;
  ValueBuilder values_;
};

template <typename Rule>
void TreeBuilder::take(Single<Rule>& single, Rule* rule) {
  if (rule == nullptr) return;
  if (single.rule == nullptr) {
    single.rule = rule;
    return;
  }
  errors_.push_back({.code = Code::repeated_clause,
                     .message = "clause " + std::string(single.word) + " is given twice",
                     .span = values_.span(rule->getStart()),
                     .notes = {{values_.span(single.rule->getStart()), "it is given here first"}}});
}

/// A clause that must be there; the place to add it is the end of the statement.
void TreeBuilder::require(const void* found, std::string_view verb, std::string_view clause,
                          antlr4::ParserRuleContext& rule) {
  if (found != nullptr) return;
  const auto end = values_.span(rule).end;
  errors_.push_back({.code = Code::missing_clause,
                     .message = std::string(verb) + " needs the clause " + std::string(clause),
                     .span = {end, end},
                     .hint = "add `" + std::string(clause) + " model_name`"});
}

bool TreeBuilder::require_operand(const void* found, std::string_view message,
                                  std::string_view hint, antlr4::ParserRuleContext& rule) {
  if (found != nullptr) return true;
  errors_.push_back({.code = Code::missing_clause,
                     .message = std::string(message),
                     .span = values_.span(rule.getStart()),
                     .hint = std::string(hint)});
  return false;
}

std::vector<ast::Attribute> TreeBuilder::attributes(
    const Single<P::WithClauseContext>& with) const {
  std::vector<ast::Attribute> out;
  if (with.rule == nullptr) return out;
  for (auto* attribute : with.rule->attribute()) out.push_back(values_.attribute(*attribute));
  return out;
}

ast::ColumnClause TreeBuilder::columns(P::ColumnClauseContext& rule) const {
  ast::ColumnClause out{{}, {}, values_.span(rule)};
  for (auto* column : rule.column()) out.columns.push_back(values_.column(*column));
  if (rule.name() != nullptr) out.target = values_.name(*rule.name());
  return out;
}

std::optional<ast::Name> TreeBuilder::label(const Single<P::LabelClauseContext>& clause) const {
  if (clause.rule == nullptr) return std::nullopt;
  return values_.name(*clause.rule->name());
}

ast::Statement TreeBuilder::train(const ast::Query& query, P::TrainContext& rule) {
  ast::Train out;
  out.query = query;
  Single<P::WithClauseContext> with{"WITH"};
  Single<P::LabelClauseContext> label_clause{"LABEL"};
  Single<P::UsingModelContext> start{"USING"};
  Single<P::IntoModelContext> into{"INTO"};
  for (auto* clause : rule.trainClause()) {
    take(with, clause->withClause());
    take(label_clause, clause->labelClause());
    take(start, clause->usingModel());
    take(into, clause->intoModel());
    if (auto* column = clause->columnClause()) out.columns.push_back(columns(*column));
  }
  const bool named = require_operand(rule.name(), "TO TRAIN needs an estimator",
                                     "for example `TO TRAIN xgboost.gbtree`", rule);
  require(into.rule, "TO TRAIN", "INTO", rule);
  if (named) out.estimator = values_.name(*rule.name());
  out.with = attributes(with);
  out.label = label(label_clause);
  if (start.rule != nullptr) out.start = values_.model_name(*start.rule->modelName());
  if (into.rule != nullptr) out.into = values_.model_name(*into.rule->modelName());
  return {std::move(out)};
}

ast::Statement TreeBuilder::predict(const ast::Query& query, P::PredictContext& rule) {
  ast::Predict out;
  out.query = query;
  Single<P::WithClauseContext> with{"WITH"};
  Single<P::UsingModelContext> model{"USING"};
  for (auto* clause : rule.predictClause()) {
    take(with, clause->withClause());
    take(model, clause->usingModel());
  }
  require(model.rule, "TO PREDICT", "USING", rule);
  if (auto* target = rule.predictTarget()) {
    out.target = values_.name(*target->name());
    if (target->part() != nullptr) out.column = values_.part(*target->part());
  }
  out.with = attributes(with);
  if (model.rule != nullptr) out.model = values_.model_name(*model.rule->modelName());
  return {std::move(out)};
}

ast::Statement TreeBuilder::evaluate(const ast::Query& query, P::EvaluateContext& rule) {
  ast::Evaluate out;
  out.query = query;
  Single<P::WithClauseContext> with{"WITH"};
  Single<P::LabelClauseContext> label_clause{"LABEL"};
  Single<P::IntoTableContext> into{"INTO"};
  for (auto* clause : rule.evaluateClause()) {
    take(with, clause->withClause());
    take(label_clause, clause->labelClause());
    take(into, clause->intoTable());
  }
  const bool named = require_operand(rule.modelName(), "TO EVALUATE needs a model",
                                     "for example `TO EVALUATE my_model`", rule);
  if (named) out.model = values_.model_name(*rule.modelName());
  out.with = attributes(with);
  out.label = label(label_clause);
  if (into.rule != nullptr) out.into = values_.name(*into.rule->name());
  return {std::move(out)};
}

ast::Statement TreeBuilder::explain(const ast::Query& query, P::ExplainContext& rule) {
  ast::Explain out;
  out.query = query;
  Single<P::WithClauseContext> with{"WITH"};
  Single<P::UsingExplainerContext> explainer{"USING"};
  Single<P::IntoTableContext> into{"INTO"};
  for (auto* clause : rule.explainClause()) {
    take(with, clause->withClause());
    take(explainer, clause->usingExplainer());
    take(into, clause->intoTable());
  }
  const bool named = require_operand(rule.modelName(), "TO EXPLAIN needs a model",
                                     "for example `TO EXPLAIN my_model`", rule);
  if (named) out.model = values_.model_name(*rule.modelName());
  out.with = attributes(with);
  if (explainer.rule != nullptr) out.explainer = values_.name(*explainer.rule->name());
  if (into.rule != nullptr) out.into = values_.name(*into.rule->name());
  return {std::move(out)};
}

ast::Later TreeBuilder::later_verb(const ast::Query& query, P::VerbContext& rule,
                                   std::string form) const {
  const SourceSpan whole{query.span.begin, values_.span(rule).end};
  auto* opening = dynamic_cast<P::ExtendedContext&>(*rule.parent).TO_CLAUSE()->getSymbol();
  return {std::move(form), std::string(values_.source(whole)),
          values_.span(opening).joined(values_.span(rule.getStart())), query};
}

std::pair<std::string, ast::Place> TreeBuilder::written(std::string role,
                                                        antlr4::ParserRuleContext& rule) const {
  const auto span = values_.span(rule);
  return {std::move(role), ast::Place{std::string(values_.source(span)), span}};
}

ast::Statement TreeBuilder::verb(const ast::Query& query, P::VerbContext& rule) {
  if (auto* at = dynamic_cast<P::TrainContext*>(&rule)) return train(query, *at);
  if (auto* at = dynamic_cast<P::PredictContext*>(&rule)) return predict(query, *at);
  if (auto* at = dynamic_cast<P::EvaluateContext*>(&rule)) return evaluate(query, *at);
  if (auto* at = dynamic_cast<P::ExplainContext*>(&rule)) return explain(query, *at);
  if (auto* at = dynamic_cast<P::RunContext*>(&rule)) return {run(query, *at)};
  return {optimize(query, dynamic_cast<P::OptimizeContext&>(rule))};
}

ast::Later TreeBuilder::run(const ast::Query& query, P::RunContext& rule) {
  Single<P::CmdClauseContext> arguments{"CMD"};
  Single<P::IntoTablesContext> into{"INTO"};
  for (auto* clause : rule.runClause()) {
    take(arguments, clause->cmdClause());
    take(into, clause->intoTables());
  }
  require_operand(rule.name(), "TO RUN needs a program", "for example `TO RUN my_program`", rule);
  auto out = later_verb(query, rule, "TO RUN");
  if (rule.name() != nullptr) out.parts.push_back(written("Program", *rule.name()));
  if (arguments.rule != nullptr) {
    for (auto* argument : arguments.rule->expr())
      out.parts.push_back(written("Argument", *argument));
  }
  if (into.rule != nullptr) {
    for (auto* table : into.rule->name()) out.parts.push_back(written("Into", *table));
  }
  return out;
}

ast::Later TreeBuilder::optimize(const ast::Query& query, P::OptimizeContext& rule) {
  Single<P::ConstraintClauseContext> constraints{"CONSTRAINT"};
  Single<P::WithClauseContext> with{"WITH"};
  Single<P::UsingSolverContext> solver{"USING"};
  Single<P::IntoTableContext> into{"INTO"};
  for (auto* clause : rule.optimizeClause()) {
    take(constraints, clause->constraintClause());
    take(with, clause->withClause());
    take(solver, clause->usingSolver());
    take(into, clause->intoTable());
  }
  const std::string form = rule.MAXIMIZE() != nullptr ? "TO MAXIMIZE" : "TO MINIMIZE";
  require_operand(rule.formula(), form + " needs an expression", "", rule);
  auto out = later_verb(query, rule, form);
  if (rule.formula() != nullptr) out.parts.push_back(written("Objective", *rule.formula()));
  if (constraints.rule != nullptr) {
    for (auto* constraint : constraints.rule->constraint()) {
      out.parts.push_back(written("Constraint", *constraint->formula()));
      for (auto* name : constraint->name()) out.parts.push_back(written("GroupBy", *name));
    }
  }
  if (solver.rule != nullptr) out.parts.push_back(written("Solver", *solver.rule->name()));
  if (into.rule != nullptr) out.parts.push_back(written("Into", *into.rule->name()));
  out.with = attributes(with);
  return out;
}

ast::Statement TreeBuilder::extended(P::ExtendedContext& rule) {
  const auto query_span = values_.span(rule.QUERY()->getSymbol());
  const ast::Query query{std::string(values_.source(query_span)), query_span};
  auto statement = verb(query, *rule.verb());
  statement.span = SourceSpan{query_span.begin, values_.span(rule).end};
  std::visit(Overloaded{[](ast::Later&) {}, [](Box<ast::Inspect>&) {},
                        [&](auto& node) { node.span = statement.span; }},
             statement.node);
  return statement;
}

/// The forms that are known and not yet built, named by their first two words.
ast::Later TreeBuilder::later(P::FormContext& rule) const {
  auto* second = dynamic_cast<antlr4::tree::TerminalNode*>(rule.children[1]);
  const auto first_word = values_.span(rule.getStart());
  const auto second_word = values_.span(second->getSymbol());
  const auto form = upper(values_.source(first_word)) + " " + upper(values_.source(second_word));
  ast::Later out{form, std::string(values_.source(values_.span(rule))),
                 first_word.joined(second_word)};
  for (auto* child : rule.children) {
    if (auto* model = dynamic_cast<P::ModelNameContext*>(child))
      out.parts.push_back(written("Model", *model));
  }
  return out;
}

ast::Place TreeBuilder::place(P::StringContext& rule) const {
  return {values_.string(rule), values_.span(rule)};
}

ast::Statement TreeBuilder::exported(P::ExportModelContext& rule) const {
  return {ast::ExportModel{values_.model_name(*rule.modelName()), place(*rule.string()),
                           attributes({"WITH", rule.withClause()}), values_.span(rule)}};
}

ast::Statement TreeBuilder::imported(P::ImportModelContext& rule) {
  ast::ImportModel out;
  out.path = place(*rule.string());
  out.span = values_.span(rule);
  Single<P::WithClauseContext> with{"WITH"};
  Single<P::IntoModelContext> into{"INTO"};
  for (auto* clause : rule.importClause()) {
    take(with, clause->withClause());
    take(into, clause->intoModel());
  }
  require(into.rule, "IMPORT MODEL", "INTO", rule);
  out.with = attributes(with);
  if (into.rule != nullptr) out.into = values_.model_name(*into.rule->modelName());
  return {std::move(out)};
}

ast::Inspect TreeBuilder::inspect(P::StatementContext& tree, ast::Statement statement) {
  ast::Inspect out{stage_of(tree.stage()), std::move(statement)};
  if (auto* stray = tree.WORD()) {
    const auto word = stray->getText();
    errors_.push_back({.code = Code::syntax_error,
                       .message = "EXPLAIN of a statement of Quern shows no " + word,
                       .span = values_.span(stray->getSymbol()),
                       .hint = "it runs nothing; write EXPLAIN AST, IR or PLAN, or `EXPLAIN "
                               "(FORMAT JSON)`"});
  }
  if (auto* format = tree.format()) read_format(*format, out);
  return out;
}

void TreeBuilder::read_format(P::FormatContext& rule, ast::Inspect& out) {
  if (rule.FORMAT() != nullptr) {
    antlr4::ParserRuleContext* name = rule.word();
    if (name == nullptr) name = rule.string();
    return set_format(*name, out);
  }
  for (auto* option : rule.option()) {
    const auto name = upper(option->word(0)->getText());
    if (name == "FORMAT") {
      antlr4::ParserRuleContext* value = option->word(1);
      if (value == nullptr) value = option->string();
      set_format(value == nullptr ? *option : *value, out);
      continue;
    }
    errors_.push_back({.code = Code::syntax_error,
                       .message = "EXPLAIN of a statement of Quern has no option " + name,
                       .span = values_.span(*option),
                       .hint = "it runs nothing; the option is FORMAT, TEXT or JSON"});
  }
}

void TreeBuilder::set_format(antlr4::ParserRuleContext& rule, ast::Inspect& out) {
  out.format_span = values_.span(rule);
  auto name = upper(rule.getText());
  if (name.size() > 1 && name.front() == '\'') name = name.substr(1, name.size() - 2);
  if (name == "JSON") {
    out.format = ast::Format::json;
  } else if (name != "TEXT") {
    errors_.push_back({.code = Code::syntax_error,
                       .message = "unknown format of EXPLAIN: " + rule.getText(),
                       .span = out.format_span,
                       .hint = "it is TEXT or JSON"});
  }
}

ast::Statement TreeBuilder::form(P::FormContext& rule) {
  if (auto* at = dynamic_cast<P::ExtendedContext*>(&rule)) return extended(*at);
  const auto whole = values_.span(rule);
  if (auto* at = dynamic_cast<P::ShowModelsContext*>(&rule)) {
    ast::ShowModels out{{}, whole};
    if (at->string() != nullptr) out.like = values_.string(*at->string());
    return {std::move(out)};
  }
  if (auto* at = dynamic_cast<P::DropModelContext*>(&rule)) {
    return {ast::DropModel{values_.model_name(*at->modelName()), at->IF() != nullptr, whole}};
  }
  if (auto* at = dynamic_cast<P::ShowTrainContext*>(&rule))
    return {ast::ShowTrain{values_.model_name(*at->modelName()), whole}};
  if (auto* at = dynamic_cast<P::ShowTrialsContext*>(&rule))
    return {ast::ShowTrials{values_.model_name(*at->modelName()), whole}};
  if (auto* at = dynamic_cast<P::ShowAttributesContext*>(&rule))
    return {ast::ShowAttributes{values_.name(*at->name()), whole}};
  if (auto* at = dynamic_cast<P::DescribeModelContext*>(&rule))
    return {ast::DescribeModel{values_.model_name(*at->modelName()), whole}};
  if (auto* at = dynamic_cast<P::ExportModelContext*>(&rule)) return exported(*at);
  if (auto* at = dynamic_cast<P::ImportModelContext*>(&rule)) return imported(*at);
  if (auto* at = dynamic_cast<P::SetOptionContext*>(&rule))
    return {ast::SetOption{values_.name(*at->name()), values_.expr(*at->expr()), whole}};
  if (auto* at = dynamic_cast<P::AttachContext*>(&rule))
    return {ast::Attach{place(*at->string()), values_.name(*at->name()), whole}};
  return {later(rule)};
}

}  // namespace

Result<ast::Statement> build_tree(std::string_view text, P::StatementContext& tree) {
  return TreeBuilder(text).build(tree);
}

}  // namespace quern
