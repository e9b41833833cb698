// termios(3) and poll(2).

#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace quern::cli {
namespace {

constexpr std::string_view kPastesInBrackets = "\x1b[?2004h";
constexpr std::string_view kPastesBare = "\x1b[?2004l";

winsize size_of_terminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

}  // namespace

bool Terminal::can_edit() {
  const char* term = std::getenv("TERM");
  const std::string_view name = term == nullptr ? "" : term;
  return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && !name.empty() && name != "dumb";
}

bool Terminal::raw() {
  if (!changed_ && tcgetattr(STDIN_FILENO, &before_) != 0) return false;
  auto keys = before_;
  keys.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | IXON);
  keys.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  if (tcsetattr(STDIN_FILENO, TCSADRAIN, &keys) != 0) return false;
  changed_ = true;
  write(kPastesInBrackets);
  return true;
}

void Terminal::quiet() {
  if (!changed_) return;
  write(kPastesBare);
  auto silent = before_;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &silent);
}

void Terminal::cooked() {
  if (!changed_) return;
  write(kPastesBare);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  changed_ = false;
}

Terminal::Event Terminal::wait(std::string& bytes, int milliseconds) {
  if (watch_.ending()) return Event::ended;
  std::array<pollfd, 2> sources{{{STDIN_FILENO, POLLIN, 0}, {watch_.wake_descriptor(), POLLIN, 0}}};
  const int ready = ::poll(sources.data(), sources.size(), milliseconds);
  if (ready == 0) return Event::silence;
  if (ready < 0) return errno == EINTR ? Event::woken : Event::ended;
  std::array<char, 65536> buffer;
  if ((sources[1].revents & POLLIN) != 0) {
    (void)!::read(sources[1].fd, buffer.data(), 64);
    return watch_.ending() ? Event::ended : Event::woken;
  }
  const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (count <= 0) return count < 0 && errno == EINTR ? Event::woken : Event::ended;
  bytes.append(buffer.data(), static_cast<std::size_t>(count));
  return Event::input;
}

bool Terminal::input_waits() const {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0 && (input.revents & POLLIN) != 0;
}

void Terminal::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // it is gone; wait() says so
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Terminal::stop() {
  cooked();
  ::kill(0, SIGTSTP);
  raw();
}

std::size_t Terminal::columns() const {
  const auto size = size_of_terminal();
  return size.ws_col == 0 ? 80 : size.ws_col;
}

std::size_t Terminal::rows() const {
  const auto size = size_of_terminal();
  return size.ws_row == 0 ? 24 : size.ws_row;
}

}  // namespace quern::cli
