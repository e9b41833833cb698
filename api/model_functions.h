#pragma once
// Stored models as functions of SQL: quern_predict('m', ...) and its like, for engines that run in
// this process.

#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/scalar_kernel.h"
#include "codegen/forest/kernel.h"
#include "compiler/ir/statement.h"
#include "connectors/connector.h"
#include "runtime/pipeline/prepared_model.h"

namespace quern {

class SessionState;

/// A model of the store, as a text names it: '[catalog.][schema.]name[@version]'.
struct NamedModel {
  ir::ModelRef ref;
  ir::FoundModel found;
};

/// Errors, without a span: bad_model_call (no name), unknown_model, those of the store.
Result<NamedModel> find_named_model(const std::string& text, Connection& connection,
                                    SessionState& session);

/// A model that was read, and by what it is known to be still the one that is stored.
struct LoadedModel {
  std::string name;  ///< "m@3"
  std::string manifest;
  std::string payload_check;
  codegen::KernelChoice kernel = codegen::KernelChoice::automatic;
  std::shared_ptr<const runtime::PreparedModel> model;
};

/// The functions of one connection. A statement resolves each model that it names once; what was
/// read for an earlier one serves as long as the store has the same.
class ModelFunctions final : public KernelLibrary {
 public:
  /// Both outlive it.
  ModelFunctions(Connection& connection, SessionState& session)
      : connection_(connection), session_(session) {}

  /// Models are looked up anew from now on.
  void begin_statement() { resolved_.clear(); }

  std::span<const KernelFunction> functions() const override;
  /// Errors: bad_model_call (no name), unknown_model, corrupt_model, model_too_new, those of the
  /// store's database.
  Result<void> load(const std::string& subject) override;
  /// Errors: bad_model_call, column_missing_for_model, column_retyped.
  Result<std::shared_ptr<const ScalarKernel>> bind(const KernelCall& call) override;

 private:
  Result<LoadedModel> read(const std::string& subject);
  void make_room();

  Connection& connection_;
  SessionState& session_;
  std::map<std::string, LoadedModel> models_;  ///< by how statements name them
  std::set<std::string> resolved_;             ///< those of the statement that runs
};

}  // namespace quern
