#pragma once
// What a session carries from statement to statement: its connections and what SET changed.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/model_functions.h"
#include "base/cancel.h"
#include "codegen/scoring.h"
#include "connectors/connector.h"
#include "connectors/places.h"
#include "runtime/model_store/model_store.h"

namespace quern {

/// Threads: one at a time, except cancel().
class SessionState final : public Places {
 public:
  /// The name of the first connection, where another one is in use.
  static constexpr const char* kFirst = "main";

  /// \param threads     what the database was opened with; 0: its own default.
  /// \param code_cache  see SessionOptions.
  SessionState(std::unique_ptr<Connection> first, int threads, std::string code_cache);

  /// The connection in use.
  Connection& connection() { return *connections_[current_].connection; }
  const Connection& connection() const { return *connections_[current_].connection; }

  /// Opens a second connection. Errors: connection_exists, those of open_connection().
  Result<void> attach(const std::string& name, const std::string& uri);
  /// True where `name` is a connection that USE can change to: the first one counts while another
  /// is in use.
  bool can_use(const std::string& name) const;
  void use(const std::string& name);
  /// Those that USE can change to.
  std::vector<std::string> connection_names() const;
  /// True where `name` was attached.
  bool can_detach(const std::string& name) const;
  /// Closes it; the first connection is in use then if it was this one.
  void detach(const std::string& name);

  /// "default", or a URI with a schema behind a slash. Errors: bad_target for a schema that is not
  /// there, those of open_connection().
  Result<void> set_model_store(const std::string& uri);
  runtime::ModelPlace models() { return {store_.get(), store_schema_, this}; }

  Result<Placed> place(const TableName& name) override;

  /// Threads of trainings that do not say; 0: all cores.
  int threads() const { return chosen_threads_.value_or(database_threads_); }
  void set_threads(int threads) { chosen_threads_ = threads; }
  /// Of each database that is or will be attached.
  void set_fetch_connections(int connections);
  /// Follows what the connection in use was told by `SET threads`.
  void follow_database_threads();

  int fetch_connections() const { return fetch_connections_; }
  /// As set_model_store() took it.
  const std::string& model_store() const { return store_uri_; }

  /// Whether a statement may read a file that holds a program.
  bool allows_torchscript() const { return allows_torchscript_; }
  void allow_torchscript(bool allowed) { allows_torchscript_ = allowed; }

  const codegen::Scoring& scoring() const { return scoring_; }
  codegen::KernelChoice kernel() const { return scoring_.kernel; }
  void set_kernel(codegen::KernelChoice kernel) { scoring_.kernel = kernel; }

  /// A statement begins: the models that its calls name are looked up anew.
  void begin_statement();
  /// Seen by kernels that an engine runs.
  const CancelToken& cancelled() const { return cancelled_; }

  /// What became of the connections since this was last asked, for the user to hear.
  Diagnostics take_notes();

  /// Stops what runs, and what is begun before resume(). Threads: any.
  void cancel() noexcept;
  void resume() noexcept;

 private:
  struct Linked {
    std::string name;
    std::unique_ptr<ModelFunctions> functions;  ///< outlives the connection, which calls it
    std::unique_ptr<Connection> connection;
  };
  void link(std::string name, std::unique_ptr<Connection> connection);
  std::optional<std::size_t> find(const std::string& name) const;

  std::vector<Linked> connections_;  ///< the first one first
  std::size_t current_ = 0;
  std::unique_ptr<Connection> store_;
  std::string store_schema_;
  std::string store_uri_ = "default";
  int database_threads_ = 0;
  std::optional<int> chosen_threads_ = {};
  int fetch_connections_ = kFetchConnections;
  bool allows_torchscript_ = false;
  codegen::Scoring scoring_;
  CancelToken cancelled_;
  std::mutex lock_;  ///< of the two members that hold connections, against cancel()
};

/// A URI of a model store, split: the part behind the last slash is a schema where what stands
/// before it is a database: `:memory:`, a name that ends in .duckdb or .db, or a file.
struct StoreUri {
  std::string database;
  std::string schema;
  friend bool operator==(const StoreUri&, const StoreUri&) = default;
};
StoreUri split_store_uri(const std::string& uri);

}  // namespace quern
