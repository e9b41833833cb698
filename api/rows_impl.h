#pragma once
// The hand-over of batches from the thread that runs a statement to the caller that fetches them.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "api/rows.hpp"

namespace quern {

/// The observer of one statement, heard in its own thread; and what the caller asks, in the
/// caller's.
class Rows::Impl final : public Observer {
 public:
  /// \param stop  cancels the statement; called from any thread, not once close() has returned.
  explicit Impl(std::function<void()> stop) : stop_(std::move(stop)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() override { close(); }

  static Rows rows(std::shared_ptr<Impl> impl) { return Rows(std::move(impl)); }

  /// Runs `statement` with this as its observer, in a thread that takes no signals. Errors:
  /// internal where there is no thread to be had.
  Result<void> start(std::function<void(Observer&)> statement);
  /// Waits for the schema or the end. Errors: the statement's, where it failed before its rows.
  Result<void> await_schema();
  /// Ends the statement and waits for its thread. Threads: any.
  void close() noexcept;

  const Schema& schema() const { return schema_; }
  Result<bool> next(ColumnBatch& out);
  const Done* done() const { return at_end_ && done_ ? &*done_ : nullptr; }
  Diagnostics take_notes();

  void on_source(std::string_view name, std::string_view text) override;
  void on_schema(const Schema& schema) override;
  void on_batch(const ColumnBatch& batch) override;
  void on_done(const Done& done) override;
  void on_diagnostic(const Diagnostic& problem) override;
  void on_progress(const Progress& progress) override;

 private:
  void end() noexcept;
  bool closed() const;

  std::function<void()> stop_;
  std::thread worker_;
  std::mutex closing_;  ///< held by whoever waits for the thread

  mutable std::mutex mutex_;  ///< of all below, but for what only one side touches
  std::condition_variable changed_;
  std::deque<ColumnBatch> batches_;
  Schema schema_;  ///< not written once it is known
  bool schema_known_ = false;
  bool ended_ = false;   ///< the thread says no more
  bool closed_ = false;  ///< the caller hears no more
  Diagnostics errors_;
  Diagnostics notes_;
  std::optional<Done> done_;
  std::string own_source_;    ///< the caller's text; the thread's own
  std::string source_place_;  ///< "" in that, else where; the thread's own
  bool at_end_ = false;       ///< the caller's own
};

}  // namespace quern
