// From the store to a file.

#include <algorithm>
#include <set>

#include "base/secrets.h"
#include "runtime/engines/xgboost/model_export.h"
#include "runtime/model_file/bundle.h"
#include "runtime/model_file/escape.h"
#include "runtime/model_file/file.h"
#include "runtime/model_file/onnx_file.h"
#include "runtime/model_file/transfer.h"

namespace quern::runtime {
namespace {

Diagnostics at(Diagnostics errors, SourceSpan span) {
  for (auto& error : errors) error.span = span;
  return errors;
}

/// A feature's name without what Python's XGBoost refuses in names, or its JSON writer damages.
std::string plain_name(const std::string& name) {
  auto out = name;
  std::replace_if(
      out.begin(), out.end(),
      [](unsigned char c) { return c < 0x20 || c == '[' || c == ']' || c == '<' || c == '\\'; },
      '_');
  return out;
}

/// Names that two features share get a number behind them.
std::vector<std::string> plain_names(const ir::FeatureProgram& program) {
  std::vector<std::string> out;
  std::set<std::string> taken;
  const auto columns = ir::width(program);
  for (std::size_t f = 0; f < columns; ++f) {
    const auto plain = plain_name(ir::feature_name(program, f));
    auto name = plain;
    for (int i = 2; !taken.insert(name).second; ++i) name = plain + "_" + std::to_string(i);
    out.push_back(std::move(name));
  }
  return out;
}

ExportNotes notes_of(const ir::Manifest& manifest) {
  ExportNotes notes{.feature_names = plain_names(manifest.program),
                    .categories = {},
                    .attribute = kManifestAttribute,
                    .value = escape(to_json(manifest))};
  for (std::size_t f = 0; f < ir::width(manifest.program); ++f)
    notes.categories.push_back(ir::is_category(manifest.program, f));
  return notes;
}

Result<std::vector<std::uint8_t>> file_of(const ir::ExportModel& statement,
                                          std::vector<std::uint8_t> payload) {
  auto manifest = *statement.model.manifest;
  manifest.statement = mask_passwords(manifest.statement);
  switch (statement.format) {
    case ir::ModelFormat::bundle: return to_bytes(Bundle{to_json(manifest), std::move(payload)});
    case ir::ModelFormat::xgboost_json:
      return export_xgboost_model(payload, notes_of(manifest), "json");
    case ir::ModelFormat::xgboost_ubj:
      return export_xgboost_model(payload, notes_of(manifest), "ubj");
    case ir::ModelFormat::onnx: return write_onnx_file(manifest, payload);
  }
  return Diagnostic{Code::internal, "a model file of no format"};
}

}  // namespace

Result<void> check_export(const ir::ExportModel& statement) {
  auto free = check_writable(statement.path, statement.replace);
  if (free) return free;
  return at(std::move(free).errors(), statement.path_span);
}

Result<std::size_t> run_export(const ir::ExportModel& statement, ModelStore& store) {
  QUERN_CHECK(check_export(statement));
  const auto& model = statement.model;
  auto payload = store.payload(model.ref, model.version, model.payload_check);
  if (!payload) return at(std::move(payload).errors(), model.ref.span);
  auto bytes = file_of(statement, *std::move(payload));
  if (!bytes) return at(std::move(bytes).errors(), model.ref.span);
  if (auto written = write_file(statement.path, *bytes, statement.replace); !written)
    return at(std::move(written).errors(), statement.path_span);
  return bytes->size();
}

}  // namespace quern::runtime
