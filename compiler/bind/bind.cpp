// Dispatch of binding, the checks of the text stage, and names of models and tables.

#include "compiler/bind/bind.h"

#include <algorithm>

#include "base/box.h"
#include "base/similar.h"
#include "compiler/bind/bind_extras.h"
#include "compiler/bind/bind_network.h"
#include "compiler/bind/bind_search.h"
#include "compiler/bind/bind_split.h"
#include "compiler/bind/bind_unlabelled.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "compiler/bind/settings.h"

namespace quern {
namespace binding {

Diagnostics first_ten(Diagnostics errors) {
  if (errors.size() > 10) errors.resize(10);
  return errors;
}

Diagnostics placed(Diagnostics errors, SourceSpan span) {
  for (auto& error : errors) {
    if (!error.span.known()) error.span = span;
  }
  return errors;
}

Result<ir::Query> describe(const ast::Query& query, Catalog& catalog) {
  auto description = catalog.describe(query.text);
  if (!description) {
    auto errors = std::move(description).errors();
    for (auto& error : errors) shift_spans(error, query.span.begin);
    return placed(std::move(errors), query.span);
  }
  if (!description->returns_rows) {
    return Diagnostic{Code::not_a_query, "the statement in front of TO returns no rows",
                      query.span};
  }
  return ir::Query{query.text, query.span, *std::move(description)};
}

std::string as_read(const ast::NamePart& part, Dialect dialect) {
  return dialect == Dialect::postgres && !part.quoted ? lower_ascii(part.text) : part.text;
}

Result<TableName> to_table_name(const ast::Name& name, Dialect dialect) {
  const auto& parts = name.parts;
  const auto is_empty = [](const auto& part) { return part.text.empty(); };
  if (std::any_of(parts.begin(), parts.end(), is_empty)) {
    return Diagnostic{Code::bad_target, "a name cannot be empty", name.span};
  }
  if (parts.size() > 3) {
    return Diagnostic{Code::bad_target,
                      "a name has at most three parts, found " + std::to_string(parts.size()) +
                          ": " + name.text(),
                      name.span};
  }
  // Counted from the name itself.
  const auto part = [&](std::size_t from_end) {
    return from_end < parts.size() ? as_read(parts[parts.size() - 1 - from_end], dialect) : "";
  };
  return TableName{.catalog = part(2), .schema = part(1), .table = part(0)};
}

Result<ir::ModelRef> to_model_ref(const ast::ModelName& model, Dialect dialect) {
  QUERN_TRY(auto where, to_table_name(model.name, dialect));
  where.table = model.name.parts.back().text;
  return ir::ModelRef{std::move(where), model.version, model.span};
}

Result<void> check_place(const TableName& name, SourceSpan span, Catalog& catalog) {
  const auto& outermost = name.catalog.empty() ? name.schema : name.catalog;
  if (outermost.empty()) return {};
  QUERN_TRY(const bool exists, catalog.schema_exists(outermost));
  if (exists) return {};
  const std::string kind = name.catalog.empty() ? "schema" : "database";
  return Diagnostic{Code::bad_target, "there is no " + kind + " " + outermost, span};
}

Result<FoundModel> require_model(const ir::ModelRef& ref, Catalog& catalog) {
  auto sought = catalog.find_model(ref);
  if (!sought) return placed(std::move(sought).errors(), ref.span);
  if (*sought) return **std::move(sought);
  auto any_version = ref;
  any_version.version.reset();
  if (ref.version) {
    QUERN_TRY(const auto newest, catalog.find_model(any_version));
    if (newest) {
      return Diagnostic{Code::unknown_model, "unknown model version: " + ir::display_name(ref),
                        ref.span, "the newest version is " + std::to_string(newest->version)};
    }
  }
  QUERN_TRY(const auto names, catalog.model_names(ref));
  return Diagnostic{
      Code::unknown_model, "unknown model: " + ir::display_name(ref), ref.span,
      suggest(ref.where.table, names,
              names.empty() ? "no model is stored here yet" : "`SHOW MODELS;` lists them")};
}

Diagnostic not_yet(const std::string& form, SourceSpan span) {
  return {Code::not_in_this_version, form + " is not in this version", span,
          "docs/language.md lists what is"};
}

void check_into(const ast::ModelName& into, Diagnostics& errors) {
  if (!into.version) return;
  errors.push_back({Code::syntax_error,
                    "versions are numbered by the store: write INTO " + into.name.text(),
                    into.span});
}

namespace {

std::vector<std::string> estimator_names() {
  std::vector<std::string> names;
  for (const auto& e : ir::estimators()) {
    names.push_back(e.name);
    names.insert(names.end(), e.aliases.begin(), e.aliases.end());
  }
  return names;
}

}  // namespace

Diagnostics check_estimator(const ast::Name& written) {
  const auto name = written.text();
  const auto* estimator = ir::find_estimator(name);
  if (estimator == nullptr) {
    auto hint = std::string(ir::substitute_for(name));
    if (hint.empty()) {
      hint = suggest(name, estimator_names(),
                     "for example xgboost.gbtree, XGBClassifier or XGBRegressor");
    }
    return {{Code::unknown_estimator, "unknown estimator: " + name, written.span, std::move(hint)}};
  }
  if (!estimator->available) return {not_yet("estimator " + estimator->name, written.span)};
  return {};
}

namespace {

Diagnostics check_train(const ast::Train& train) {
  if (auto errors = check_estimator(train.estimator); !errors.empty()) return errors;
  const auto* estimator = ir::find_estimator(train.estimator.text());
  Diagnostics errors;
  const auto settings = bind_training_settings(train.with, *estimator, errors);
  check_objective(*estimator, settings, errors);
  check_network(*estimator, train.estimator.span, settings, errors);
  check_module(train, *estimator, errors);
  // A model to go on from brings its objective along.
  if (!train.start)
    check_extras(objective_in_force(*estimator, train.estimator.span, settings), settings, errors);
  check_split(settings, errors);
  check_tuning(*estimator, settings, errors);
  check_columns(train.columns, *estimator, errors);
  check_label_clause(train, *estimator, errors);
  check_into(train.into, errors);
  return errors;
}

bool scores(const ast::Statement& statement) {
  return std::holds_alternative<ast::Predict>(statement.node) ||
         std::holds_alternative<ast::Evaluate>(statement.node);
}

Diagnostics check_inspect(const ast::Inspect& inspect) {
  const bool has_json = inspect.stage == ast::Stage::plan || inspect.format == ast::Format::text;
  if (!has_json) {
    return {{.code = Code::syntax_error,
             .message = "only EXPLAIN PLAN has a JSON form",
             .span = inspect.format_span,
             .hint = "leave out the format, or write `EXPLAIN (FORMAT JSON)`"}};
  }
  if (inspect.stage == ast::Stage::llvm && !scores(inspect.statement)) {
    return {{.code = Code::syntax_error,
             .message = "only TO PREDICT and TO EVALUATE are compiled",
             .span = inspect.statement.span,
             .hint = "EXPLAIN PLAN shows what other statements do"}};
  }
  if (inspect.stage == ast::Stage::sql) return {not_yet("EXPLAIN SQL", inspect.statement.span)};
  // The tree of a form can be shown before its engine exists.
  return inspect.stage == ast::Stage::ast ? Diagnostics{} : check_text(inspect.statement);
}

}  // namespace
}  // namespace binding

Diagnostics check_text(const ast::Statement& statement) {
  using namespace binding;
  auto errors =
      std::visit(Overloaded{
                     [](const ast::Train& t) { return check_train(t); },
                     [](const ast::Predict& p) { return check_predict(p); },
                     [](const ast::Evaluate& e) { return check_evaluate(e); },
                     [](const ast::Explain& e) { return check_explain(e); },
                     [](const ast::ShowAttributes& s) { return check_show_attributes(s); },
                     [](const ast::ExportModel& e) { return check_export(e); },
                     [](const ast::ImportModel& i) { return check_import(i); },
                     [](const ast::SetOption& s) { return check_set_option(s); },
                     [](const ast::Attach& a) { return check_attach(a); },
                     [](const ast::Later& l) { return Diagnostics{not_yet(l.form, l.span)}; },
                     [](const Box<ast::Inspect>& i) { return check_inspect(*i); },
                     [](const auto&) { return Diagnostics{}; },
                 },
                 statement.node);
  return first_ten(std::move(errors));
}

Result<ir::Statement> bind(const ast::Statement& statement, Catalog& catalog) {
  using namespace binding;
  using Out = Result<ir::Statement>;
  return std::visit(
      Overloaded{
          [&](const ast::Train& t) -> Out { return bind_train(t, catalog); },
          [&](const ast::Predict& p) -> Out { return bind_predict(p, catalog); },
          [&](const ast::Evaluate& e) -> Out { return bind_evaluate(e, catalog); },
          [&](const ast::Explain& e) -> Out { return bind_explain(e, catalog); },
          [](const ast::ShowModels& s) -> Out { return ir::Statement(ir::ShowModels{s.like}); },
          [&](const ast::ShowTrain& s) -> Out { return bind_show_train(s, catalog); },
          [&](const ast::ShowTrials& s) -> Out { return bind_show_trials(s, catalog); },
          [](const ast::ShowAttributes& s) -> Out { return bind_show_attributes(s); },
          [&](const ast::DescribeModel& d) -> Out { return bind_describe(d, catalog); },
          [&](const ast::DropModel& d) -> Out { return bind_drop(d, catalog); },
          [&](const ast::ExportModel& e) -> Out { return bind_export(e, catalog); },
          [&](const ast::ImportModel& i) -> Out { return bind_import(i, catalog); },
          [](const ast::SetOption& s) -> Out { return bind_set_option(s); },
          [](const ast::Attach& a) -> Out { return bind_attach(a); },
          [](const ast::PlainSql& p) -> Out {
            return ir::Statement(ir::PlainSql{p.text, p.span});
          },
          [](const auto&) -> Out {
            return Diagnostic{Code::internal, "a statement of this form cannot be bound"};
          },
      },
      statement.node);
}

}  // namespace quern
