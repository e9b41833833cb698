#pragma once
// A request to stop, seen by every loop that runs for long.

#include <atomic>
#include <memory>

namespace quern {

/// A shared flag. Copies refer to the same request. Threads: all members are safe from any thread.
class CancelToken {
 public:
  void request() const noexcept { flag_->store(true, std::memory_order_relaxed); }
  void reset() const noexcept { flag_->store(false, std::memory_order_relaxed); }
  bool requested() const noexcept { return flag_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace quern
