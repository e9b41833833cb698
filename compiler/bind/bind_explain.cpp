// Binding of TO EXPLAIN: the model, who explains it, and the shape of the answer.

#include <algorithm>
#include <array>

#include "base/similar.h"
#include "compiler/bind/internal.h"
#include "compiler/bind/model_use.h"
#include "compiler/bind/settings.h"
#include "compiler/bind/target.h"

namespace quern::binding {
namespace {

struct ExplainerName {
  std::string_view name;
  ir::Explainer explainer;
};

/// The first name of each is the one that messages use. SQLFlow's are TreeExplainer and
/// XGBoostExplainer.
constexpr std::array<ExplainerName, 5> kExplainers = {
    {{"TreeExplainer", ir::Explainer::shap},
     {"shap", ir::Explainer::shap},
     {"XGBoostExplainer", ir::Explainer::gain},
     {"gain", ir::Explainer::gain},
     {"permutation", ir::Explainer::permutation}}};

Result<ir::Explainer> find_explainer(const ast::Explain& explain) {
  if (!explain.explainer) return ir::Explainer::shap;
  const auto name = explain.explainer->text();
  std::vector<std::string> names;
  for (const auto& known : kExplainers) {
    if (equal_ignoring_case(known.name, name)) return known.explainer;
    names.emplace_back(known.name);
  }
  return Diagnostic{
      Code::unknown_explainer, "unknown explainer: " + name, explain.explainer->span,
      suggest(name, names, "there are TreeExplainer, XGBoostExplainer and permutation")};
}

using Settings = std::vector<ir::Setting>;

bool is_local(const ast::Explain& explain, const Settings& settings) {
  const auto* scope = ir::find_setting(settings, "explain.scope");
  return scope != nullptr ? std::get<std::string>(scope->value) == "local"
                          : explain.into.has_value();
}

void check_attributes(const ast::Explain& explain, ir::Explainer explainer,
                      const Settings& settings, Diagnostics& errors) {
  if (explainer != ir::Explainer::shap) {
    refuse(settings, "report", "belongs to TreeExplainer", "", errors);
    refuse(settings, "explain.scope", "belongs to TreeExplainer", "", errors);
    refuse(settings, "explain.expected_value", "belongs to TreeExplainer", "", errors);
  } else if (!is_local(explain, settings)) {
    refuse(settings, "explain.expected_value", "belongs to local explanations",
           "add explain.scope = local", errors);
  }
  if (explainer != ir::Explainer::permutation) {
    refuse(settings, "explain.repeats", "belongs to the explainer permutation", "", errors);
    refuse(settings, "explain.seed", "belongs to the explainer permutation", "", errors);
  }
  const auto* plot = ir::find_setting(settings, "summary.plot_type");
  if (plot != nullptr && std::get<std::string>(plot->value) != "bar") {
    errors.push_back(
        {Code::not_in_this_version,
         "summary.plot_type is not in this version: " + std::get<std::string>(plot->value),
         plot->value_span, "bar is"});
  }
  check_mode_has_target(settings, explain.into.has_value(), "add INTO table", errors);
}

Settings check(const ast::Explain& explain, ir::Explainer& explainer, Diagnostics& errors) {
  auto settings = bind_settings(explain.with, ir::explain_attributes(), "TO EXPLAIN", errors);
  const auto found = find_explainer(explain);
  if (found) {
    explainer = *found;
    check_attributes(explain, explainer, settings, errors);
  } else {
    append(errors, found.errors());
  }
  return settings;
}

void bind_options(ir::Explain& out, const ast::Explain& explain, const Settings& settings) {
  out.local = out.explainer == ir::Explainer::shap && is_local(explain, settings);
  if (const auto* s = ir::find_setting(settings, "explain.expected_value")) {
    out.expected_value = std::get<bool>(s->value);
  }
  if (const auto* s = ir::find_setting(settings, "explain.repeats")) {
    out.repeats = static_cast<int>(std::get<std::int64_t>(s->value));
  }
  if (const auto* s = ir::find_setting(settings, "explain.seed"))
    out.seed = std::get<std::int64_t>(s->value);
  out.page = bind_report_file(settings);
}

/// label_col, or the label's name in training. Only permutation reads the column, but one that is
/// named must be there.
void bind_truth(ir::Explain& out, const Settings& settings, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "label_col");
  const bool needed = out.explainer == ir::Explainer::permutation;
  if (setting == nullptr && !needed) return;
  std::optional<LabelName> named;
  if (setting != nullptr)
    named = LabelName{std::get<std::string>(setting->value), setting->value_span};
  const auto column =
      bind_label(out.use, named, "permutation", "select it, or name it with label_col", errors);
  if (needed) out.label_column = column;
}

Schema output_of(const ir::Explain& out, const Catalog& catalog) {
  const auto text = typed(TypeKind::text, catalog);
  const auto number = typed(TypeKind::float64, catalog);
  const bool gain = out.explainer == ir::Explainer::gain;
  if (gain && !out.use.manifest->is_linear()) {
    return {{"feature", text},
            {"fscore", typed(TypeKind::int64, catalog)},
            {"gain", number},
            {"cover", number}};
  }
  if (out.explainer == ir::Explainer::permutation) {
    return {{"feature", text}, {"importance", number}, {"deviation", number}};
  }
  Schema schema;
  if (out.use.manifest->label.task == ir::Task::multiclass)
    schema.push_back({"class", out.use.manifest->label.type});
  if (out.use.manifest->label.is_vector())
    schema.push_back({"output", typed(TypeKind::int64, catalog)});
  if (gain) {
    schema.push_back({"feature", text});
    schema.push_back({"weight", number});
    return schema;
  }
  if (!out.local) {
    schema.push_back({"feature", text});
    schema.push_back(
        {out.use.manifest->is_network() ? "mean_abs_attribution" : "mean_abs_shap", number});
    return schema;
  }
  const auto& program = out.use.manifest->program;
  for (std::size_t f = 0; f < ir::width(program); ++f)
    schema.push_back({ir::feature_name(program, f), number});
  if (out.expected_value) schema.push_back({"expected_value", number});
  return schema;
}

/// Of a model without a label: what its clusters, components or errors are made of.
Schema summary_of(const ir::Manifest& manifest, const Catalog& catalog) {
  const Field feature{"feature", typed(TypeKind::text, catalog)};
  const auto number = typed(TypeKind::float64, catalog);
  if (manifest.label.task == ir::Task::clusters) {
    return {{"cluster", prediction_type(manifest.label, catalog)},
            feature,
            {"mean", number},
            {"shift", number}};
  }
  if (manifest.objective == "reconstruction") return {feature, {"reconstruction_error", number}};
  return {{"component", typed(TypeKind::int32, catalog)},
          {"explained_variance_ratio", number},
          feature,
          {"loading", number}};
}

/// There is one way to explain such a model, and nothing to choose.
void bind_summary(ir::Explain& out, const ast::Explain& explain, const Settings& settings,
                  Diagnostics& errors) {
  out.explainer = ir::Explainer::summary;
  out.local = false;
  if (explain.explainer) {
    errors.push_back({Code::attribute_conflict,
                      explain.explainer->text() + " explains what a label is predicted by, " +
                          out.use.manifest->estimator + " has none",
                      explain.explainer->span, "leave out USING"});
  }
  for (const char* name : {"explain.scope", "explain.expected_value", "report", "label_col"})
    refuse(settings, name, "is of models with a label", "leave it out", errors);
}

/// Each row's explanation has a number for each feature.
void check_width(const ir::Explain& explain, Diagnostics& errors) {
  constexpr std::size_t kMost = 4096;
  const auto width = ir::width(explain.use.manifest->program);
  if (explain.use.manifest->program.groups.empty() || width <= kMost) return;
  errors.push_back({Code::attribute_conflict,
                    "rows of " + std::to_string(width) + " features cannot be explained, " +
                        std::to_string(kMost) + " can",
                    explain.use.model.span, "USING XGBoostExplainer reads no rows"});
}

}  // namespace

