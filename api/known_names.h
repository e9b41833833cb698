#pragma once
// The tables, columns and models that completion knows of: read once and kept until a statement may
// have changed them, because a key must be answered at once.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/session_state.h"
#include "base/column.h"

namespace quern {

struct KnownTable {
  std::string place;  ///< "schema", "database.schema"; "" where the name alone leads to it
  std::string name;
  bool view = false;
  std::vector<std::pair<std::string, std::string>> columns;  ///< name and type
};

/// Nothing is asked inside a transaction of the user's: a question that fails would abort it, and
/// even one that succeeds takes its snapshot. What is known from before serves then. Not
/// thread-safe. What cannot be read (a transaction that failed, a connection that is lost) is kept
/// as it was.
class KnownNames {
 public:
  explicit KnownNames(SessionState& state) : state_(state) {}

  /// A statement may have changed something.
  void forget() { fresh_ = false; }

  const std::vector<KnownTable>& tables();
  const std::vector<runtime::ModelRow>& models();
  /// Of a query or file: asks the database, once for each text. Empty where it does not understand
  /// it.
  const Schema& columns_of(const std::string& sql);

 private:
  void refresh();
  void read_tables();

  SessionState& state_;
  bool fresh_ = false;
  const Connection* of_ = nullptr;  ///< the connection that was asked
  std::chrono::steady_clock::time_point read_at_ = {};
  std::chrono::steady_clock::duration took_ = {};
  std::vector<KnownTable> tables_;
  std::vector<runtime::ModelRow> models_;
  std::map<std::string, Schema> described_;
};

}  // namespace quern
