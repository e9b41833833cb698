#pragma once
// Ctrl-C: stops the statement that runs, never the session.

#include <functional>
#include <memory>
#include <thread>

namespace quern::cli {

/// Takes SIGINT in a thread of its own (sigwait): nothing has to be signal-safe. SIGINT is blocked
/// in the thread that makes this, and so in every thread started afterwards; make it first of all.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  /// Called in the watching thread at each Ctrl-C from now on; empty: the process ends with status
  /// 130.
  void on_interrupt(std::function<void()> action);

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::thread thread_;
};

}  // namespace quern::cli
