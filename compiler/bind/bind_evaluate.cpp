// Binding of TO EVALUATE: the model, the true label, what is asked for, and the answer's shape.

#include <algorithm>
#include <array>

#include "base/similar.h"
#include "compiler/bind/assertions.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "compiler/bind/model_use.h"
#include "compiler/bind/settings.h"
#include "compiler/bind/target.h"

namespace quern::binding {
namespace {

using ir::Judged;
using ir::Report;
using Settings = std::vector<ir::Setting>;
using Names = std::vector<std::string>;

constexpr std::array kReports = {Report::metrics,     Report::confusion,   Report::roc,
                                 Report::pr,          Report::calibration, Report::per_class,
                                 Report::per_cluster, Report::rows};

Report report_of(const Settings& settings) {
  const auto* setting = ir::find_setting(settings, "evaluate.report");
  if (setting == nullptr) return Report::metrics;
  const auto& name = std::get<std::string>(setting->value);
  return *std::find_if(kReports.begin(), kReports.end(),
                       [&](Report r) { return ir::report_name(r) == name; });
}

bool is_of_scores(Report report) {
  return report == Report::roc || report == Report::pr || report == Report::calibration;
}

Names asked_metrics(const Settings& settings) {
  const auto* setting = ir::find_setting(settings, "evaluate.metrics");
  return setting == nullptr ? Names{} : std::get<Names>(setting->value);
}

std::string joined(const Names& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

void check_metric_names(const Settings& settings, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "evaluate.metrics");
  const auto names = asked_metrics(settings);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto same = [&](const auto& other) { return equal_ignoring_case(other, names[i]); };
    if (!ir::is_metric(names[i])) {
      errors.push_back({Code::attribute_range,
                        "attribute evaluate.metrics has no value " + names[i], setting->value_span,
                        suggest(names[i], ir::metric_names(), "docs/attributes.md lists them")});
    } else if (std::find_if(names.begin(), names.end(), same) - names.begin() !=
               static_cast<std::ptrdiff_t>(i)) {
      errors.push_back(
          {Code::attribute_conflict, "metric asked for twice: " + names[i], setting->value_span});
    }
  }
}

/// fbeta and evaluate.beta need each other.
void check_beta(const Settings& settings, Diagnostics& errors) {
  const auto names = asked_metrics(settings);
  const bool asked = std::any_of(names.begin(), names.end(), [](const auto& name) {
    const auto* spec = ir::find_metric(name, Judged::binary);
    return spec != nullptr && spec->metric == ir::Metric::fbeta;
  });
  if (!asked) return refuse(settings, "evaluate.beta", "belongs to the metric fbeta", "", errors);
  if (ir::find_setting(settings, "evaluate.beta") != nullptr) return;
  errors.push_back({Code::attribute_conflict, "metric fbeta needs evaluate.beta",
                    ir::find_setting(settings, "evaluate.metrics")->value_span,
                    "for example evaluate.beta = 2, which counts recall twice"});
}

void check_attributes(const ast::Evaluate& evaluate, const Settings& settings,
                      Diagnostics& errors) {
  const auto report = report_of(settings);
  const auto shown = "the report " + std::string(ir::report_name(report));
  if (report != Report::metrics)
    refuse(settings, "evaluate.metrics", "belongs to the report metrics", "", errors);
  if (report != Report::calibration)
    refuse(settings, "evaluate.bins", "belongs to the report calibration", "", errors);
  if (is_of_scores(report))
    refuse(settings, "evaluate.threshold", "has no say in " + shown, "", errors);
  if (report == Report::rows) {
    for (const char* name : {"weight", "assert", "report"})
      refuse(settings, name, "has no say in " + shown, "", errors);
  }
  check_metric_names(settings, errors);
  check_beta(settings, errors);
  if (const auto* asserted = ir::find_setting(settings, "assert"))
    read_assertions(*asserted, errors);
  check_mode_has_target(settings, evaluate.into.has_value(), "add INTO table", errors);
}

Settings check(const ast::Evaluate& evaluate, Diagnostics& errors) {
  auto settings = bind_settings(evaluate.with, ir::evaluate_attributes(), "TO EVALUATE", errors);
  check_attributes(evaluate, settings, errors);
  return settings;
}

/// The reports that suit a model, for hints.
Names reports_of(const ir::Manifest& manifest) {
  const auto judged = ir::judged(manifest);
  if (judged == Judged::clusters) return {"metrics", "per_cluster", "rows"};
  if (judged == Judged::number || judged == Judged::hazard || judged == Judged::vector)
    return {"metrics", "rows"};
  if (!ir::gives_probabilities(manifest)) return {"metrics", "confusion", "per_class", "rows"};
  return {"metrics", "confusion", "roc", "pr", "calibration", "per_class", "rows"};
}

void check_report(const ir::Evaluate& out, const Settings& settings, Diagnostics& errors) {
  const auto& manifest = *out.use.manifest;
  const auto fitting = reports_of(manifest);
  const std::string name(ir::report_name(out.report));
  if (std::find(fitting.begin(), fitting.end(), name) != fitting.end()) return;
  const bool clusters = out.report == Report::per_cluster;
  const bool classes = !clusters && (manifest.label.task == ir::Task::binary ||
                                     manifest.label.task == ir::Task::multiclass);
  const std::string of = clusters ? " is of clusters" : " is of classes";
  const auto why =
      classes ? " needs probabilities, objective " + manifest.objective + " gives none"
              : of + ", the model predicts " + std::string(ir::answer_words(ir::judged(manifest)));
  errors.push_back({Code::attribute_conflict, "report " + name + why,
                    ir::find_setting(settings, "evaluate.report")->value_span,
                    "the reports for it: " + joined(fitting)});
}

Diagnostic missing_truth(const std::string& metric, const ir::Setting& setting) {
  return {Code::missing_label, "metric " + metric + " compares the clusters with a label",
          setting.value_span, "add LABEL column"};
}

/// The metrics that are asked for, or the usual ones.
void bind_metrics(ir::Evaluate& out, const Settings& settings, Diagnostics& errors) {
  if (out.report != Report::metrics) return;
  const auto judged = ir::judged(*out.use.manifest);
  const auto* setting = ir::find_setting(settings, "evaluate.metrics");
  if (setting == nullptr) {
    for (const auto* spec : ir::usual_metrics(judged)) {
      if (!spec->needs_label || out.label_column)
        out.metrics.push_back({spec->metric, std::string(spec->name)});
    }
    return;
  }
  for (const auto& name : asked_metrics(settings)) {
    const auto* spec = ir::find_metric(name, judged);
    if (spec != nullptr) {
      out.metrics.push_back({spec->metric, name});
      if (spec->needs_label && !out.label_column) errors.push_back(missing_truth(name, *setting));
      continue;
    }
    errors.push_back({Code::attribute_conflict,
                      "metric " + name + " does not suit a model that predicts " +
                          std::string(ir::answer_words(judged)),
                      setting->value_span, "there are " + joined(ir::metric_names(judged))});
  }
}

void bind_options(ir::Evaluate& out, const Settings& settings, Diagnostics& errors) {
  out.threshold = bind_threshold(settings, "evaluate.threshold", *out.use.manifest, errors);
  if (const auto* s = ir::find_setting(settings, "evaluate.beta"))
    out.beta = std::get<double>(s->value);
  if (const auto* s = ir::find_setting(settings, "evaluate.bins"))
    out.bins = static_cast<int>(std::get<std::int64_t>(s->value));
  if (const auto* s = ir::find_setting(settings, "weight")) {
    out.weight_column = find_weight(out.use.query.description.schema, *s, out.label_column, errors);
  }
}

void bind_assertions(ir::Evaluate& out, const Settings& settings, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "assert");
  if (setting == nullptr) return;
  Diagnostics found_before;
  out.assertions = read_assertions(*setting, found_before);
  out.assertions_span = setting->value_span;
  settle_assertions(out.assertions, ir::judged(*out.use.manifest), setting->value_span, errors);
  for (const auto& assertion : out.assertions) {
    if (assertion.metric == ir::Metric::adjusted_rand && !out.label_column)
      errors.push_back(missing_truth(assertion.name, *setting));
  }
}

