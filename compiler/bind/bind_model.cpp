// Binding of the statements about stored models: SHOW TRAIN, DESCRIBE, EXPORT, IMPORT, DROP.

#include <algorithm>
#include <array>

#include "base/similar.h"
#include "compiler/bind/internal.h"
#include "compiler/bind/settings.h"

namespace quern::binding {
namespace {

/// Endings of files that the language has and this version has not.
bool comes_later(const std::string& path, std::initializer_list<std::string_view> endings) {
  const auto lower = lower_ascii(path);
  return std::any_of(endings.begin(), endings.end(), [&](auto e) { return lower.ends_with(e); });
}

std::string ending_of(const std::string& path) { return path.substr(path.rfind('.')); }

Result<ir::StoredModel> bind_stored(const ast::ModelName& name, Catalog& catalog) {
  QUERN_TRY(auto ref, to_model_ref(name, catalog.dialect()));
  QUERN_TRY(auto found, require_model(ref, catalog));
  return ir::StoredModel{std::move(ref), found.version, std::move(found.manifest),
                         std::move(found.payload_check)};
}

/// TO PREDICT and its like; null for what is no verb.
std::optional<ir::ShowAttributes> attributes_of_verb(std::string_view name) {
  struct Verb {
    std::string_view name;
    std::string subject;
    std::span<const ir::AttributeSpec> specs;
  };
  static const std::array<Verb, 5> verbs{{
      {"PREDICT", "TO PREDICT", ir::predict_attributes()},
      {"EVALUATE", "TO EVALUATE", ir::evaluate_attributes()},
      {"EXPLAIN", "TO EXPLAIN", ir::explain_attributes()},
      {"EXPORT", "EXPORT MODEL", ir::export_attributes()},
      {"IMPORT", "IMPORT MODEL", ir::import_attributes()},
  }};
  for (const auto& verb : verbs) {
    if (equal_ignoring_case(verb.name, name))
      return ir::ShowAttributes{verb.subject, nullptr, verb.specs};
  }
  return std::nullopt;
}

void check_classes(const std::vector<ir::Setting>& settings, Diagnostics& errors) {
  const auto* setting = ir::find_setting(settings, "classes");
  if (setting == nullptr) return;
  const auto& classes = std::get<std::vector<Scalar>>(setting->value);
  for (auto c = classes.begin(); c != classes.end(); ++c) {
    if (std::find(classes.begin(), c, *c) == c) continue;
    errors.push_back({Code::attribute_range, "a class is given twice: " + format_scalar(*c),
                      setting->value_span});
    return;
  }
}

}  // namespace

Diagnostics check_show_attributes(const ast::ShowAttributes& show) {
  const auto name = show.subject.text();
  if (attributes_of_verb(name)) return {};
  return check_estimator(show.subject);
}

Diagnostics check_export(const ast::ExportModel& exported) {
  Diagnostics errors;
  const auto& path = exported.path;
  if (comes_later(path.text, {".sql", ".so"})) {
    errors.push_back(not_yet("EXPORT MODEL to " + ending_of(path.text), path.span));
  } else if (!ir::format_of_path(path.text)) {
    errors.push_back({Code::unknown_file_format, "the path does not say a format: " + path.text,
                      path.span, "it ends in .quern, .onnx, or .json or .ubj for XGBoost"});
  }
  bind_settings(exported.with, ir::export_attributes(), "EXPORT MODEL", errors);
  return errors;
}

Diagnostics check_import(const ast::ImportModel& import) {
  Diagnostics errors;
  if (comes_later(import.path.text, {".onnx", ".sql", ".so"})) {
    errors.push_back(not_yet("IMPORT MODEL from " + ending_of(import.path.text), import.path.span));
  }
  check_classes(bind_settings(import.with, ir::import_attributes(), "IMPORT MODEL", errors),
                errors);
  check_into(import.into, errors);
  return errors;
}

Result<ir::Statement> bind_show_train(const ast::ShowTrain& show, Catalog& catalog) {
  QUERN_TRY(auto model, bind_stored(show.model, catalog));
  return ir::Statement(ir::ShowTrain{std::move(model)});
}

Result<ir::Statement> bind_show_trials(const ast::ShowTrials& show, Catalog& catalog) {
  QUERN_TRY(auto model, bind_stored(show.model, catalog));
  if (!model.manifest->tuned_by().empty()) return ir::Statement(ir::ShowTrials{std::move(model)});
  return Diagnostic{Code::not_tuned, "model was not tuned: " + ir::display_name(model.ref),
                    model.ref.span, "RANGE and CHOICE in TO TRAIN tune one"};
}

Result<ir::Statement> bind_describe(const ast::DescribeModel& d, Catalog& catalog) {
  QUERN_TRY(auto model, bind_stored(d.model, catalog));
  return ir::Statement(ir::DescribeModel{std::move(model)});
}

Result<ir::Statement> bind_export(const ast::ExportModel& exported, Catalog& catalog) {
  QUERN_TRY(auto model, bind_stored(exported.model, catalog));
  Diagnostics errors;
  const auto settings =
      bind_settings(exported.with, ir::export_attributes(), "EXPORT MODEL", errors);
  const auto format = *ir::format_of_path(exported.path.text);
  const bool xgboost =
      format == ir::ModelFormat::xgboost_json || format == ir::ModelFormat::xgboost_ubj;
  if (model.manifest->is_network() && xgboost) {
    errors.push_back({Code::attribute_conflict,
                      "a network is no model of XGBoost: " + ir::display_name(model.ref),
                      exported.path.span, "use a path that ends in .quern or .onnx"});
  }
  if (!errors.empty()) return errors;
  return ir::Statement(ir::ExportModel{
      .model = std::move(model),
      .path = exported.path.text,
      .path_span = exported.path.span,
      .format = format,
      .replace = ir::find_setting(settings, "output.mode") != nullptr,
  });
}

Result<ir::Statement> bind_import(const ast::ImportModel& import, Catalog& catalog) {
  QUERN_TRY(auto into, to_model_ref(import.into, catalog.dialect()));
  QUERN_CHECK(check_place(into.where, into.span, catalog));
  QUERN_CHECK(catalog.check_store(into, false));
  ir::ImportModel out{
      .path = import.path.text, .path_span = import.path.span, .into = std::move(into)};
  Diagnostics errors;
  const auto settings = bind_settings(import.with, ir::import_attributes(), "IMPORT MODEL", errors);
  if (const auto* label = ir::find_setting(settings, "label")) {
    out.label = std::get<std::string>(label->value);
    out.label_span = label->span;
  }
  if (const auto* classes = ir::find_setting(settings, "classes")) {
    out.classes = std::get<std::vector<Scalar>>(classes->value);
    out.classes_span = classes->span;
  }
  return ir::Statement(std::move(out));
}

Result<ir::Statement> bind_drop(const ast::DropModel& drop, const Catalog& catalog) {
  QUERN_TRY(auto ref, to_model_ref(drop.model, catalog.dialect()));
  return ir::Statement(ir::DropModel{std::move(ref), drop.if_exists});
}

ir::Statement bind_show_attributes(const ast::ShowAttributes& show) {
  const auto name = show.subject.text();
  if (auto verb = attributes_of_verb(name)) return *std::move(verb);
  const auto* estimator = ir::find_estimator(name);
  return ir::ShowAttributes{estimator->name, estimator, estimator->attributes()};
}

}  // namespace quern::binding
