#pragma once
// The compiler's Catalog, made of a connection and the model store.

#include "compiler/bind/catalog.h"
#include "runtime/model_store/model_store.h"

namespace quern {

class SessionCatalog final : public Catalog {
 public:
  SessionCatalog(Connection& connection, runtime::ModelPlace models)
      : connection_(connection), store_(connection, std::move(models)) {}

  Dialect dialect() const override { return connection_.dialect(); }
  std::string type_name(const ColumnType& type) const override {
    return connection_.type_name(type);
  }
  Result<Description> describe(const std::string& sql) override {
    return connection_.describe(sql);
  }
  Result<std::optional<TableInfo>> find_table(const TableName& name) override {
    return connection_.find_table(name);
  }
  Result<bool> schema_exists(const std::string& name) override {
    return connection_.schema_exists(name);
  }
  Result<std::optional<FoundModel>> find_model(const ir::ModelRef& model) override {
    return store_.find(model);
  }
  Result<void> check_store(const ir::ModelRef& model) override {
    return store_.check_writable(model);
  }
  Result<std::vector<std::string>> model_names(const ir::ModelRef& model) override;

 private:
  Connection& connection_;
  runtime::ModelStore store_;
};

}  // namespace quern
