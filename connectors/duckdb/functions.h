#pragma once
// Kernels as functions of DuckDB: registered with the database, bound by the session whose
// statement calls them, and evaluated in whichever of DuckDB's threads has a vector for them.

#include <memory>
#include <string>

#include "base/scalar_kernel.h"
#include "connectors/duckdb/handles.h"

namespace quern::duckdb {

/// What the statements of one session may call.
class Functions {
 public:
  /// Registers the functions of `library`, which another session on the database may have done.
  void offer(duckdb_connection connection, KernelLibrary& library);

  /// Loads what the statement before failed to bind for; false where it failed for another reason.
  Result<bool> load_missing();
  void forget_missing() { missing_.clear(); }

  Result<std::shared_ptr<const ScalarKernel>> bind(const KernelCall& call);

  /// What the function of TO PREDICT is, in the statements until the next call; registers it where
  /// no other results had these types. It takes the kernel's arguments and gives its answers as the
  /// fields a0, a1, ... of a struct. Outside a transaction: other sessions use it too.
  void set_results(duckdb_connection connection, std::shared_ptr<const ScalarKernel> kernel,
                   const Schema& answers);
  const std::string& results_name() const { return results_name_; }
  const std::shared_ptr<const ScalarKernel>& results() const { return results_; }

 private:
  KernelLibrary* library_ = nullptr;
  std::string missing_;  ///< a subject that is not loaded
  std::shared_ptr<const ScalarKernel> results_;
  std::string results_name_;
};

/// The statements that this thread prepares call the functions of one session. DuckDB binds in the
/// thread that asks for it, and tells a bind neither its connection nor what we know of that.
class BindingScope {
 public:
  explicit BindingScope(Functions& functions);
  BindingScope(const BindingScope&) = delete;
  BindingScope& operator=(const BindingScope&) = delete;
  ~BindingScope();

 private:
  Functions* outer_;
};

}  // namespace quern::duckdb
