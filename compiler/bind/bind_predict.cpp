// Binding of TO PREDICT: the model, its inputs, the result column and where it goes.

#include <algorithm>

#include "compiler/bind/columns.h"
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
  const auto dialect = catalog.dialect();
  if (predict.column) {
    QUERN_TRY(auto table, to_table_name(name, dialect));
    return SplitTarget{std::move(table), as_read(*predict.column, dialect)};
  }
  if (name.parts.size() == 1)
    return SplitTarget{{.table = as_read(name.parts[0], dialect)}, std::nullopt};
  const auto column = name.parts.back();
  if (name.parts.size() == 2) {
    QUERN_TRY(const bool schema, catalog.schema_exists(as_read(name.parts[0], dialect)));
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
  QUERN_TRY(auto resolved, to_table_name(table, dialect));
  return SplitTarget{std::move(resolved), as_read(column, dialect)};
}

using Settings = std::vector<ir::Setting>;

Settings check(const ast::Predict& predict, Diagnostics& errors) {
  auto settings = bind_settings(predict.with, ir::predict_attributes(), "TO PREDICT", errors);
  check_mode_has_target(settings, predict.target.has_value(), "write TO PREDICT table USING model",
                        errors);
  const auto* mode = ir::find_setting(settings, "predict.mode");
  const auto name = mode != nullptr ? std::get<std::string>(mode->value) : "auto";
  if (name == "sql" || name == "view") {
    errors.push_back({Code::not_in_this_version, "predict.mode is not in this version: " + name,
                      mode->value_span, "auto and native are"});
  }
  return settings;
}

/// Probabilities can be asked of models that give them.
void check_classes(const ir::Manifest& manifest, const ir::Setting& setting, Diagnostics& errors) {
  const auto& name = setting.spec->name;
  if (manifest.label.task == ir::Task::regression || manifest.label.is_unlabelled()) {
    errors.push_back({Code::attribute_conflict,
                      name + " is for classes, the model predicts " +
                          std::string(ir::answer_words(ir::judged(manifest))),
                      setting.span});
  } else if (!ir::gives_probabilities(manifest)) {
    errors.push_back(
        {Code::attribute_conflict,
         name + " needs probabilities, objective " + manifest.objective + " gives none",
         setting.span});
  }
}

void bind_top_k(ir::Predict& out, const ir::Setting& setting, Diagnostics& errors) {
  const auto& manifest = *out.use.manifest;
  const auto k = std::get<std::int64_t>(setting.value);
  const auto classes = static_cast<std::int64_t>(manifest.label.classes.size());
  check_classes(manifest, setting, errors);
  if (manifest.label.task == ir::Task::binary) {
    errors.push_back({Code::attribute_conflict,
                      "predict.top_k is for three classes or more, the model has two", setting.span,
                      "predict.proba = true gives the probability of both"});
  } else if (manifest.label.task == ir::Task::multiclass && k > classes) {
    errors.push_back({Code::attribute_range,
                      "predict.top_k must be at most the number of classes, " +
                          std::to_string(classes) + ": " + std::to_string(k),
                      setting.value_span});
  }
  out.top_k = static_cast<int>(std::min(k, classes));
}

void bind_options(ir::Predict& out, const Settings& settings, Diagnostics& errors) {
  out.threshold = bind_threshold(settings, "predict.threshold", *out.use.manifest, errors);
  const auto* proba = ir::find_setting(settings, "predict.proba");
  if (proba != nullptr && std::get<bool>(proba->value)) {
    check_classes(*out.use.manifest, *proba, errors);
    out.proba = true;
  }
  if (const auto* s = ir::find_setting(settings, "predict.top_k")) bind_top_k(out, *s, errors);
  const auto* distance = ir::find_setting(settings, "predict.distance");
  if (distance == nullptr || !std::get<bool>(distance->value)) return;
  out.distance = true;
  if (out.use.manifest->label.is_unlabelled()) return;
  errors.push_back({Code::attribute_conflict,
                    "predict.distance is for models without a label, " +
                        out.use.manifest->estimator + " has one",
                    distance->span, "leave it out"});
}

/// The columns of the query that predict.columns names, in its order.
void bind_kept(ir::Predict& out, const Settings& settings, Diagnostics& errors) {
  const auto& schema = out.use.query.description.schema;
  const auto* setting = ir::find_setting(settings, "predict.columns");
  const std::vector<std::string> all = {"*"};
  const auto& names = setting != nullptr ? std::get<std::vector<std::string>>(setting->value) : all;
  if (names == all) {
    out.kept_columns = columns_beside(schema, out.result_column);
    return;
  }
  for (const auto& name : names) {
    const auto column = find_column(schema, name, setting->value_span);
    if (!column) {
      append(errors, column.errors());
    } else if (std::find(out.kept_columns.begin(), out.kept_columns.end(), *column) !=
               out.kept_columns.end()) {
      errors.push_back({Code::attribute_conflict, "predict.columns names a column twice: " + name,
                        setting->value_span});
    } else {
      out.kept_columns.push_back(*column);
    }
  }
}

/// The result and what goes with it: docs/language.md, TO PREDICT.
Schema results_of(const ir::Predict& out, const Catalog& catalog) {
  const auto& label = out.use.manifest->label;
  const auto type = prediction_type(label, catalog);
  const auto share = typed(TypeKind::float32, catalog);
  const auto& name = out.result_column;
  Schema results = {{name, type}};
  if (out.proba) {
    results.push_back({name + "_prob", share});
    for (const auto& c : label.classes)
      results.push_back({name + "_prob_" + format_scalar(c), share});
  }
  for (int rank = 1; rank <= out.top_k; ++rank) {
    const auto ranked = name + "_" + std::to_string(rank);
    results.push_back({ranked, type});
    results.push_back({ranked + "_prob", share});
  }
  if (out.distance) results.push_back({name + "_" + std::string(distance_name(label)), share});
  return results;
}

void bind_output(ir::Predict& out, const Catalog& catalog) {
  for (const auto c : out.kept_columns) out.output.push_back(out.use.query.description.schema[c]);
  for (auto& field : results_of(out, catalog)) out.output.push_back(std::move(field));
}

}  // namespace

Diagnostics check_predict(const ast::Predict& predict) {
  Diagnostics errors;
  check(predict, errors);
  return errors;
}

Result<ir::Statement> bind_predict(const ast::Predict& predict, Catalog& catalog) {
  ir::Predict out;
  QUERN_TRY(out.use, bind_model_use(predict.query, predict.model, catalog));

  Diagnostics errors;
  const auto settings = check(predict, errors);
  bind_inputs(out.use, errors);
  out.result_column = out.use.manifest->result_name();
  std::optional<SplitTarget> target;
  if (predict.target) {
    QUERN_TRY(target, split_target(predict, catalog));
    if (target->column) out.result_column = *target->column;
  }
  bind_options(out, settings, errors);
  bind_kept(out, settings, errors);
  bind_output(out, catalog);
  const auto clashes = check_additions(out.output, out.kept_columns.size(), out.use.query.span);
  append(errors, clashes);
  if (target && clashes.empty()) {
    QUERN_TRY(out.target, bind_target(std::move(target->table), predict.target->span, settings,
                                      out.use.query, out.output, catalog, errors));
  }
  if (!errors.empty()) return first_ten(std::move(errors));
  return ir::Statement(std::move(out));
}

}  // namespace quern::binding
