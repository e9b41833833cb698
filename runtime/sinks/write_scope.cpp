// Transactions around our writes.

#include "runtime/sinks/write_scope.h"

#include <utility>

namespace quern::runtime {

Result<WriteScope> WriteScope::begin(Connection& user) {
  if (user.in_transaction()) return WriteScope(user, nullptr);
  QUERN_TRY(auto own, user.sibling());
  QUERN_TRY([[maybe_unused]] const auto begun, own->execute("BEGIN TRANSACTION"));
  return WriteScope(user, std::move(own));
}

WriteScope::WriteScope(WriteScope&& other) noexcept
    : user_(other.user_), own_(std::move(other.own_)), open_(std::exchange(other.open_, false)) {}

WriteScope::~WriteScope() {
  if (!open_ || !own_) return;
  // Nothing can be done about a failing rollback here; closing the connection rolls back as well.
  (void)own_->execute("ROLLBACK");
}

Result<void> WriteScope::commit() {
  open_ = false;
  if (!own_) return {};
  auto done = own_->execute("COMMIT");
  if (done) return {};
  (void)own_->execute("ROLLBACK");
  auto errors = std::move(done).errors();
  for (auto& error : errors) error.span = SourceSpan::none();  // COMMIT is no text of the user's
  return errors;
}

}  // namespace quern::runtime