Diagnostics check_explain(const ast::Explain& explain) {
  Diagnostics errors;
  ir::Explainer explainer{};
  check(explain, explainer, errors);
  return errors;
}

Result<ir::Statement> bind_explain(const ast::Explain& explain, Catalog& catalog) {
  ir::Explain out;
  QUERN_TRY(out.use, bind_model_use(explain.query, explain.model, catalog));

  Diagnostics errors;
  const auto settings = check(explain, out.explainer, errors);
  const bool unlabelled = out.use.manifest->label.is_unlabelled();
  if (!unlabelled && out.explainer == ir::Explainer::gain && out.use.manifest->is_network()) {
    errors.push_back({Code::attribute_conflict,
                      "a network has no splits: " + ir::display_name(out.use.model.where),
                      explain.explainer->span, "leave out USING, or use permutation"});
  }
  bind_options(out, explain, settings);
  if (unlabelled) bind_summary(out, explain, settings, errors);
  if (out.reads_rows()) {
    check_width(out, errors);
    bind_inputs(out.use, errors);
  }
  if (!unlabelled) bind_truth(out, settings, errors);
  out.output = unlabelled ? summary_of(*out.use.manifest, catalog) : output_of(out, catalog);
  if (explain.into) {
    QUERN_TRY(auto table, to_table_name(*explain.into, catalog.dialect()));
    QUERN_TRY(out.target, bind_target(std::move(table), explain.into->span, settings, out.use.query,
                                      out.output, catalog, errors));
  }
  if (!errors.empty()) return first_ten(std::move(errors));
  return ir::Statement(std::move(out));
}

}  // namespace quern::binding