/// Of a model without a label: the column that clusters are compared with, where one is named.
void bind_compared(ir::Evaluate& out, const ast::Evaluate& evaluate, Diagnostics& errors) {
  if (!evaluate.label) return;
  if (ir::judged(*out.use.manifest) != Judged::clusters) {
    errors.push_back(
        {Code::unknown_clause,
         "the model has no label to compare with, found LABEL " + evaluate.label->text(),
         evaluate.label->span, "leave it out"});
    return;
  }
  const auto column =
      find_column(out.use.query.description.schema, evaluate.label->text(), evaluate.label->span);
  if (!column) return append(errors, column.errors());
  out.label_column = *column;
}

/// What only the evaluation of a model with a label knows.
void check_unlabelled(const Settings& settings, Diagnostics& errors) {
  for (const char* name : {"weight", "report"})
    refuse(settings, name, "is of models with a label", "leave it out", errors);
}

void bind_truth(ir::Evaluate& out, const ast::Evaluate& evaluate, Diagnostics& errors) {
  std::optional<LabelName> named;
  if (evaluate.label) named = LabelName{evaluate.label->text(), evaluate.label->span};
  const auto column =
      bind_label(out.use, named, "TO EVALUATE", "select it, or name it with LABEL column", errors);
  out.label_column = column.value_or(0);  // 0 beside an error
}

/// Makes the schema of an answer.
class Shape {
 public:
  Shape(const ir::Evaluate& out, const Catalog& catalog) : out_(out), catalog_(catalog) {}

