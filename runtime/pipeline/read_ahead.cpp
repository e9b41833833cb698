// A queue of a few batches between the thread that fetches and the one that works.

#include "runtime/pipeline/read_ahead.h"

#include <new>
#include <utility>

namespace quern::runtime {

ReadAhead::ReadAhead(Execution& execution, std::function<void(const Diagnostic&)> hear)
    : rows_(*execution.rows), hear_(std::move(hear)) {
  tell(execution.notes);
}

ReadAhead::~ReadAhead() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock held(lock_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<bool> ReadAhead::next(ColumnBatch& out) {
  auto more = take(out);
  if (!more || !*more) tell(rows_.take_notes());
  return more;
}

void ReadAhead::tell(const std::vector<Diagnostic>& notes) const {
  for (const auto& note : notes) {
    if (hear_) hear_(note);
  }
}

Result<bool> ReadAhead::take(ColumnBatch& out) {
  if (read_ < kFirst) {
    ++read_;
    return rows_.next(out);
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  std::unique_lock held(lock_);
  changed_.wait(held, [this] { return !waiting_.empty(); });
  auto& first = waiting_.front();
  // What ends the rows stays, for whoever asks again.
  if (!first.more || !*first.more) return first.more;
  out = std::move(first.batch);
  waiting_.pop_front();
  changed_.notify_all();
  return true;
}

/// False where no more is wanted.
bool ReadAhead::put(Result<bool> more, ColumnBatch batch) {
  std::unique_lock held(lock_);
  changed_.wait(held, [this] { return stop_ || waiting_.size() < kAhead; });
  const bool goes_on = !stop_ && more && *more;
  waiting_.push_back({std::move(more), std::move(batch)});
  changed_.notify_all();
  return goes_on;
}

void ReadAhead::run() noexcept {
  try {
    while (true) {
      ColumnBatch batch;
      auto more = rows_.next(batch);
      if (!put(std::move(more), std::move(batch))) return;
    }
  } catch (const std::bad_alloc&) {
    const std::scoped_lock held(lock_);
    waiting_.clear();  // makes room for the last word
    waiting_.push_back(
        {Diagnostic{Code::out_of_memory, "out of memory while rows were fetched"}, {}});
    changed_.notify_all();
  }
}

}  // namespace quern::runtime
