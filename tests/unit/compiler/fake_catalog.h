#pragma once
// A catalog of tables and models made up by a test: binding without a database.

#include <map>

#include "compiler/bind/catalog.h"

namespace quern::tests {

class FakeCatalog final : public Catalog {
 public:
  Schema schema;                            ///< of every query
  std::map<std::string, TableInfo> tables;  ///< by table name
  std::vector<std::string> schemas;
  std::map<std::string, FoundModel> models;           ///< by model name
  std::map<std::string, ir::ScriptedModule> modules;  ///< by path
  std::vector<TableName> reads;

  Dialect dialect() const override { return Dialect::duckdb; }
  std::string type_name(const ColumnType& type) const override {
    return std::string(kind_name(type.kind));
  }
  Result<Description> describe(const std::string& sql) override;
  Result<std::optional<TableInfo>> find_table(const TableName& name) override;
  Result<bool> schema_exists(const std::string& name) override;
  Result<std::optional<FoundModel>> find_model(const ir::ModelRef& model) override;
  Result<void> check_store(const ir::ModelRef&, bool) override { return {}; }
  Result<std::vector<std::string>> model_names(const ir::ModelRef& model) override;
  Result<ir::ScriptedModule> read_module(const std::string& path) override;
};

/// A column of a kind, named after it where the database's name does not matter.
Field field(const std::string& name, TypeKind kind);

/// Parses one statement and binds it; fails the test when it does not parse.
Result<ir::Statement> bind_text(const std::string& sql, Catalog& catalog);

/// The text checks of one statement.
Diagnostics check_text_of(const std::string& sql);

/// A model as training on `inputs` would store it.
FoundModel model(std::vector<ir::Input> inputs, ir::Label label);

}  // namespace quern::tests
