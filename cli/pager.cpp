// A stream of our own (fopencookie) that holds a screenful, then decides.

#include "cli/pager.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include "cli/child.h"

namespace quern::cli {
namespace {

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
  std::string held;
  std::size_t lines = 0;
  bool direct = false;  ///< there is no pager: what comes goes to the terminal
  int pipe = -1;
  pid_t child = -1;
  bool left = false;

  ssize_t write(std::string_view text) {
    if (left) return 0;
    if (direct) return put(STDOUT_FILENO, text);
    if (child >= 0) return put(pipe, text);
    held += text;
    lines += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    // The prompt needs a row too.
    if (lines + 1 >= rows) begin_paging();
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
    put(direct ? STDOUT_FILENO : pipe, held);
    held.clear();
  }

  static ssize_t write_cookie(void* cookie, const char* data, std::size_t size) {
    return static_cast<State*>(cookie)->write({data, size});
  }
};

Pager::Pager(std::size_t rows, std::function<void()> stop)
    : state_(std::make_unique<State>(State{.rows = rows, .stop = std::move(stop), .held = {}})) {
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
  std::fflush(stdout);
  if (state.child < 0 && !state.held.empty()) write_all(STDOUT_FILENO, state.held);
  state.held.clear();
  if (state.child < 0) return;
  ::close(state.pipe);
  wait_for(state.child);
  state.child = -1;
}

bool Pager::running() const { return state_->child >= 0; }
bool Pager::left() const { return state_->left; }

}  // namespace quern::cli
