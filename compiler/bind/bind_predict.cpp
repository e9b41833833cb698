// Binding of TO PREDICT: the model, its inputs, the result column and where it goes.

#include "compiler/bind/internal.h"
#include "compiler/bind/model_use.h"
#include "compiler/bind/settings.h"
#include "compiler/bind/target.h"

namespace quern::binding {
namespace {

/// SQLFlow's form ends in a column, `TO PREDICT t.c`; one part alone is a table.
struct SplitTarget {
  TableName table;
  std::optional<std::string> column;
};

Result<SplitTarget> split_target(const ast::Predict& predict, Catalog& catalog) {
  const auto& name = *predict.target;
  if (predict.column) {
    QUERN_TRY(auto table, to_table_name(name));
    return SplitTarget{std::move(table), predict.column->text};
  }
  if (name.parts.size() == 1) return SplitTarget{{.table = name.parts[0].text}, std::nullopt};
  const auto column = name.parts.back();
  if (name.parts.size() == 2) {
    QUERN_TRY(const bool schema, catalog.schema_exists(name.parts[0].text));
    if (schema) {
      const auto first = name.parts[0].text;
      return Diagnostic{Code::ambiguous_target,
                        "`" + name.text() + "` can be a table in schema " + first +
                            " or a column of table " + first,
                        name.span,
                        "write `TO PREDICT " + name.text() +
                            " AS column` for the table, or `TO PREDICT " + first + " AS " +
                            column.text + "` for the column"};
    }
  }
  ast::Name table = name;
  table.parts.pop_back();
  QUERN_TRY(auto resolved, to_table_name(table));
  return SplitTarget{std::move(resolved), column.text};
}

void bind_output(ir::Predict& out, const Catalog& catalog) {
  const auto& schema = out.use.query.description.schema;
  out.kept_columns = columns_beside(schema, out.result_column);
  for (const auto c : out.kept_columns) out.output.push_back(schema[c]);
  out.output.push_back({out.result_column, prediction_type(out.use.manifest->label, catalog)});
}

}  // namespace

Result<ir::Statement> bind_predict(const ast::Predict& predict, Catalog& catalog) {
  ir::Predict out;
  QUERN_TRY(out.use, bind_model_use(predict.query, predict.model, catalog));

  Diagnostics errors;
  const auto settings = bind_settings(predict.with, ir::predict_attributes(), "TO PREDICT", errors);
  check_mode_has_target(settings, predict.target.has_value(), "write TO PREDICT table USING model",
                        errors);
  bind_inputs(out.use, errors);
  out.result_column = "predicted_" + out.use.manifest->label.column;
  std::optional<SplitTarget> target;
  if (predict.target) {
    QUERN_TRY(target, split_target(predict, catalog));
    if (target->column) out.result_column = *target->column;
  }
  bind_output(out, catalog);
  if (target) {
    QUERN_TRY(out.target, bind_target(std::move(target->table), predict.target->span, settings,
                                      out.use.query, out.output, catalog, errors));
  }
  if (!errors.empty()) return first_ten(std::move(errors));
  return ir::Statement(std::move(out));
}

}  // namespace quern::binding
