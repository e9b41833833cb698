// SAVEPOINT within a transaction, BEGIN IMMEDIATE without one: a savepoint that begins a
// transaction would take the lock for writing only later, and in vain where another session was
// faster.

#include "connectors/sqlite/savepoint.h"

#include <utility>

namespace quern::sqlite {

Result<std::unique_ptr<Savepoint>> Savepoint::begin(std::shared_ptr<Session> session) {
  const bool whole = !session->in_transaction();
  QUERN_CHECK(whole ? session->begin() : session->command("SAVEPOINT quern_write"));
  return std::unique_ptr<Savepoint>(new Savepoint(std::move(session), whole));
}

Savepoint::~Savepoint() {
  if (!open_) return;
  if (whole_) {
    session_->rollback();
    return;
  }
  // Both fail where the transaction is gone, and the writes with it.
  sqlite3_exec(session_->handle(), "ROLLBACK TO quern_write; RELEASE quern_write", nullptr, nullptr,
               nullptr);
}

Result<void> Savepoint::release() {
  QUERN_CHECK(whole_ ? session_->commit() : session_->command("RELEASE quern_write"));
  open_ = false;
  return {};
}

}  // namespace quern::sqlite
