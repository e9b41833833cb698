// A file of ours is lowered again from the manifest and payload that it carries, and believed where
// the same graph comes out: whoever changed the graph gets what the graph says.

#include "runtime/model_file/onnx_file.h"

#include <algorithm>

#include "base/plugin.h"
#include "codegen/export/model_graph.h"
#include "codegen/import/foreign_model.h"
#include "codegen/import/node_attributes.h"
#include "codegen/import/read_onnx.h"
#include "codegen/scorer.h"
#include "runtime/model_file/escape.h"
#include "runtime/model_file/foreign_manifest.h"

namespace quern::runtime {
namespace {

constexpr const char* kManifestEntry = "quern.manifest";
constexpr const char* kPayloadEntry = "quern.payload";

const std::string* entry_of(const codegen::Graph& graph, std::string_view name) {
  const auto found = std::find_if(graph.metadata.begin(), graph.metadata.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  return found == graph.metadata.end() ? nullptr : &found->second;
}

Result<codegen::Graph> lowered(const ir::Manifest& manifest,
                               std::span<const std::uint8_t> payload) {
  QUERN_TRY(const auto model, codegen::read_model(manifest, payload));
  return codegen::lower_model(manifest, model);
}

/// What the file carries of ours; nullopt where it carries nothing, or no longer this graph.
std::optional<ImportedModel> carried_model(const codegen::Graph& graph) {
  const auto *manifest = entry_of(graph, kManifestEntry), *payload = entry_of(graph, kPayloadEntry);
  if (manifest == nullptr || payload == nullptr) return std::nullopt;
  auto bytes = from_base64(*payload);
  auto known = ir::manifest_from_json(*manifest);
  if (!bytes || !known) return std::nullopt;
  const auto again = lowered(*known, *bytes);
  if (!again || !codegen::same_computation(*again, graph)) return std::nullopt;
  return ImportedModel{*std::move(known), *std::move(bytes)};
}

std::string library_of(const codegen::Graph& graph) {
  return graph.producer.empty() ? "ONNX" : "ONNX by " + codegen::shortened(graph.producer);
}

Result<ImportedModel> read_by_graph(const codegen::Graph& graph, const ir::ImportModel& statement,
                                    const TypeNames& types) {
  QUERN_TRY(auto model, codegen::read_foreign(graph, {.columns = statement.columns,
                                                      .classes = statement.classes.size()}));
  QUERN_CHECK(check_width(static_cast<std::int64_t>(model.program.features.size())));
  // The reader has named the columns, of which the model may read some only.
  auto named = statement;
  named.columns.clear();
  QUERN_TRY(auto manifest, foreign_manifest({.estimator = std::move(model.estimator),
                                             .objective = std::move(model.objective),
                                             .library = library_of(graph),
                                             .booster = std::move(model.booster),
                                             .task = model.task,
                                             .classes = static_cast<std::int64_t>(model.classes),
                                             .known_classes = std::move(model.known_classes),
                                             .program = std::move(model.program)},
                                            named, types));
  manifest.payload_format = std::move(model.payload_format);
  return ImportedModel{std::move(manifest), std::move(model.payload)};
}

}  // namespace

Result<std::vector<std::uint8_t>> write_onnx_file(const ir::Manifest& manifest,
                                                  std::span<const std::uint8_t> payload) {
  QUERN_TRY(auto graph, lowered(manifest, payload));
  graph.metadata.emplace_back(kManifestEntry, to_json(manifest));
  graph.metadata.emplace_back(kPayloadEntry, to_base64(payload));
  QUERN_TRY(const auto* table, load_plugin("onnx"));
  return static_cast<const codegen::GraphWriter*>(table)->write(graph);
}

Result<ImportedModel> read_onnx_file(std::span<const std::uint8_t> bytes,
                                     const ir::ImportModel& statement, const TypeNames& types) {
  QUERN_TRY(const auto graph, codegen::read_onnx(bytes));
  if (auto ours = carried_model(graph)) {
    QUERN_CHECK(check_no_options(statement));
    return *std::move(ours);
  }
  auto model = read_by_graph(graph, statement, types);
  if (model || entry_of(graph, kManifestEntry) == nullptr) return model;
  auto errors = std::move(model).errors();
  errors.front().notes.push_back(
      {SourceSpan::none(),
       "the file was written by quern and changed since, or by another version"});
  return errors;
}

}  // namespace quern::runtime
