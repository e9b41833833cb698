// From a file to the store. The file may come from anyone: sizes, check sums, every index of the
// model and the manifest's fit to it are checked before anything is stored.

#include <algorithm>
#include <new>

#include "base/clock.h"
#include "base/similar.h"
#include "base/version.h"
#include "codegen/forest/document.h"
#include "codegen/forest/model_card.h"
#include "codegen/scorer.h"
#include "runtime/model_file/bundle.h"
#include "runtime/model_file/escape.h"
#include "runtime/model_file/file.h"
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

/// A model that knows its label takes no other.
Result<void> check_no_options(const ir::ImportModel& statement) {
  const auto conflict = [](const std::string& name, SourceSpan span) {
    return Diagnostic{
        Code::attribute_conflict,
        "the model was written by quern and brings its own label and classes: " + name, span,
        "leave it out"};
  };
  if (statement.label) return conflict("label", statement.label_span);
  if (!statement.classes.empty()) return conflict("classes", statement.classes_span);
  return {};
}

ir::Task task_of(const ModelCard& card) {
  if (card.classes > 1) return ir::Task::multiclass;
  return card.objective.starts_with("binary:") ? ir::Task::binary : ir::Task::regression;
}

TypeKind kind_of(const Scalar& value) {
  if (std::holds_alternative<bool>(value)) return TypeKind::boolean;
  if (std::holds_alternative<std::string>(value)) return TypeKind::text;
  return std::holds_alternative<double>(value) ? TypeKind::float64 : TypeKind::int64;
}

/// The classes as given, else 0, 1, 2, ...
Result<std::vector<Scalar>> classes_of(const ModelCard& card, ir::Task task,
                                       const ir::ImportModel& statement) {
  const auto& given = statement.classes;
  if (task == ir::Task::regression) {
    if (given.empty()) return given;
    return Diagnostic{Code::attribute_conflict,
                      "the model predicts a number and has no classes: " + card.objective,
                      statement.classes_span, "leave out classes"};
  }
  const auto count = task == ir::Task::binary ? 2 : card.classes;
  if (!given.empty() && static_cast<std::int64_t>(given.size()) != count) {
    return Diagnostic{Code::class_count,
                      "the model has " + std::to_string(count) + " classes, given are " +
                          std::to_string(given.size()),
                      statement.classes_span};
  }
  if (!given.empty()) return given;
  std::vector<Scalar> out;
  for (std::int64_t i = 0; i < count; ++i) out.emplace_back(i);
  return out;
}

Result<ir::Label> label_of(const ModelCard& card, const ir::ImportModel& statement,
                           const TypeNames& types) {
  ir::Label label{.column = statement.label.value_or("label"), .type = {}, .task = task_of(card)};
  QUERN_TRY(label.classes, classes_of(card, label.task, statement));
  label.type.kind = label.classes.empty() ? TypeKind::float64 : kind_of(label.classes.front());
  label.type.sql_name = types(label.type);
  return label;
}

/// Each feature becomes a column, whose names take far more room than the file's one number: no
/// database has a table so wide.
constexpr std::int64_t kMaxFeatures = 65536;

Result<void> check_width(const ModelCard& card) {
  if (card.features <= kMaxFeatures) return {};
  return Diagnostic{Code::not_in_this_version,
                    "models of more than " + std::to_string(kMaxFeatures) +
                        " features are not imported: " + std::to_string(card.features)};
}

/// Numbers under the file's names, else f0, f1, ...; categories are columns of codes.
Result<ir::FeatureProgram> program_of(const ModelCard& card) {
  QUERN_CHECK(check_width(card));
  ir::FeatureProgram program;
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < static_cast<std::size_t>(card.features); ++i) {
    const auto name = card.feature_names.empty() ? "f" + std::to_string(i) : card.feature_names[i];
    program.inputs.push_back({name, TypeKind::float64});
    program.features.push_back({name, i, ir::Number{}});
    seen.push_back(lower_ascii(name));
  }
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice == seen.end()) return program;
  return Diagnostic{Code::ambiguous_column,
                    "two features of the model have the same name: " + *twice, SourceSpan::none(),
                    "columns are found by name, whatever their case; rename the features"};
}

Result<ir::Manifest> foreign_manifest(const ModelCard& card, const ir::ImportModel& statement,
                                      const TypeNames& types) {
  QUERN_TRY(auto program, program_of(card));
  QUERN_TRY(auto label, label_of(card, statement, types));
  ir::Manifest manifest;
  manifest.statement = statement.text;
  manifest.estimator = "xgboost." + card.booster;
  manifest.objective = card.objective;
  manifest.library = card.version.empty() ? "XGBoost" : "XGBoost " + card.version;
  manifest.program = std::move(program);
  manifest.label = std::move(label);
  manifest.attributes = {{"booster", card.booster}, {"imported", statement.path}};
  manifest.rounds = static_cast<int>(std::min<std::int64_t>(card.rounds, 1 << 30));
  manifest.quern_version = version();
  manifest.created = utc_now();
  return manifest;
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
    QUERN_TRY(manifest, foreign_manifest(card, statement, types));
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
  return {Code::corrupt_model, "the file is neither a quern bundle nor an XGBoost model",
          SourceSpan::none(), "EXPORT MODEL writes .quern; XGBoost saves .json and .ubj"};
}

/// Reads the whole payload as a prediction would, and its fit to the manifest.
Result<void> check_usable(const ImportedModel& model) {
  QUERN_CHECK(codegen::read_model(model.manifest, model.payload));
  return {};
}

}  // namespace

Result<ImportedModel> read_model(Bytes bytes, const ir::ImportModel& statement,
                                 const TypeNames& types) {
  const bool document = bytes.size() > 1 && bytes[0] == '{';
  if (!document && !is_bundle(bytes)) return not_a_model(bytes);
  QUERN_TRY(auto model,
            document ? read_xgboost(bytes, statement, types) : read_bundled(bytes, statement));
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
