#pragma once
// One open DuckDB database, shared by all sessions on it, and the rule of the default database: in
// memory until the first write, which gives it a home on disk.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "connectors/connector.h"
#include "connectors/duckdb/handles.h"
#include "connectors/duckdb/memory_limit.h"

namespace quern::duckdb {

/// Threads: `home_lock` guards the creation of the home; the rest is constant once opened.
struct Database {
  /// The home of the default database, in the current directory.
  static constexpr const char* kHomeFile = "quern.duckdb";
  static constexpr const char* kHomeName = "quern";

  DatabaseHandle handle;
  std::shared_ptr<MemoryLimit> memory = {};  ///< of the instance, which others may have open too
  bool wants_home = false;                   ///< opened as the default database, in memory
  std::atomic<bool> has_home =
      false;  ///< the first write came: unqualified names belong to kHomeName
  std::mutex home_lock;
  std::string read_only_hint = {};  ///< why writes fail, where another process holds the file
  std::string note = {};            ///< what the user should hear of the opening
};

/// Opens what `options.uri` names. Errors: cannot_open.
Result<std::shared_ptr<Database>> open_database(const OpenOptions& options);

}  // namespace quern::duckdb
