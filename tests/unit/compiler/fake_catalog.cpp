// The made-up catalog.

#include "tests/unit/compiler/fake_catalog.h"

#include <algorithm>

namespace quern::tests {

Result<Description> FakeCatalog::describe(const std::string& /*sql*/) {
  return Description{.schema = schema, .returns_rows = true, .reads = reads};
}

Result<std::optional<TableInfo>> FakeCatalog::find_table(const TableName& name) {
  const auto found = tables.find(name.table);
  if (found == tables.end()) return std::optional<TableInfo>();
  return std::optional(found->second);
}

Result<bool> FakeCatalog::schema_exists(const std::string& name) {
  return std::find(schemas.begin(), schemas.end(), name) != schemas.end();
}

Result<std::optional<FoundModel>> FakeCatalog::find_model(const ir::ModelRef& model) {
  const auto found = models.find(model.where.table);
  const bool there =
      found != models.end() && (!model.version || *model.version == found->second.version);
  return there ? std::optional(found->second) : std::optional<FoundModel>();
}

Result<std::vector<std::string>> FakeCatalog::model_names(const ir::ModelRef& /*model*/) {
  std::vector<std::string> names;
  for (const auto& [name, found] : models) names.push_back(name);
  return names;
}

Result<ir::ScriptedModule> FakeCatalog::read_module(const std::string& path) {
  const auto found = modules.find(path);
  if (found != modules.end()) return found->second;
  return Diagnostic{Code::cannot_read_file, "cannot read file: " + path};
}

Field field(const std::string& name, TypeKind kind) {
  return {name, {.kind = kind, .sql_name = std::string(kind_name(kind))}};
}

FoundModel model(std::vector<ir::Input> inputs, ir::Label label) {
  auto manifest = std::make_shared<ir::Manifest>();
  for (const auto& input : inputs) {
    manifest->program.features.push_back(
        {input.name, manifest->program.inputs.size(), ir::Number{}});
    manifest->program.inputs.push_back(input);
  }
  manifest->label = std::move(label);
  return {manifest, 1};
}

}  // namespace quern::tests
