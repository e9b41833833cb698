// termios(3) and poll(2).

#include "cli/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>

namespace quern::cli {
namespace {

constexpr std::string_view kPastesInBrackets = "\x1b[?2004h";
constexpr std::string_view kPastesBare = "\x1b[?2004l";
/// Nobody waits longer for the answers of a terminal; those of one that is far away come too late
/// and mean nothing as keys.
constexpr auto kAnswersWithin = std::chrono::milliseconds(100);

winsize size_of_terminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

/// Key by key, nothing shown.
termios by_key(termios from) {
  from.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | IXON);
  from.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN);
  from.c_cc[VMIN] = 1;
  from.c_cc[VTIME] = 0;
  return from;
}

}  // namespace

bool Terminal::can_edit() {
  const char* term = std::getenv("TERM");
  const std::string_view name = term == nullptr ? "" : term;
  return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && !name.empty() && name != "dumb";
}

bool Terminal::raw() {
  if (!changed_ && tcgetattr(STDIN_FILENO, &before_) != 0) return false;
  auto keys = by_key(before_);
  keys.c_lflag &= ~static_cast<tcflag_t>(ISIG);
  if (tcsetattr(STDIN_FILENO, TCSADRAIN, &keys) != 0) return false;
  changed_ = true;
  write(kPastesInBrackets);
  return true;
}

void Terminal::quiet() {
  if (!changed_) return;
  write(kPastesBare);
  const auto keys = by_key(before_);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
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

std::string Terminal::ask(std::string_view question,
                          const std::function<bool(std::string&)>& answered) {
  using Clock = std::chrono::steady_clock;
  std::string bytes;
  if (!changed_) return bytes;  // answers would be shown
  write(question);
  const auto end = Clock::now() + kAnswersWithin;
  while (!answered(bytes)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0 || wait(bytes, static_cast<int>(left)) == Event::ended) break;
  }
  return bytes;
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
