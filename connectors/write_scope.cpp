// Transactions around our writes.

#include "connectors/write_scope.h"

#include <utility>

namespace quern {

Result<WriteScope> WriteScope::begin(Connection& user) {
  if (user.in_transaction()) return WriteScope(user, nullptr, false);
  std::unique_ptr<Connection> own;
  if (user.write_rules().beside_reading) {
    QUERN_TRY(own, user.sibling());
  }
  QUERN_CHECK((own ? *own : user).begin());
  return WriteScope(user, std::move(own), true);
}

WriteScope::WriteScope(WriteScope&& other) noexcept
    : user_(other.user_), own_(std::move(other.own_)), open_(std::exchange(other.open_, false)) {}

WriteScope::~WriteScope() {
  // Nothing can be done about a failing rollback here; closing the connection rolls back as well.
  if (open_) (void)connection().rollback();
}

Result<void> WriteScope::commit() {
  if (!std::exchange(open_, false)) return {};
  auto done = connection().commit();
  if (!done) (void)connection().rollback();
  return done;
}

}  // namespace quern
