#pragma once
// What binding may ask: the database and the model store, and nothing that reads a row of a query.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/manifest.h"
#include "compiler/ir/scripted_module.h"
#include "compiler/ir/statement.h"
#include "connectors/connector.h"

namespace quern {

using ir::FoundModel;

/// Where the rows of a result go.
struct TargetPlace {
  bool elsewhere = false;  ///< on another connection than the one in use
  Schema columns;          ///< with the names that types have there
};

class Catalog {
 public:
  virtual ~Catalog() = default;
  virtual Dialect dialect() const = 0;
  virtual std::string type_name(const ColumnType& type) const = 0;
  /// Spans of errors point into `sql`.
  virtual Result<Description> describe(const std::string& sql) = 0;
  virtual Result<std::optional<TableInfo>> find_table(const TableName& name) = 0;
  virtual Result<bool> schema_exists(const std::string& name) = 0;
  /// The table that rows of `columns` go to, as its own database has them.
  virtual Result<TargetPlace> place_target(const TableName& /*table*/, const Schema& columns) {
    return TargetPlace{.columns = columns};
  }
  /// The model at its version, the newest where none is given; nullopt: there is none.
  virtual Result<std::optional<FoundModel>> find_model(const ir::ModelRef& model) = 0;
  /// Whether a model can be stored under this name, and the trials of a search. Errors: read_only.
  virtual Result<void> check_store(const ir::ModelRef& model, bool with_trials) = 0;
  /// Names of the models in the store that `model` names, for suggestions.
  virtual Result<std::vector<std::string>> model_names(const ir::ModelRef& model) = 0;
  /// A file of TorchScript. Errors: not_allowed (by the session's settings), cannot_read_file,
  /// plugin_missing, corrupt_model, not_in_this_version (what layers cannot say), out_of_memory.
  virtual Result<ir::ScriptedModule> read_module(const std::string& path) = 0;
};

}  // namespace quern
