// Declarations and manifests as rows.

#include "api/model_reports.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/box.h"
#include "base/column_builder.h"
#include "base/format.h"
#include "base/secrets.h"
#include "compiler/ir/training_metrics.h"

namespace quern {
namespace {

const ColumnType kText{.kind = TypeKind::text, .sql_name = "VARCHAR"};
const ColumnType kNumber{.kind = TypeKind::int64, .sql_name = "BIGINT"};
const ColumnType kReal{.kind = TypeKind::float64, .sql_name = "DOUBLE"};
const ColumnType kFlag{.kind = TypeKind::boolean, .sql_name = "BOOLEAN"};

using Row = std::vector<std::string>;

Report text_report(const std::vector<std::string>& names, const std::vector<Row>& rows) {
  Report out;
  std::vector<ColumnBuilder> columns;
  for (const auto& name : names) {
    out.schema.push_back({name, kText});
    columns.emplace_back(kText);
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].append_text(row[i]);
  }
  out.rows.rows = static_cast<std::int64_t>(rows.size());
  for (auto& column : columns) out.rows.columns.push_back(column.finish());
  return out;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

ColumnType type_of(const Scalar& value) {
  return std::array{kFlag, kNumber, kReal, kText}.at(value.index());
}

void append(ColumnBuilder& out, const Scalar& value) {
  std::visit(Overloaded{
                 [&](bool v) { out.append_bool(v); },
                 [&](std::int64_t v) { out.append_int(v); },
                 [&](double v) { out.append_double(v); },
                 [&](const std::string& v) { out.append_text(v); },
             },
             value);
}

void append_or_null(ColumnBuilder& out, const std::string& text) {
  text.empty() ? out.append_null() : out.append_text(text);
}

/// The values of one attribute; NULL where a trial has none of the column's type.
void append_value(ColumnBuilder& out, const ir::Trial& trial, const std::string& name,
                  const Scalar& like) {
  for (const auto& [known, value] : trial.values) {
    if (known == name && value.index() == like.index()) return append(out, value);
  }
  out.append_null();
}

/// Collects the rows of DESCRIBE MODEL, section by section.
class Describer {
 public:
  Describer(const ir::StoredModel& model, const runtime::ModelSizes& sizes)
      : model_(model), m_(*model.manifest), sizes_(sizes) {}

  std::vector<Row> rows() && {
    model();
    label();
    base_margin();
    split();
    for (const auto& [name, value] : m_.attributes) add("attribute", name, mask_passwords(value));
    features();
    history();
    return std::move(rows_);
  }

 private:
  void add(std::string section, std::string name, std::string value) {
    rows_.push_back({std::move(section), std::move(name), std::move(value)});
  }

  void model() {
    add("model", "name", ir::display_name(model_.ref.where));
    add("model", "version", std::to_string(model_.version));
    add("model", "estimator", m_.estimator);
    add("model", "objective", m_.objective);
    add("model", "task", std::string(ir::task_name(m_.label.task)));
    add("model", "rounds", std::to_string(m_.rounds));
    add("model", "rows", std::to_string(m_.rows));
    add("model", "seed", std::to_string(m_.seed));
    add("model", "format", m_.payload_format);
    add("model", "payload bytes", std::to_string(sizes_.payload));
    add("model", "manifest bytes", std::to_string(sizes_.manifest));
    add("model", "library", m_.library);
    add("model", "quern", m_.quern_version);
    add("model", "created", m_.created);
  }

  void label() {
    if (m_.label.is_unlabelled()) return result();
    add("label", "column", m_.label.column);
    add("label", "type", m_.label.type.sql_name);
    const auto& classes = m_.label.classes;
    if (m_.label.task == ir::Task::binary && !classes.empty())
      add("label", "positive class", format_scalar(classes.back()));
    for (std::size_t i = 0; i < classes.size(); ++i)
      add("class", std::to_string(i), format_scalar(classes[i]));
  }

