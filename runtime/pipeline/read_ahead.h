#pragma once
// Rows are fetched while those before them are worked on.

#include <condition_variable>
#include <deque>
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
  explicit ReadAhead(BatchStream& rows) : rows_(rows) {}
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead();

  /// As BatchStream::next().
  Result<bool> next(ColumnBatch& out);

 private:
  /// Batches that wait at most, and those that are read before a thread is worth it.
  static constexpr std::size_t kAhead = 3;
  static constexpr int kFirst = 2;

  void run() noexcept;
  bool put(Result<bool> more, ColumnBatch batch);

  struct Fetched {
    Result<bool> more;
    ColumnBatch batch;
  };

  BatchStream& rows_;
  int read_ = 0;  ///< batches, before the thread begins
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<Fetched> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace quern::runtime
