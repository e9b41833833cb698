// Binding of TO PREDICT: the model's inputs among the query's columns, and where the result goes.

#include <algorithm>

#include "base/similar.h"
#include "compiler/bind/bind.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "compiler/bind/settings.h"

namespace quern::binding {
namespace {

/// Kinds that a feature program treats alike may stand in for one another.
bool compatible(TypeKind trained, TypeKind now) {
  if (is_number(trained)) return is_number(now);
  return trained == now;
}

void bind_inputs(ir::Predict& out, Diagnostics& errors) {
  const auto& schema = out.query.description.schema;
  for (const auto& input : out.manifest->program.inputs) {
    auto column = find_column(schema, input.name, out.query.span);
    if (!column) {
      auto error = column.errors().front();
      if (error.code == Code::unknown_column) {
        error.code = Code::column_missing_for_model;
        error.message = "the model needs column " + input.name + ", the query does not return it";
      }
      errors.push_back(std::move(error));
      continue;
    }
    const auto& field = schema[*column];
    if (!compatible(input.kind, field.type.kind)) {
      errors.push_back({Code::column_retyped,
                        "column " + field.name + " was " + std::string(kind_name(input.kind)) +
                            " in training, the query returns " + field.type.sql_name,
                        out.query.span, "cast it in the query"});
    }
    out.input_columns.push_back(*column);
  }
}

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

ir::OutputMode output_mode(const std::vector<ir::Setting>& settings) {
  const auto* s = ir::find_setting(settings, "output.mode");
  if (s == nullptr) return ir::OutputMode::ours_only;
  return std::get<std::string>(s->value) == "append" ? ir::OutputMode::append
                                                     : ir::OutputMode::replace;
}

bool same_table(const TableName& a, const TableName& b) {
  return equal_ignoring_case(a.table, b.table) &&
         (a.schema.empty() || b.schema.empty() || equal_ignoring_case(a.schema, b.schema)) &&
         (a.catalog.empty() || b.catalog.empty() || equal_ignoring_case(a.catalog, b.catalog));
}

bool reads(const ir::Query& query, const TableName& table) {
  return std::any_of(query.description.reads.begin(), query.description.reads.end(),
                     [&](const auto& read) { return same_table(read, table); });
}

/// Models are not lost by accident, whatever output.mode says.
void check_not_store(const ir::Target& target, Diagnostics& errors) {
  const auto is = [&](const char* name) { return equal_ignoring_case(target.table.table, name); };
  if (!is(ir::kModelTable) && !is(ir::kChunkTable)) return;
  errors.push_back({Code::bad_target,
                    "the target is the model store: " + ir::display_name(target.table),
                    target.span});
}

/// language.md, "An existing target".
void check_existing(ir::Target& target, const TableInfo& info, const ir::Query& query,
                    Diagnostics& errors) {
  const auto shown = ir::display_name(target.table);
  target.exists = true;
  target.read_by_query = reads(query, info.name);
  if (info.is_view) {
    errors.push_back({Code::bad_target, "the target is a view: " + shown, target.span});
  } else if (info.is_temporary) {
    errors.push_back({Code::bad_target, "the target is a temporary table: " + shown, target.span});
  } else if (target.mode == ir::OutputMode::ours_only && target.read_by_query) {
    errors.push_back({Code::target_is_source, "the query reads the target: " + shown, target.span,
                      "write into another table, or say WITH output.mode = replace"});
  } else if (target.mode == ir::OutputMode::ours_only &&
             info.comment != ir::ours_comment(info.name)) {
    errors.push_back({Code::target_exists, "table exists and was not written by quern: " + shown,
                      target.span,
                      "choose another name, or say WITH output.mode = replace (or append)"});
  }
}

void check_append(const ir::Predict& out, const TableInfo& info, Diagnostics& errors) {
  bool same = info.columns.size() == out.output.size();
  for (std::size_t i = 0; same && i < out.output.size(); ++i) {
    same = equal_ignoring_case(info.columns[i].name, out.output[i].name) &&
           info.columns[i].type == out.output[i].type;
  }
  if (same) return;
  std::string wanted;
  for (const auto& f : out.output)
    wanted += (wanted.empty() ? "" : ", ") + f.name + " " + f.type.sql_name;
  errors.push_back(
      {Code::bad_target,
       "the target has other columns than the result: " + ir::display_name(out.target->table),
       out.target->span, "the result is " + wanted});
}

/// Names of a table's columns are unique; a rows result may repeat them.
void check_names(const ir::Predict& out, Diagnostics& errors) {
  for (std::size_t i = 0; i < out.output.size(); ++i) {
    for (std::size_t j = i + 1; j < out.output.size(); ++j) {
      if (!equal_ignoring_case(out.output[i].name, out.output[j].name)) continue;
      errors.push_back({Code::ambiguous_column,
                        "a table cannot have two columns with the name " + out.output[j].name,
                        out.query.span, "name each once with AS"});
      return;
    }
  }
}

ColumnType result_type(const ir::Label& label, const Catalog& catalog) {
  if (label.task != ir::Task::regression) return label.type;
  ColumnType type{.kind = TypeKind::float32};
  type.sql_name = catalog.type_name(type);
  return type;
}

void bind_output(ir::Predict& out, const Catalog& catalog) {
  const auto& schema = out.query.description.schema;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (equal_ignoring_case(schema[i].name, out.result_column)) continue;
    out.kept_columns.push_back(i);
    out.output.push_back(schema[i]);
  }
  out.output.push_back({out.result_column, result_type(out.manifest->label, catalog)});
}

Result<void> bind_target(ir::Predict& out, const ast::Predict& predict, TableName table,
                         const std::vector<ir::Setting>& settings, Catalog& catalog,
                         Diagnostics& errors) {
  out.target = ir::Target{
      .table = std::move(table), .span = predict.target->span, .mode = output_mode(settings)};
  check_names(out, errors);
  check_not_store(*out.target, errors);
  QUERN_CHECK(check_place(out.target->table, out.target->span, catalog));
  QUERN_TRY(const auto info, catalog.find_table(out.target->table));
  if (!info) return {};
  check_existing(*out.target, *info, out.query, errors);
  if (out.target->mode == ir::OutputMode::append) check_append(out, *info, errors);
  return {};
}

void check_mode_has_target(const ast::Predict& predict, const std::vector<ir::Setting>& settings,
                           Diagnostics& errors) {
  const auto* mode = ir::find_setting(settings, "output.mode");
  if (mode == nullptr || predict.target) return;
  errors.push_back({Code::attribute_conflict, "output.mode needs a target table", mode->span,
                    "write TO PREDICT table USING model"});
}

}  // namespace

Result<ir::Statement> bind_predict(const ast::Predict& predict, Catalog& catalog) {
  QUERN_TRY(auto ref, to_model_ref(predict.model));
  QUERN_TRY(auto found, require_model(ref, catalog));
  QUERN_TRY(auto query, describe(predict.query, catalog));
  ir::Predict out;
  out.model = std::move(ref);
  out.model_version = found.version;
  out.manifest = std::move(found.manifest);
  out.query = std::move(query);

  Diagnostics errors;
  const auto settings = bind_settings(predict.with, ir::predict_attributes(), "TO PREDICT", errors);
  check_mode_has_target(predict, settings, errors);
  bind_inputs(out, errors);
  out.result_column = "predicted_" + out.manifest->label.column;
  std::optional<SplitTarget> target;
  if (predict.target) {
    QUERN_TRY(target, split_target(predict, catalog));
    if (target->column) out.result_column = *target->column;
  }
  bind_output(out, catalog);
  if (target) QUERN_CHECK(bind_target(out, predict, target->table, settings, catalog, errors));
  if (!errors.empty()) return first_ten(std::move(errors));
  return ir::Statement(std::move(out));
}

}  // namespace quern::binding
