#pragma once
// The tables, columns and models that completion knows of: read once and kept until a statement may
// have changed them, because a key must be answered at once.

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <utility>
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
/// even one that succeeds takes its snapshot. What is known from before serves then. What cannot be
/// read (a transaction that failed, a connection that is lost) is kept as it was.
///
/// Threads: one at a time. Its own thread asks the session's connection, which is nobody else's
/// until stop().
class KnownNames {
 public:
  explicit KnownNames(SessionState& state) : state_(state) {}
  ~KnownNames() { stop(); }
  KnownNames(const KnownNames&) = delete;
  KnownNames& operator=(const KnownNames&) = delete;

  /// A statement may have changed something.
  void forget() { fresh_ = false; }

  /// From now on no answer waits for the database longer than a few milliseconds: a thread asks it,
  /// beginning here where something is not fresh, and what is known by then serves.
  void prepare();
  /// A key is to be answered: the milliseconds of prepare() begin.
  void begin_answer();
  /// Nothing asks the database any more: what was being read is given up, to be read later.
  void stop();
  /// True where the thread is still asking: a later answer may hold more.
  bool reading() const { return coming_.valid(); }

  const std::vector<KnownTable>& tables();
  const std::vector<runtime::ModelRow>& models();
  /// Of a query or file: asks the database, once for each text. Empty where it does not understand
  /// it.
  const Schema& columns_of(const std::string& sql);

 private:
  using Clock = std::chrono::steady_clock;
  struct Catalog {
    std::optional<std::vector<KnownTable>> tables;
    std::optional<std::vector<runtime::ModelRow>> models;
    Clock::time_point at = {};
    Clock::duration took = {};
  };
  /// What one question brings.
  struct Answer {
    std::optional<Catalog> catalog = {};
    std::pair<std::string, Schema> described = {};  ///< "": none
  };

  bool stale();
  void refresh();
  Catalog read_catalog();
  std::optional<std::vector<KnownTable>> read_tables();
  void begin_reading();
  void ask(std::function<Answer()> question);
  bool settled();
  void take(Answer answer);

  SessionState& state_;
  bool patient_ = true;  ///< answers wait for the database
  bool fresh_ = false;
  const Connection* of_ = nullptr;  ///< the connection that was asked
  Clock::time_point read_at_ = {};
  Clock::duration took_ = {};
  std::vector<KnownTable> tables_;
  std::vector<runtime::ModelRow> models_;
  std::map<std::string, Schema> described_;
  std::future<Answer> coming_;
  Clock::time_point until_ = {};  ///< so long is waited for it
};

}  // namespace quern
