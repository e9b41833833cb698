#pragma once
// Signals: Ctrl-C stops the statement that runs, never the session; a terminal that goes away ends
// the session in order.

#include <functional>
#include <memory>
#include <thread>

namespace quern::cli {

/// Takes SIGINT, SIGHUP, SIGTERM, SIGWINCH and SIGCONT in a thread of its own (sigwait): nothing
/// has to be signal-safe. They are blocked in the thread that makes this, and so in every thread
/// started afterwards; make it first of all. Behind each action the maker gets SIGUSR2, which does
/// nothing: a write to the terminal is begun anew. It outlives this.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  /// Called in the watching thread at each Ctrl-C from now on, and when the session is to end;
  /// empty: the process ends with status 128 and the signal's number.
  void on_interrupt(std::function<void()> action);

  /// SIGHUP or SIGTERM came: the session is to end. Threads: any.
  bool ending() const;
  /// The number of that signal; 0: none came.
  int ended_by() const;
  /// Becomes readable when the size of the terminal may have changed, the process goes on behind a
  /// stop, or the session is to end. Reading it empty is the reader's part.
  int wake_descriptor() const;
  /// Makes it readable. Threads: any.
  void wake() const;

 private:
  struct State;
  void watch();

  std::unique_ptr<State> state_;
  std::thread thread_;
};

}  // namespace quern::cli