  /// Of a model without a label.
  void result() {
    add("result", "column", m_.result_name());
    if (m_.label.task == ir::Task::clusters)
      add("result", "clusters", std::to_string(m_.label.classes.size()));
    else
      add("result", "numbers", std::to_string(m_.label.width()));
  }

  void base_margin() {
    for (const auto& input : m_.base_margin)
      add("base margin", input.name, std::string(kind_name(input.kind)));
  }

  void split() {
    const auto& s = m_.split;
    add("split", "method", s.method);
    add("split", "validation rows", std::to_string(s.validation_rows));
    if (s.eval > 0) add("split", "eval", format_double(s.eval));
    if (s.test_rows > 0) {
      add("split", "test rows", std::to_string(s.test_rows));
      if (s.test > 0) add("split", "test", format_double(s.test));
    }
    if (s.folds > 0) add("split", "folds", std::to_string(s.folds));
    const bool named = s.method != "validation.select";
    if (named && ir::is_drawn(ir::find_split_method(s.method)))
      add("split", "seed", std::to_string(s.seed));
    if (!s.column.empty()) add("split", "column", s.column);
  }

  void features() {
    for (const auto& feature : m_.program.features) {
      const auto& input = m_.program.inputs[feature.input];
      const auto of = input.name == feature.name ? "" : " of " + input.name;
      add("feature", feature.name,
          std::string(kind_name(input.kind)) + of + ", " + ir::transform_words(feature) +
              (feature.hidden ? ", of a group" : ""));
    }
    for (const auto& group : m_.program.groups) {
      const auto& input = m_.program.inputs[group.input];
      add("features", group.name + "[...]",
          std::string(kind_name(input.kind)) + " of " + input.name + ", " + ir::group_words(group));
    }
  }

  void history() {
    for (const auto& point : m_.history) {
      add("round " + std::to_string(point.round), point.data + " " + point.metric,
          std::isnan(point.value) ? "NaN" : format_double(point.value));
    }
  }

