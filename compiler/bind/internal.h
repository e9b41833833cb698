#pragma once
// What the files of bind/ share.

#include "base/result.h"
#include "compiler/bind/catalog.h"
#include "compiler/ir/statement.h"
#include "parser/ast.h"

namespace quern::binding {

inline void append(Diagnostics& errors, const Diagnostics& more) {
  errors.insert(errors.end(), more.begin(), more.end());
}

/// At most ten at once: the rest rarely helps.
Diagnostics first_ten(Diagnostics errors);

/// Gives errors without a place of their own one.
Diagnostics placed(Diagnostics errors, SourceSpan span);

/// Asks the database for the query's schema; spans of its errors are moved into the script.
/// Errors: database_rejected_query, not_a_query.
Result<ir::Query> describe(const ast::Query& query, Catalog& catalog);

/// A name as the database reads it: PostgreSQL makes small letters of what is not quoted.
std::string as_read(const ast::NamePart& part, Dialect dialect);
/// `[catalog.][schema.]name` as a table name. Errors: bad_target for more than three parts.
Result<TableName> to_table_name(const ast::Name& name, Dialect dialect);
/// Names of models keep their letters: their case is ignored.
Result<ir::ModelRef> to_model_ref(const ast::ModelName& model, Dialect dialect);

/// Checks, before a row is read, that the schema or database in which `name` lies is there.
/// Errors: bad_target.
Result<void> check_place(const TableName& name, SourceSpan span, Catalog& catalog);

/// Finds a model or says which ones there are. Errors: unknown_model.
Result<FoundModel> require_model(const ir::ModelRef& ref, Catalog& catalog);

/// not_in_this_version, with where to look.
Diagnostic not_yet(const std::string& form, SourceSpan span);
/// Whether the name is an estimator that this version has. Errors: unknown_estimator,
/// not_in_this_version.
Diagnostics check_estimator(const ast::Name& name);
/// A model that is made takes no version. Errors: syntax_error.
void check_into(const ast::ModelName& into, Diagnostics& errors);

Result<ir::Statement> bind_train(const ast::Train& train, Catalog& catalog);
/// Binds the model of USING against the features that are bound already, and takes over what it
/// decides.
void bind_start(ir::Train& out, const ast::Train& train, Catalog& catalog, Diagnostics& errors);
/// Binds validation.select against the features, label and weight that are bound already.
void bind_validation(ir::Train& out, Catalog& catalog, Diagnostics& errors);

/// The checks of TO PREDICT that need no connection. Errors: those of attributes.
Diagnostics check_predict(const ast::Predict& predict);
Result<ir::Statement> bind_predict(const ast::Predict& predict, Catalog& catalog);

/// The checks of TO EVALUATE that need no connection. Errors: those of attributes.
Diagnostics check_evaluate(const ast::Evaluate& evaluate);
Result<ir::Statement> bind_evaluate(const ast::Evaluate& evaluate, Catalog& catalog);

/// The checks of TO EXPLAIN that need no connection. Errors: unknown_explainer and those of
/// attributes.
Diagnostics check_explain(const ast::Explain& explain);
Result<ir::Statement> bind_explain(const ast::Explain& explain, Catalog& catalog);

/// The statements about stored models. What check_x has passed, bind_x binds.
Diagnostics check_show_attributes(const ast::ShowAttributes& show);
Diagnostics check_export(const ast::ExportModel& exported);
Diagnostics check_import(const ast::ImportModel& import);
ir::Statement bind_show_attributes(const ast::ShowAttributes& show);
Result<ir::Statement> bind_show_train(const ast::ShowTrain& show, Catalog& catalog);
/// Errors: not_tuned.
Result<ir::Statement> bind_show_trials(const ast::ShowTrials& show, Catalog& catalog);
Result<ir::Statement> bind_describe(const ast::DescribeModel& describe, Catalog& catalog);
Result<ir::Statement> bind_export(const ast::ExportModel& exported, Catalog& catalog);
Result<ir::Statement> bind_import(const ast::ImportModel& import, Catalog& catalog);
Result<ir::Statement> bind_drop(const ast::DropModel& drop, const Catalog& catalog);

/// The session's own statements. Errors: unknown_setting, not_in_this_version and those of
/// attributes.
Diagnostics check_set_option(const ast::SetOption& set);
Diagnostics check_attach(const ast::Attach& attach);
Result<ir::Statement> bind_set_option(const ast::SetOption& set);
ir::Statement bind_attach(const ast::Attach& attach);

}  // namespace quern::binding
