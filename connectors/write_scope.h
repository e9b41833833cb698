#pragma once
// Where a statement writes: a transaction of its own, on a second connection where that may write
// beside the first; or the user's transaction.

#include <memory>

#include "connectors/connector.h"

namespace quern {

/// One all-or-nothing write. Destroyed without commit() it leaves nothing behind, except inside the
/// user's own transaction, whose fate is the user's.
class WriteScope {
 public:
  /// Begins on a sibling of `user`, or on `user` where its rules want that; or joins the
  /// transaction that `user` has open. Errors: those of Connection::sibling() and begin().
  static Result<WriteScope> begin(Connection& user);

  WriteScope(WriteScope&& other) noexcept;
  WriteScope& operator=(WriteScope&&) = delete;
  ~WriteScope();

  Connection& connection() { return own_ ? *own_ : *user_; }
  Result<void> commit();

 private:
  WriteScope(Connection& user, std::unique_ptr<Connection> own, bool open)
      : user_(&user), own_(std::move(own)), open_(open) {}

  Connection* user_;
  std::unique_ptr<Connection> own_;  ///< null: the user's
  bool open_;                        ///< a transaction that began here has not ended
};

}  // namespace quern
