// What the file does not know is asked of the statement, and numbered where that says nothing.

#include "runtime/model_file/foreign_manifest.h"

#include <algorithm>

#include "base/clock.h"
#include "base/similar.h"
#include "base/version.h"

namespace quern::runtime {
namespace {

TypeKind kind_of(const Scalar& value) {
  if (std::holds_alternative<bool>(value)) return TypeKind::boolean;
  if (std::holds_alternative<std::string>(value)) return TypeKind::text;
  return std::holds_alternative<double>(value) ? TypeKind::float64 : TypeKind::int64;
}

/// The classes as given, else the file's, else 0, 1, 2, ...
Result<std::vector<Scalar>> classes_of(const ForeignFacts& facts,
                                       const ir::ImportModel& statement) {
  const auto& given = statement.classes;
  if (facts.task == ir::Task::regression) {
    if (given.empty()) return given;
    return Diagnostic{Code::attribute_conflict,
                      "the model predicts a number and has no classes: " + facts.objective,
                      statement.classes_span, "leave out classes"};
  }
  if (!given.empty() && std::cmp_not_equal(given.size(), facts.classes)) {
    return Diagnostic{Code::class_count,
                      "the model has " + std::to_string(facts.classes) + " classes, given are " +
                          std::to_string(given.size()),
                      statement.classes_span};
  }
  if (!given.empty()) return given;
  if (!facts.known_classes.empty()) return facts.known_classes;
  std::vector<Scalar> out;
  for (std::int64_t i = 0; i < facts.classes; ++i) out.emplace_back(i);
  return out;
}

Result<ir::Label> label_of(const ForeignFacts& facts, const ir::ImportModel& statement,
                           const TypeNames& types) {
  ir::Label label{.column = statement.label.value_or("label"), .type = {}, .task = facts.task};
  QUERN_TRY(label.classes, classes_of(facts, statement));
  label.type.kind = label.classes.empty() ? TypeKind::float64 : kind_of(label.classes.front());
  label.type.sql_name = types(label.type);
  return label;
}

/// Features that are a column as it is have the column's name.
Result<void> rename(ir::FeatureProgram& program, const ir::ImportModel& statement) {
  const auto& names = statement.columns;
  if (names.empty()) return {};
  if (names.size() != program.inputs.size()) {
    return Diagnostic{Code::attribute_conflict,
                      "the model reads " + std::to_string(program.inputs.size()) +
                          " columns, given are " + std::to_string(names.size()),
                      statement.columns_span};
  }
  for (auto& feature : program.features) {
    if (feature.name == program.inputs[feature.input].name) feature.name = names[feature.input];
  }
  for (std::size_t i = 0; i < names.size(); ++i) program.inputs[i].name = names[i];
  return {};
}

/// Columns are found by name.
Result<void> check_names(const ir::FeatureProgram& program, const ir::ImportModel& statement) {
  std::vector<std::string> seen;
  for (const auto& input : program.inputs) seen.push_back(lower_ascii(input.name));
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice == seen.end()) return {};
  return Diagnostic{
      Code::ambiguous_column, "two features of the model have the same name: " + *twice,
      statement.columns_span,
      "columns are found by name, whatever their case; name them otherwise: WITH columns = [...]"};
}

}  // namespace

Result<void> check_width(std::int64_t features) {
  constexpr std::int64_t kMost = 65536;
  if (features <= kMost) return {};
  return Diagnostic{Code::not_in_this_version,
                    "models of more than " + std::to_string(kMost) +
                        " features are not imported: " + std::to_string(features)};
}

Result<void> check_no_options(const ir::ImportModel& statement) {
  const auto conflict = [](const std::string& name, SourceSpan span) {
    return Diagnostic{
        Code::attribute_conflict,
        "the model was written by quern and brings its own label, classes and columns: " + name,
        span, "leave it out"};
  };
  if (statement.label) return conflict("label", statement.label_span);
  if (!statement.classes.empty()) return conflict("classes", statement.classes_span);
  if (!statement.columns.empty()) return conflict("columns", statement.columns_span);
  return {};
}

Result<ir::Manifest> foreign_manifest(ForeignFacts facts, const ir::ImportModel& statement,
                                      const TypeNames& types) {
  QUERN_CHECK(rename(facts.program, statement));
  QUERN_CHECK(check_names(facts.program, statement));
  ir::Manifest manifest;
  QUERN_TRY(manifest.label, label_of(facts, statement, types));
  manifest.statement = statement.text;
  manifest.estimator = std::move(facts.estimator);
  manifest.objective = std::move(facts.objective);
  manifest.library = std::move(facts.library);
  manifest.program = std::move(facts.program);
  if (!facts.booster.empty()) manifest.attributes = {{"booster", facts.booster}};
  manifest.attributes.emplace_back("imported", statement.path);
  manifest.rounds = static_cast<int>(std::min<std::int64_t>(facts.rounds, 1 << 30));
  manifest.quern_version = version();
  manifest.created = utc_now();
  return manifest;
}

}  // namespace quern::runtime
