#pragma once
// The rows of one statement, fetched by the caller.

#include <memory>

#include "api/quern.hpp"

namespace quern {

/// Rows of a statement that runs while they are fetched, a few batches ahead of the caller and no
/// more, so that memory stays flat. The next call of the session that runs or reads something ends
/// them. Move-only; destroying it ends the statement.
///
/// Threads: one at a time, the same rule as the session's and together with it; but it may be
/// destroyed, and next() may be called, while another thread uses session.cancel(). Batches are the
/// caller's, may outlive the rows and the session, and may be read in any thread.
class QUERN_API Rows {
 public:
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  /// Empty where the statement returns no rows.
  const Schema& schema() const;
  /// Fetches the next batch, which is not empty; false at the end, again and again.
  /// Errors: those of the statement; `cancelled`, also where the session went on or was closed.
  Result<bool> next(ColumnBatch& out);
  /// How the statement ended; null before next() has said so.
  const Done* done() const;
  /// Warnings and notes heard since this was last asked.
  Diagnostics take_notes();

 private:
  friend class Session;
  class Impl;
  explicit Rows(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace quern
