#pragma once
// Rows of a divided query, which several connections fetch at once.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "connectors/postgres/division.h"
#include "connectors/postgres/session.h"
#include "connectors/postgres/types.h"

namespace quern::postgres {

/// What is fetched, and what errors point into.
struct DividedRead {
  Division division;
  std::vector<ResultColumn> columns;
  std::vector<std::size_t> used;  ///< columns that are fetched, in order
  std::string sql;                ///< the user's text
};

/// Fetches parts through several sessions, each in a thread of its own, a few batches ahead, and
/// hands their batches out in the order of the parts. Threads: one at a time, except cancel().
class ParallelRead {
 public:
  /// \param sessions  are this object's alone until stop().
  /// \param at_end    called once, when no thread uses the sessions any more.
  ParallelRead(DividedRead what, std::vector<std::shared_ptr<Session>> sessions,
               std::function<void()> at_end);
  ParallelRead(const ParallelRead&) = delete;
  ParallelRead& operator=(const ParallelRead&) = delete;
  ~ParallelRead() { stop(); }

  const Schema& schema() const { return schema_; }
  /// As BatchStream::next(). The first call starts the threads.
  Result<bool> next(ColumnBatch& out);
  /// As BatchStream::take_notes().
  Diagnostics take_notes();
  /// Ends all threads.
  void stop();
  /// Stops what runs: next() fails. Threads: any.
  void cancel() noexcept;

 private:
  /// Batches that wait at most in each lane: those of the part that it reads ahead.
  static constexpr std::size_t kAhead = 4;

  /// A batch, the end of a part, or why there is no more.
  struct Fetched {
    ColumnBatch batch;
    Result<bool> more = true;
  };
  struct Lane {
    std::shared_ptr<Session> session;
    std::deque<Fetched> waiting;
    std::thread thread;
    bool done = false;  ///< the thread asks its session nothing any more
  };

  void run(std::size_t lane) noexcept;
  Result<bool> read_part(Lane& lane, std::size_t part);
  bool put(Lane& lane, Fetched fetched);
  Fetched take(Lane& lane);

  DividedRead what_;
  Schema schema_;
  std::function<void()> at_end_;
  std::vector<Lane> lanes_;
  std::size_t part_ = 0;  ///< whose batches are handed out
  bool started_ = false;
  bool ended_ = false;
  std::mutex lock_;  ///< of the lanes' batches and what follows
  std::condition_variable changed_;
  bool stop_ = false;
};

}  // namespace quern::postgres
