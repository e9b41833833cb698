// The thread that waits for signals.

#include "cli/interrupt.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <mutex>

namespace quern::cli {

struct InterruptWatch::State {
  std::mutex mutex;
  std::function<void()> action;
  bool stop = false;
  std::atomic<int> ended_by = 0;
  std::array<int, 2> wake{-1, -1};
  pthread_t maker = pthread_self();
};

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGHUP, SIGTERM, SIGWINCH, SIGCONT}) sigaddset(&set, signal);
  sigaddset(&set, SIGUSR1);  // our own: ends the thread
  return set;
}

}  // namespace

InterruptWatch::InterruptWatch() : state_(std::make_unique<State>()) {
  if (::pipe2(state_->wake.data(), O_CLOEXEC | O_NONBLOCK) != 0) state_->wake = {-1, -1};
  // Signals whose default is to be ignored are not even queued but for a handler; that of SIGUSR2
  // is there to break a wait.
  for (const int signal : {SIGWINCH, SIGCONT, SIGUSR2}) (void)std::signal(signal, [](int) {});
  const auto set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { watch(); });
}

void InterruptWatch::watch() {
  const auto set = watched();
  while (true) {
    int signal = 0;
    sigwait(&set, &signal);
    const std::lock_guard lock(state_->mutex);
    if (state_->stop) return;
    const bool ends = signal == SIGHUP || signal == SIGTERM;
    const bool again = ends && state_->ended_by != 0;
    if (ends) state_->ended_by = signal;
    if (signal != SIGINT && signal != SIGUSR1) wake();
    if (signal != SIGINT && !ends) continue;
    // Whoever asks a second time does not want to wait.
    if (!state_->action || again) std::_Exit(128 + signal);
    state_->action();
    // At Ctrl-C the terminal throws away what it holds, and Linux may then forget to wake who waits
    // for room there.
    pthread_kill(state_->maker, SIGUSR2);
  }
}

InterruptWatch::~InterruptWatch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
  for (const int end : state_->wake) {
    if (end >= 0) ::close(end);
  }
}

void InterruptWatch::on_interrupt(std::function<void()> action) {
  const std::lock_guard lock(state_->mutex);
  state_->action = std::move(action);
}

bool InterruptWatch::ending() const { return state_->ended_by != 0; }
int InterruptWatch::ended_by() const { return state_->ended_by; }
void InterruptWatch::wake() const { (void)!::write(state_->wake[1], "", 1); }
int InterruptWatch::wake_descriptor() const { return state_->wake[0]; }

}  // namespace quern::cli
