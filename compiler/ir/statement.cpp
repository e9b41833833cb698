// Printing and checking of the IR.

#include "compiler/ir/statement.h"

#include <cmath>

#include "base/box.h"
#include "base/format.h"
#include "compiler/ir/label_vector.h"

namespace quern::ir {
namespace {

std::string dump_query(const Query& query, const std::string& indent) {
  std::string out =
      indent + "query " + std::to_string(query.description.schema.size()) + " columns\n";
  for (const auto& field : query.description.schema) {
    out += indent + "  " + field.name + " " + field.type.sql_name + "\n";
  }
  return out;
}

std::string_view role_name(LabelRole role) {
  switch (role) {
    case LabelRole::by_data: return "class or number, by the data";
    case LabelRole::classes: return "class";
    case LabelRole::number: return "number";
    case LabelRole::none: return "none";
  }
  return "";
}

std::string dump_settings(const std::vector<Setting>& settings) {
  std::string out;
  for (const auto& s : settings) {
    const auto value =
        s.search ? " in " + format_search(*s.search) : " = " + format_attribute(s.value);
    out += "  with " + s.spec->name + value + "\n";
  }
  return out;
}

std::string dump_tuning(const Tuning& tuning) {
  return "  tune " + std::string(algorithm_name(tuning.algorithm)) + ", " +
         counted(tuning.trials, "trial") + " by " +
         (tuning.objective.empty() ? "the last metric" : tuning.objective) +
         (tuning.time_limit ? ", none begun after " + format_number(*tuning.time_limit) + " s"
                            : "") +
         "\n";
}

std::string dump_train(const Train& t) {
  const auto& schema = t.query.description.schema;
  std::string out = "train " + t.estimator->name + "\n" + dump_query(t.query, "  ");
  if (t.label_column) {
    out += "  label " + schema[*t.label_column].name + " as " +
           (has_vector_label(t) ? counted(label_width(t), "number")
                                : std::string(role_name(t.label_role))) +
           "\n";
  }
  if (t.objective != nullptr) out += "  objective " + std::string(t.objective->name) + "\n";
  if (t.booster != t.estimator->booster) out += "  booster " + t.booster + "\n";
  if (t.weight_column) out += "  weight " + schema[*t.weight_column].name + "\n";
  out += dump_settings(t.settings);
  out += "  split " + describe(t.split);
  if (t.split.key) out += ", key " + schema[*t.split.key].name;
  out += "\n";
  if (t.validation) out += "  validation\n" + dump_query(t.validation->query, "  ");
  out += "  rounds " + std::to_string(t.rounds) + "\n";
  if (t.early_stopping > 0) out += "  early stopping " + std::to_string(t.early_stopping) + "\n";
  if (t.tuning) out += dump_tuning(*t.tuning);
  out += t.start ? "  features\n" : "  features, not fitted\n";
  out += dump(t.program);
  if (t.start)
    out += "  from " + display_name(t.start->model.where) + "@" + std::to_string(t.start->version) +
           "\n";
  return out + "  into " + display_name(t.into) + "\n";
}

std::string dump_use(const ModelUse& use) {
  return dump_query(use.query, "  ") + "  model " + display_name(use.model.where) + "@" +
         std::to_string(use.version) + " " + use.manifest->estimator + " " +
         use.manifest->objective + "\n  features\n" + dump(use.manifest->program);
}

std::string dump_predict(const Predict& p) {
  std::string out = "predict\n" + dump_use(p.use);
  for (auto i = p.kept_columns.size(); i < p.output.size(); ++i)
    out += "  result " + p.output[i].name + " " + p.output[i].type.sql_name + "\n";
  if (p.threshold) out += "  threshold " + format_double(*p.threshold) + "\n";
  if (p.target) out += "  into " + display_name(p.target->table) + "\n";
  return out;
}

std::string dump_explain(const Explain& e) {
  std::string out = "explain by " + std::string(explainer_name(e.explainer));
  if (e.explainer == Explainer::shap) out += e.local ? ", each row" : ", mean over the rows";
  out += "\n" + dump_use(e.use);
  if (e.label_column)
    out += "  label " + e.use.query.description.schema[*e.label_column].name + "\n";
  if (e.explainer == Explainer::permutation) {
    out += "  repeats " + std::to_string(e.repeats) + ", seed " + std::to_string(e.seed) + "\n";
  }
  for (const auto& field : e.output)
    out += "  result " + field.name + " " + field.type.sql_name + "\n";
  if (e.target) out += "  into " + display_name(e.target->table) + "\n";
  return out;
}

std::string dump_options(const Evaluate& e) {
  std::string out;
  for (const auto& metric : e.metrics) out += "  metric " + metric.name + "\n";
  if (e.threshold) out += "  threshold " + format_double(*e.threshold) + "\n";
  if (e.report == Report::calibration) out += "  bins " + std::to_string(e.bins) + "\n";
  for (const auto& assertion : e.assertions) out += "  assert " + assertion.text + "\n";
  if (e.page) out += "  page " + e.page->path + "\n";
  return out;
}

std::string dump_evaluate(const Evaluate& e) {
  const auto& schema = e.use.query.description.schema;
  std::string out = "evaluate, report " + std::string(report_name(e.report)) + "\n";
  out += dump_use(e.use);
  if (e.label_column) out += "  label " + schema[*e.label_column].name + "\n";
  if (e.weight_column) out += "  weight " + schema[*e.weight_column].name + "\n";
  out += dump_options(e);
  for (const auto& field : e.output)
    out += "  result " + field.name + " " + field.type.sql_name + "\n";
  if (e.target) out += "  into " + display_name(e.target->table) + "\n";
  return out;
}

bool all_below(const std::vector<std::size_t>& indices, std::size_t size) {
  for (const auto i : indices) {
    if (i >= size) return false;
  }
  return true;
}

std::string verify_train(const Train& t) {
  const auto columns = t.query.description.schema.size();
  if (t.estimator == nullptr) return "train has no estimator";
  if (t.program.features.empty() && t.program.groups.empty() && !is_open(t.program))
    return "train has no features";
  if (t.input_columns.size() != t.program.inputs.size())
    return "inputs and columns differ in number";
  if (!all_below(t.input_columns, columns)) return "an input has no column";
  if (t.label_column.has_value() != t.estimator->needs_label()) return "the label is wrong";
  if (t.label_column && *t.label_column >= columns) return "the label has no column";
  if (t.validation && t.validation->input_columns.size() != t.program.inputs.size())
    return "validation lacks an input";
  if (t.tuning.has_value() == searched(t.settings).empty()) return "the search is wrong";
  return "";
}

std::string verify_use(const ModelUse& use, bool reads_rows) {
  if (use.manifest == nullptr) return "the statement has no model";
  const auto inputs = reads_rows ? use.manifest->program.inputs.size() : 0;
  if (use.input_columns.size() != inputs) return "inputs and columns differ in number";
  if (!all_below(use.input_columns, use.query.description.schema.size()))
    return "an input has no column";
  return "";
}

std::string verify_predict(const Predict& p) {
  if (auto wrong = verify_use(p.use, true); !wrong.empty()) return wrong;
  if (!all_below(p.kept_columns, p.use.query.description.schema.size()))
    return "a column is out of range";
  const auto classes = p.use.manifest->label.classes.size();
  const auto results = 1 + (p.proba ? 1 + classes : 0) + 2 * static_cast<std::size_t>(p.top_k) +
                       (p.distance ? 1 : 0);
  if (p.output.size() != p.kept_columns.size() + results) return "the output's schema is wrong";
  return "";
}

std::string verify_evaluate(const Evaluate& e) {
  if (auto wrong = verify_use(e.use, true); !wrong.empty()) return wrong;
  const auto columns = e.use.query.description.schema.size();
  const bool needs_label = !e.use.manifest->label.is_unlabelled();
  if (needs_label && !e.label_column) return "the label is missing";
  if (e.label_column && *e.label_column >= columns) return "the label has no column";
  if (e.weight_column && *e.weight_column >= columns) return "the weight has no column";
  if (!all_below(e.kept_columns, columns)) return "a column is out of range";
  if ((e.report == Report::metrics) == e.metrics.empty()) return "the metrics are wrong";
  if (e.report == Report::metrics && e.output.size() != e.metrics.size() + 1)
    return "the output's schema is wrong";
  return e.output.empty() ? "the output has no columns" : "";
}

std::string verify_explain(const Explain& e) {
  if (auto wrong = verify_use(e.use, e.reads_rows()); !wrong.empty()) return wrong;
  if ((e.explainer == Explainer::permutation) != e.label_column.has_value())
    return "the label is wrong";
  if (e.label_column && *e.label_column >= e.use.query.description.schema.size())
    return "the label has no column";
  if (e.output.empty()) return "the output has no columns";
  return "";
}

}  // namespace

std::optional<std::size_t> Explain::measure() const {
  switch (explainer) {
    case Explainer::shap: return local ? std::nullopt : std::optional(output.size() - 1);
    case Explainer::gain: return use.manifest->is_linear() ? output.size() - 1 : 2;
    case Explainer::permutation: return 1;
    case Explainer::summary: return output.size() - 1;
  }
  return std::nullopt;
}

std::string_view report_name(Report report) {
  switch (report) {
    case Report::metrics: return "metrics";
    case Report::confusion: return "confusion";
    case Report::roc: return "roc";
    case Report::pr: return "pr";
    case Report::calibration: return "calibration";
    case Report::per_class: return "per_class";
    case Report::per_cluster: return "per_cluster";
    case Report::rows: return "rows";
  }
  return "";
}

bool holds(const Assertion& assertion, double value) {
  switch (assertion.relation) {
    case Relation::above: return value > assertion.bound;
    case Relation::at_least: return value >= assertion.bound;
    case Relation::below: return value < assertion.bound;
    case Relation::at_most: return value <= assertion.bound;
    case Relation::equal: return value == assertion.bound;
    case Relation::different: return value != assertion.bound && !std::isnan(value);
  }
  return false;
}

std::string_view explainer_name(Explainer explainer) {
  switch (explainer) {
    case Explainer::shap: return "TreeExplainer";
    case Explainer::gain: return "XGBoostExplainer";
    case Explainer::permutation: return "permutation";
    case Explainer::summary: return "summary";
  }
  return "";
}

std::string ours_comment(const TableName& resolved) {
  return "written by Quern as " + resolved.schema + "." + resolved.table;
}

std::string display_name(const TableName& name) {
  std::string out;
  if (!name.catalog.empty()) out += name.catalog + ".";
  if (!name.schema.empty()) out += name.schema + ".";
  return out + name.table;
}

std::string display_name(const ModelRef& model) {
  const auto name = display_name(model.where);
  return model.version ? name + "@" + std::to_string(*model.version) : name;
}

std::string dump(const Statement& statement) {
  return std::visit(Overloaded{
                        [](const Train& t) { return dump_train(t); },
                        [](const Predict& p) { return dump_predict(p); },
                        [](const Evaluate& e) { return dump_evaluate(e); },
                        [](const Explain& e) { return dump_explain(e); },
                        [](const PlainSql&) { return std::string("plain sql\n"); },
                        [](const auto& other) { return dump(other); },
                    },
                    statement);
}

std::string verify(const Statement& statement) {
  if (const auto* train = std::get_if<Train>(&statement)) return verify_train(*train);
  if (const auto* predict = std::get_if<Predict>(&statement)) return verify_predict(*predict);
  if (const auto* evaluate = std::get_if<Evaluate>(&statement)) return verify_evaluate(*evaluate);
  if (const auto* explain = std::get_if<Explain>(&statement)) return verify_explain(*explain);
  return "";
}

}  // namespace quern::ir
