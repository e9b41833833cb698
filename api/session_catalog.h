#pragma once
// The compiler's Catalog, made of a connection and the model store.

#include "api/session_state.h"
#include "compiler/bind/catalog.h"
#include "runtime/model_store/model_store.h"

namespace quern {

class SessionCatalog final : public Catalog {
 public:
  /// \param connection  of the session.
  SessionCatalog(Connection& connection, SessionState& session)
      : connection_(connection), session_(session), store_(connection, session.models()) {}

  Dialect dialect() const override { return connection_.dialect(); }
  std::string type_name(const ColumnType& type) const override {
    return connection_.type_name(type);
  }
  Result<Description> describe(const std::string& sql) override {
    return connection_.describe(sql);
  }
  Result<std::optional<TableInfo>> find_table(const TableName& name) override;
  /// A connection that a name can begin with counts as one.
  Result<bool> schema_exists(const std::string& name) override;
  Result<TargetPlace> place_target(const TableName& table, const Schema& columns) override;
  /// The label's type has the name that it has on the connection in use.
  Result<std::optional<FoundModel>> find_model(const ir::ModelRef& model) override;
  Result<void> check_store(const ir::ModelRef& model, bool with_trials) override {
    return store_.check_writable(model, with_trials);
  }
  Result<std::vector<std::string>> model_names(const ir::ModelRef& model) override;
  Result<ir::ScriptedModule> read_module(const std::string& path) override;

 private:
  Connection& connection_;
  SessionState& session_;
  runtime::ModelStore store_;
};

}  // namespace quern
