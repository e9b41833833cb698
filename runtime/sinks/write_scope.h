#pragma once
// Where a statement writes: a second connection in a transaction of its own, or the user's
// transaction.

#include <memory>

#include "connectors/connector.h"

namespace quern::runtime {

/// One all-or-nothing write. Destroyed without commit() it leaves nothing behind, except inside the
/// user's own transaction, whose fate is the user's.
class WriteScope {
 public:
  /// Begins on a sibling of `user`, or joins the transaction that `user` has open.
  /// Errors: those of Connection::sibling() and BEGIN.
  static Result<WriteScope> begin(Connection& user);

  WriteScope(WriteScope&& other) noexcept;
  WriteScope& operator=(WriteScope&&) = delete;
  ~WriteScope();

  Connection& connection() { return own_ ? *own_ : *user_; }
  Result<void> commit();

 private:
  WriteScope(Connection& user, std::unique_ptr<Connection> own)
      : user_(&user), own_(std::move(own)) {}

  Connection* user_;
  std::unique_ptr<Connection> own_;
  bool open_ = true;
};

}  // namespace quern::runtime