  const ir::StoredModel& model_;
  const ir::Manifest& m_;
  const runtime::ModelSizes& sizes_;
  std::vector<Row> rows_;
};

std::string_view type_name(ir::AttributeType type) {
  switch (type) {
    case ir::AttributeType::boolean: return "boolean";
    case ir::AttributeType::integer: return "integer";
    case ir::AttributeType::real: return "number";
    case ir::AttributeType::choice: return "choice";
    case ir::AttributeType::text: return "text";
    case ir::AttributeType::texts: return "text or list of texts";
    case ir::AttributeType::column: return "column";
    case ir::AttributeType::columns: return "column or list of columns";
    case ir::AttributeType::scalar: return "constant";
    case ir::AttributeType::number_map: return "map of numbers or text";
    case ir::AttributeType::groups: return "lists of names or text";
    case ir::AttributeType::scalars: return "list of constants";
    case ir::AttributeType::layers: return "list of layers";
    case ir::AttributeType::duration: return "seconds, or text as '10m'";
  }
  return "";
}

/// True where the estimator's booster, or one that it may be given, reads the attribute.
bool applies(const ir::AttributeSpec& spec, const ir::EstimatorDescriptor* estimator) {
  const auto& only = spec.boosters;
  if (!spec.available || !spec.refusal.empty()) return false;
  return estimator == nullptr || estimator->any_booster || only.empty() ||
         std::find(only.begin(), only.end(), estimator->booster) != only.end();
}

/// The default where the estimator has one of its own.
std::string default_of(const ir::AttributeSpec& spec, const ir::EstimatorDescriptor* estimator) {
  if (estimator == nullptr) return spec.default_text;
  if (spec.name == "num_round") return std::to_string(estimator->default_rounds);
  for (const auto& [name, value] : estimator->presets) {
    if (!spec.library_name.empty() && name == spec.library_name) return value;
  }
  return spec.default_text;
}

/// Other names; some mean another attribute with some estimators.
std::string aliases_of(const ir::AttributeSpec& spec, const ir::EstimatorDescriptor* estimator) {
  auto aliases = spec.aliases;
  if (estimator != nullptr) {
    for (const auto& [alias, canonical] : estimator->renames) {
      std::erase(aliases, alias);
      if (canonical == spec.name) aliases.push_back(alias);
    }
  }
  return joined(aliases);
}

std::string allowed(const ir::AttributeSpec& spec) {
  return spec.choices.empty() ? ir::range_words(spec.range) : joined(spec.choices);
}

}  // namespace

Report models_report(const std::vector<runtime::ModelRow>& models) {
  Report out{.schema = {{"name", kText},
                        {"version", kNumber},
                        {"estimator", kText},
                        {"objective", kText},
                        {"label", kText},
                        {"rows", kNumber},
                        {"bytes", kNumber},
                        {"created", kText}},
             .rows = {}};
  std::vector<ColumnBuilder> columns;
  for (const auto& field : out.schema) columns.emplace_back(field.type);
  for (const auto& row : models) {
    columns[0].append_text(row.name);
    columns[1].append_int(row.version);
    columns[2].append_text(row.estimator);
    columns[3].append_text(row.objective);
    columns[4].append_text(row.label);
    columns[5].append_int(row.rows);
    columns[6].append_int(row.bytes);
    columns[7].append_text(row.created);
  }
  out.rows.rows = static_cast<std::int64_t>(models.size());
  for (auto& column : columns) out.rows.columns.push_back(column.finish());
  return out;
}

Report trials_report(const ir::Manifest& manifest, std::vector<ir::Trial> trials) {
  trials = ir::ranked(std::move(trials), ir::larger_is_better(manifest.tuned_by()));
  const auto values = trials.front().values;
  Report out{.schema = {{"trial", kNumber}}, .rows = {}};
  for (const auto& [name, value] : values) out.schema.push_back({name, type_of(value)});
  out.schema.push_back({"metric", kText});
  out.schema.push_back({"value", kReal});
  out.schema.push_back({"rounds", kNumber});
  out.schema.push_back({"seconds", kReal});
  out.schema.push_back({"state", kText});
  out.schema.push_back({"message", kText});
  std::vector<ColumnBuilder> columns;
  for (const auto& field : out.schema) columns.emplace_back(field.type);
  for (const auto& trial : trials) {
    auto column = columns.begin();
    (column++)->append_int(trial.number);
    for (const auto& [name, value] : values) append_value(*column++, trial, name, value);
    append_or_null(*column++, trial.metric);
    trial.value ? column->append_double(*trial.value) : column->append_null();
    ++column;
    trial.value ? column->append_int(trial.rounds) : column->append_null();
    ++column;
    (column++)->append_double(trial.seconds);
    (column++)->append_text(ir::state_name(trial.state));
    append_or_null(*column, trial.message);
  }
  out.rows.rows = static_cast<std::int64_t>(trials.size());
  for (auto& column : columns) out.rows.columns.push_back(column.finish());
  return out;
}

Report train_report(const ir::ShowTrain& show) {
  const auto name =
      ir::display_name(show.model.ref.where) + "@" + std::to_string(show.model.version);
  return text_report({"Model", "Train Statement"},
                     {{name, mask_passwords(show.model.manifest->statement)}});
}

Report describe_report(const ir::DescribeModel& describe, const runtime::ModelSizes& sizes) {
  return text_report({"section", "name", "value"}, Describer(describe.model, sizes).rows());
}

Report attributes_report(const ir::ShowAttributes& show) {
  std::vector<Row> rows;
  for (const auto& spec : show.specs) {
    if (!applies(spec, show.estimator)) continue;
    rows.push_back({spec.name, std::string(type_name(spec.type)), default_of(spec, show.estimator),
                    allowed(spec), aliases_of(spec, show.estimator), spec.doc});
  }
  return text_report({"name", "type", "default", "allowed", "aliases", "description"}, rows);
}

}  // namespace quern
