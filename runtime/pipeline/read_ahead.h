#pragma once
// Rows are fetched while those before them are worked on.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "connectors/connector.h"

namespace quern::runtime {

/// Reads a stream in a thread of its own, a few batches ahead; a result of few batches is read in
/// the caller's. Whoever stops early waits for the batch that is being fetched. Until this goes
/// nothing else may use the stream's connection, but for cancel().
class ReadAhead {
 public:
  /// \param hear  unless null is told what the database says: at once of the statement, at its end
  /// of the rows.
  ReadAhead(Execution& execution, std::function<void(const Diagnostic&)> hear);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead();

  /// As BatchStream::next().
  Result<bool> next(ColumnBatch& out);

 private:
  /// Batches that wait at most, and those that are read before a thread is worth it.
  static constexpr std::size_t kAhead = 3;
  static constexpr int kFirst = 2;

  Result<bool> take(ColumnBatch& out);
  void tell(const std::vector<Diagnostic>& notes) const;
  void run() noexcept;
  bool put(Result<bool> more, ColumnBatch batch);

  struct Fetched {
    Result<bool> more;
    ColumnBatch batch;
  };

  BatchStream& rows_;
  std::function<void(const Diagnostic&)> hear_;
  int read_ = 0;  ///< batches, before the thread begins
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<Fetched> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace quern::runtime
