// A stream of our own (fopencookie) that holds a screenful, then decides.

#include "cli/pager.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

#include "cli/child.h"

namespace quern::cli {
namespace {

/// How long rows are held that may be more than a screen.
constexpr auto kRowsWait = std::chrono::milliseconds(200);

/// "" for none.
std::string pager_command() {
  const char* chosen = std::getenv("PAGER");
  if (chosen != nullptr) return chosen;
  if (!on_path("less")) return "";
  return std::getenv("LESS") == nullptr ? "less -SRX" : "less";
}

}  // namespace

bool pager_has_colours() {
  const char* chosen = std::getenv("PAGER");
  const std::string_view pager = chosen == nullptr ? "" : chosen;
  return std::getenv("LESS") == nullptr ? pager.empty() : pager.find("less -SRX") == 0;
}

namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

struct Pager::State {
  std::size_t rows;
  std::function<void()> stop;
  std::FILE* stream = nullptr;
  std::mutex lock = {};  ///< of all below, which `shower` looks at, too
  std::condition_variable_any came = {};
  std::string held = {};
  std::size_t seen = 0;  ///< bytes of them that are on the terminal
  std::size_t lines = 0;
  bool direct = false;  ///< there is no pager: what comes goes to the terminal
  int pipe = -1;
  pid_t child = -1;
  bool left = false;
  std::jthread shower = {};

  ssize_t write(std::string_view text) {
    const std::scoped_lock mine(lock);
    if (left) return 0;
    if (direct) return put(STDOUT_FILENO, text);
    if (child >= 0) return put(pipe, text);
    held += text;
    lines += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    // The prompt needs a row too.
    if (lines + 1 >= rows)
      begin_paging();
    else
      show_soon();
    return static_cast<ssize_t>(text.size());
  }

  ssize_t put(int descriptor, std::string_view text) {
    if (write_all(descriptor, text)) return static_cast<ssize_t>(text.size());
    left = true;
    stop();
    return 0;
  }

  void begin_paging() {
    const auto command = pager_command();
    std::array<int, 2> ends{-1, -1};
    if (!command.empty() && ::pipe2(ends.data(), O_CLOEXEC) == 0) {
      std::fflush(stdout);
      child = start_shell(command, ends[0]);
      ::close(ends[0]);
      pipe = ends[1];
    }
    direct = child < 0;
    if (direct && pipe >= 0) ::close(pipe);
    if (direct) std::fflush(stdout);
    put(direct ? STDOUT_FILENO : pipe, std::string_view(held).substr(direct ? seen : 0));
    held.clear();
    seen = 0;
  }

  void show() {
    write_all(STDOUT_FILENO, std::string_view(held).substr(seen));
    seen = held.size();
  }

  /// A thread of its own: the statement's waits for the database.
  void show_soon() {
    came.notify_one();
    if (shower.joinable()) return;
    shower = std::jthread([this](const std::stop_token& over) {
      std::unique_lock mine(lock);
      const auto nothing_yet = [this] { return held.size() == seen; };
      while (came.wait(mine, over, [&] { return !nothing_yet(); }) && !over.stop_requested()) {
        if (!came.wait_for(mine, over, kRowsWait, nothing_yet) && !over.stop_requested()) show();
      }
    });
  }

  void stop_showing() {
    shower.request_stop();
    if (shower.joinable()) shower.join();
  }

  static ssize_t write_cookie(void* cookie, const char* data, std::size_t size) {
    return static_cast<State*>(cookie)->write({data, size});
  }
};

Pager::Pager(std::size_t rows, std::function<void()> stop)
    : state_(std::make_unique<State>(rows, std::move(stop))) {
  cookie_io_functions_t functions{};
  functions.write = State::write_cookie;
  state_->stream = ::fopencookie(state_.get(), "w", functions);
}

Pager::~Pager() { end(); }

std::FILE* Pager::stream() { return state_->stream == nullptr ? stdout : state_->stream; }

void Pager::end() {
  auto& state = *state_;
  if (state.stream != nullptr) std::fclose(state.stream);
  state.stream = nullptr;
  state.stop_showing();
  std::fflush(stdout);
  if (state.child < 0) state.show();
  state.held.clear();
  state.seen = 0;
  if (state.child < 0) return;
  ::close(state.pipe);
  wait_for(state.child);
  state.child = -1;
}

bool Pager::running() const { return state_->child >= 0; }
bool Pager::begun() const {
  const std::scoped_lock mine(state_->lock);
  return state_->lines > 0;
}
bool Pager::left() const { return state_->left; }

}  // namespace quern::cli