  Schema make() const {
    switch (out_.report) {
      case Report::metrics: return metrics();
      case Report::confusion: return confusion();
      case Report::roc: return curve({"threshold", "false_positive_rate", "true_positive_rate"});
      case Report::pr: return curve({"threshold", "precision", "recall"});
      case Report::calibration: return calibration();
      case Report::per_class: return per_class();
      case Report::per_cluster: return per_cluster();
      case Report::rows: return rows();
    }
    return {};
  }

 private:
  const ir::Label& label() const { return out_.use.manifest->label; }
  Field number(const std::string& name) const { return {name, typed(TypeKind::float64, catalog_)}; }
  Field count(const std::string& name) const { return {name, typed(TypeKind::int64, catalog_)}; }

  Schema metrics() const {
    Schema schema = {count("rows")};
    for (const auto& metric : out_.metrics) schema.push_back(number(metric.name));
    return schema;
  }

  Schema confusion() const {
    Schema schema = {{"actual", label().type}, {"predicted", label().type}, count("rows")};
    if (out_.weight_column) schema.push_back(number("weight"));
    return schema;
  }

  /// A curve for each class where there are several.
  Schema by_class() const {
    if (label().task == ir::Task::multiclass) return {{"class", label().type}};
    return {};
  }

  Schema curve(const Names& columns) const {
    auto schema = by_class();
    for (const auto& name : columns) schema.push_back(number(name));
    return schema;
  }

  Schema calibration() const {
    auto schema = by_class();
    for (const auto& field : {number("low"), number("high"), count("rows"),
                              number("mean_probability"), number("positive_share")})
      schema.push_back(field);
    return schema;
  }

  Schema per_class() const {
    return {{"class", label().type},
            number("precision"),
            number("recall"),
            number("f1"),
            out_.weight_column ? number("support") : count("support"),
            number("roc_auc")};
  }

  Schema per_cluster() const {
    return {{"cluster", prediction_type(label(), catalog_)},
            count("rows"),
            number("share"),
            number("inertia"),
            number("mean_distance"),
            number("silhouette")};
  }

  Schema rows() const {
    Schema schema;
    for (const auto c : out_.kept_columns) schema.push_back(out_.use.query.description.schema[c]);
    schema.push_back({out_.use.manifest->result_name(), prediction_type(label(), catalog_)});
    const auto judged = ir::judged(*out_.use.manifest);
    if (judged == Judged::clusters || judged == Judged::vector) {
      schema.push_back(number(std::string(distance_name(label()))));
      return schema;
    }
    const auto residual = number("residual");
    if (judged == Judged::number && label().is_vector())
      schema.push_back({residual.name, list_of(residual.type, catalog_)});
    else if (judged == Judged::number)
      schema.push_back(residual);
    if (judged == Judged::number || judged == Judged::hazard) return schema;
    if (ir::gives_probabilities(*out_.use.manifest)) {
      schema.push_back({"probability", typed(TypeKind::float32, catalog_)});
      schema.push_back(number("log_loss"));
    }
    schema.push_back({"correct", typed(TypeKind::boolean, catalog_)});
    return schema;
  }

  const ir::Evaluate& out_;
  const Catalog& catalog_;
};

void bind_output(ir::Evaluate& out, const Catalog& catalog) {
  if (out.report == Report::rows) {
    out.kept_columns =
        columns_beside(out.use.query.description.schema, out.use.manifest->result_name());
  }
  out.output = Shape(out, catalog).make();
}

}  // namespace

Diagnostics check_evaluate(const ast::Evaluate& evaluate) {
  Diagnostics errors;
  check(evaluate, errors);
  return errors;
}

Result<ir::Statement> bind_evaluate(const ast::Evaluate& evaluate, Catalog& catalog) {
  ir::Evaluate out;
  QUERN_TRY(out.use, bind_model_use(evaluate.query, evaluate.model, catalog));

  Diagnostics errors;
  const auto settings = check(evaluate, errors);
  out.report = report_of(settings);
  check_report(out, settings, errors);
  bind_inputs(out.use, errors);
  if (out.use.manifest->label.is_unlabelled()) {
    check_unlabelled(settings, errors);
    bind_compared(out, evaluate, errors);
  } else {
    bind_truth(out, evaluate, errors);
  }
  bind_metrics(out, settings, errors);
  bind_options(out, settings, errors);
  bind_assertions(out, settings, errors);
  out.page = bind_report_file(settings);
  bind_output(out, catalog);
  const auto clashes = check_additions(out.output, out.kept_columns.size(), out.use.query.span);
  append(errors, clashes);
  if (evaluate.into && clashes.empty()) {
    QUERN_TRY(auto table, to_table_name(*evaluate.into, catalog.dialect()));
    QUERN_TRY(out.target, bind_target(std::move(table), evaluate.into->span, settings,
                                      out.use.query, out.output, catalog, errors));
  }
  if (!errors.empty()) return first_ten(std::move(errors));
  return ir::Statement(std::move(out));
}

}  // namespace quern::binding
