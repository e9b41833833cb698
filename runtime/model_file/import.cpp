// From a file to the store. The file may come from anyone: sizes, check sums, every index of the
// model and the manifest's fit to it are checked before anything is stored.

#include <algorithm>
#include <new>

#include "codegen/forest/document.h"
#include "codegen/forest/model_card.h"
#include "codegen/import/read_onnx.h"
#include "codegen/scorer.h"
#include "runtime/model_file/bundle.h"
#include "runtime/model_file/escape.h"
#include "runtime/model_file/file.h"
#include "runtime/model_file/foreign_manifest.h"
#include "runtime/model_file/onnx_file.h"
#include "runtime/model_file/transfer.h"

namespace quern::runtime {
namespace {

using codegen::ModelCard;
using Bytes = std::span<const std::uint8_t>;

/// Gives the errors of a file their place in the statement.
Diagnostics placed(Diagnostics errors, SourceSpan span) {
  for (auto& error : errors) {
    if (!error.span.known()) error.span = span;
  }
  return errors;
}

ir::Task task_of(const ModelCard& card) {
  if (card.classes > 1) return ir::Task::multiclass;
  return card.objective.starts_with("binary:") ? ir::Task::binary : ir::Task::regression;
}

/// Numbers under the file's names, else f0, f1, ...; categories are columns of codes.
Result<ir::FeatureProgram> program_of(const ModelCard& card) {
  QUERN_CHECK(check_width(card.features));
  ir::FeatureProgram program;
  for (std::size_t i = 0; i < static_cast<std::size_t>(card.features); ++i) {
    const auto name = card.feature_names.empty() ? "f" + std::to_string(i) : card.feature_names[i];
    program.inputs.push_back({name, TypeKind::float64});
    program.features.push_back({name, i, ir::Number{}});
  }
  return program;
}

Result<ForeignFacts> facts_of(const ModelCard& card) {
  QUERN_TRY(auto program, program_of(card));
  const auto task = task_of(card);
  return ForeignFacts{.estimator = "xgboost." + card.booster,
                      .objective = card.objective,
                      .library = card.version.empty() ? "XGBoost" : "XGBoost " + card.version,
                      .booster = card.booster,
                      .task = task,
                      .classes = task == ir::Task::binary ? 2 : card.classes,
                      .known_classes = {},
                      .program = std::move(program),
                      .rounds = card.rounds};
}

/// Our manifest, where the file carries one.
Result<std::optional<ir::Manifest>> carried_manifest(const ModelCard& card) {
  const auto found = std::find_if(card.attributes.begin(), card.attributes.end(),
                                  [](const auto& a) { return a.first == kManifestAttribute; });
  if (found == card.attributes.end()) return std::optional<ir::Manifest>();
  const auto json = unescape(found->second);
  if (!json) {
    return Diagnostic{Code::corrupt_model, std::string("the model is damaged: attribute ") +
                                               kManifestAttribute + " is not what quern wrote"};
  }
  QUERN_TRY(auto manifest, ir::manifest_from_json(*json));
  return std::optional(std::move(manifest));
}

Result<ImportedModel> read_bundled(Bytes bytes, const ir::ImportModel& statement) {
  QUERN_TRY(auto bundle, read_bundle(bytes));
  QUERN_CHECK(check_no_options(statement));
  QUERN_TRY(auto manifest, ir::manifest_from_json(bundle.manifest));
  return ImportedModel{std::move(manifest), std::move(bundle.payload)};
}

Result<ImportedModel> read_xgboost(Bytes bytes, const ir::ImportModel& statement,
                                   const TypeNames& types) {
  QUERN_TRY(const auto card, codegen::read_model_card(bytes));
  QUERN_TRY(auto manifest, carried_manifest(card));
  if (manifest) {
    QUERN_CHECK(check_no_options(statement));
  } else {
    QUERN_TRY(auto facts, facts_of(card));
    QUERN_TRY(manifest, foreign_manifest(std::move(facts), statement, types));
  }
  manifest->payload_format = codegen::is_ubj(bytes) ? "xgboost.ubj" : "xgboost.json";
  return ImportedModel{*std::move(manifest), {bytes.begin(), bytes.end()}};
}

/// What XGBoost wrote before it had JSON: a magic word, or the first number of its header, a base
/// score of one half.
bool is_old_binary(Bytes bytes) {
  const auto begins = [&](std::initializer_list<std::uint8_t> mark) {
    return bytes.size() >= mark.size() && std::equal(mark.begin(), mark.end(), bytes.begin());
  };
  return begins({'b', 'i', 'n', 'f'}) || begins({'b', 's', '6', '4'}) || begins({0, 0, 0, 0x3F});
}

Diagnostic not_a_model(Bytes bytes) {
  if (bytes.empty()) return {Code::corrupt_model, "the file is empty"};
  if (is_old_binary(bytes)) {
    return {Code::corrupt_model, "the file is in XGBoost's old binary format, which is not read",
            SourceSpan::none(), "load it with XGBoost and save it as .json or .ubj"};
  }
  return {Code::corrupt_model, "the file is neither a quern bundle nor a model of XGBoost or ONNX",
          SourceSpan::none(), "EXPORT MODEL writes .quern; XGBoost saves .json and .ubj"};
}

Result<ImportedModel> read_by_content(Bytes bytes, const ir::ImportModel& statement,
                                      const TypeNames& types) {
  if (bytes.size() > 1 && bytes[0] == '{') return read_xgboost(bytes, statement, types);
  if (is_bundle(bytes)) return read_bundled(bytes, statement);
  if (codegen::may_be_onnx(bytes)) return read_onnx_file(bytes, statement, types);
  return not_a_model(bytes);
}

/// Reads the whole payload as a prediction would, and its fit to the manifest.
Result<void> check_usable(const ImportedModel& model) {
  QUERN_CHECK(codegen::read_model(model.manifest, model.payload));
  return {};
}

}  // namespace

Result<ImportedModel> read_model(Bytes bytes, const ir::ImportModel& statement,
                                 const TypeNames& types) {
  QUERN_TRY(auto model, read_by_content(bytes, statement, types));
  QUERN_CHECK(check_usable(model));
  return model;
}

Result<ImportedModel> read_model_file(const ir::ImportModel& statement, const TypeNames& types) {
  try {
    const auto bytes = read_file(statement.path);
    if (!bytes) return placed(bytes.errors(), statement.path_span);
    auto model = read_model(*bytes, statement, types);
    if (!model) return placed(std::move(model).errors(), statement.path_span);
    return model;
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the model does not fit into memory",
                      statement.path_span};
  }
}

Result<std::string> store_model(const ir::ImportModel& statement, const ImportedModel& model,
                                ModelStore& store) {
  const auto version = store.save(statement.into.where, model.manifest, model.payload);
  if (!version) return placed(version.errors(), statement.into.span);
  return ir::display_name(statement.into.where) + "@" + std::to_string(*version);
}

}  // namespace quern::runtime
