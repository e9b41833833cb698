// The thread that waits for SIGINT.

#include "cli/interrupt.h"

#include <pthread.h>

#include <csignal>
#include <cstdlib>
#include <mutex>

namespace quern::cli {

struct InterruptWatch::State {
  std::mutex mutex;
  std::function<void()> action;
  bool stop = false;
};

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGUSR1);  // our own: ends the thread
  return set;
}

}  // namespace

InterruptWatch::InterruptWatch() : state_(std::make_unique<State>()) {
  const auto set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([state = state_.get()] {
    const auto waited = watched();
    while (true) {
      int signal = 0;
      sigwait(&waited, &signal);
      const std::lock_guard lock(state->mutex);
      if (state->stop) return;
      if (signal != SIGINT) continue;
      if (!state->action) std::_Exit(130);
      state->action();
    }
  });
}

InterruptWatch::~InterruptWatch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
}

void InterruptWatch::on_interrupt(std::function<void()> action) {
  const std::lock_guard lock(state_->mutex);
  state_->action = std::move(action);
}

}  // namespace quern::cli
