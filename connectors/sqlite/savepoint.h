#pragma once
// Writes that are kept together or undone together.

#include <memory>

#include "connectors/sqlite/session.h"

namespace quern::sqlite {

/// A part of the transaction that is open, or a transaction of its own. Destroyed before release()
/// it undoes what was written since.
class Savepoint {
 public:
  /// Errors: write_conflict, read_only, database_error.
  static Result<std::unique_ptr<Savepoint>> begin(std::shared_ptr<Session> session);

  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint();

  Result<void> release();

 private:
  Savepoint(std::shared_ptr<Session> session, bool whole)
      : session_(std::move(session)), whole_(whole) {}

  std::shared_ptr<Session> session_;
  bool whole_;  ///< a transaction of its own
  bool open_ = true;
};

}  // namespace quern::sqlite
