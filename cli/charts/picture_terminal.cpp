// Four questions at once: kitty's "a=q", xterm's OSC 11 (colour of the background) and CSI 16 t
// (size of a cell), and DA1, which names sixel as 4 and comes last because all answer it.

#include "cli/charts/picture_terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>
#include <vector>

namespace quern::cli {
namespace {

/// Behind it the line is cleared, of what a terminal may show that knows none of this.
constexpr std::string_view kQuestion =
    "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b]11;?\x1b\\\x1b[16t\x1b[c\r\x1b[K";
constexpr std::string_view kKittyKnown = "\x1b_Gi=31;OK";
constexpr std::string_view kBackground = "\x1b]11;rgb:";

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

bool worth_asking() {
  const auto term = environment("TERM");
  return environment("TMUX").empty() && environment("STY").empty() && term != "linux" &&
         !term.starts_with("screen") && !term.starts_with("tmux");
}

/// Numbers between semicolons; 0 for what is none.
std::vector<std::size_t> numbers_of(std::string_view text) {
  std::vector<std::size_t> out;
  while (true) {
    const auto end = std::min(text.find(';'), text.size());
    std::size_t value = 0;
    const auto number = text.substr(0, end);
    std::from_chars(number.data(), number.data() + number.size(), value);
    out.push_back(value);
    if (end == text.size()) return out;
    text.remove_prefix(end + 1);
  }
}

/// Sizes that no letter has are not believed: an image of them could fill the memory.
void set_cell(PictureTerminal& out, std::size_t width, std::size_t height) {
  if (width < 2 || width > 100 || height < 4 || height > 200) return;
  out.cell_width = width;
  out.cell_height = height;
}

/// "RRRR/GGGG/BBBB", each of one to four digits.
std::optional<Colour> colour_of(std::string_view text) {
  Colour out;
  for (auto* channel : {&out.red, &out.green, &out.blue}) {
    const auto digits = text.substr(0, text.find('/'));
    unsigned value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (read.ptr != digits.data() + digits.size() || digits.empty() || digits.size() > 4)
      return std::nullopt;
    const unsigned most = (1U << (4 * digits.size())) - 1;
    *channel = static_cast<std::uint8_t>(value * 255 / most);
    text.remove_prefix(std::min(digits.size() + 1, text.size()));
  }
  return out;
}

/// Takes out "ESC _ ... ESC \" or "ESC ] ... BEL", which begins so; nullopt: it is not there.
std::optional<std::string> take_string(std::string& bytes, std::string_view begin) {
  const auto at = bytes.find(begin);
  if (at == std::string::npos) return std::nullopt;
  const auto end = std::min(bytes.find("\x1b\\", at), bytes.find('\a', at));
  if (end == std::string::npos) return std::nullopt;
  auto out = bytes.substr(at + begin.size(), end - at - begin.size());
  bytes.erase(at, end + (bytes[end] == '\a' ? 1 : 2) - at);
  return out;
}

/// Takes out "ESC [ begin ... last", with digits and semicolons between.
std::optional<std::string> take_sequence(std::string& bytes, std::string_view begin, char last) {
  for (auto at = bytes.find(begin); at != std::string::npos; at = bytes.find(begin, at + 1)) {
    const auto end = bytes.find_first_not_of("0123456789;", at + begin.size());
    if (end == std::string::npos || bytes[end] != last) continue;
    auto out = bytes.substr(at + begin.size(), end - at - begin.size());
    bytes.erase(at, end + 1 - at);
    return out;
  }
  return std::nullopt;
}

}  // namespace

bool take_picture_answers(std::string& bytes, PictureTerminal& found) {
  if (take_string(bytes, kKittyKnown)) found.protocol = PictureProtocol::kitty;
  (void)take_string(bytes, "\x1b_G");  // what kitty says where it cannot
  if (const auto text = take_string(bytes, kBackground)) found.background = colour_of(*text);
  if (const auto text = take_sequence(bytes, "\x1b[6;", 't')) {
    const auto size = numbers_of(*text);
    if (size.size() == 2) set_cell(found, size[1], size[0]);
  }
  const auto text = take_sequence(bytes, "\x1b[?", 'c');
  if (!text) return false;
  const auto attributes = numbers_of(*text);
  const bool sixel = std::find(attributes.begin() + 1, attributes.end(), 4) != attributes.end();
  if (sixel && found.protocol == PictureProtocol::none) found.protocol = PictureProtocol::sixel;
  return true;
}

PictureTerminal picture_terminal(PictureProtocol protocol) {
  PictureTerminal out{.protocol = protocol};
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return out;
  set_cell(out, size.ws_xpixel / size.ws_col, size.ws_ypixel / size.ws_row);
  return out;
}

PictureTerminal ask_for_pictures(const AskTerminal& ask) {
  auto found = picture_terminal(PictureProtocol::none);
  if (worth_asking())
    ask(kQuestion, [&](std::string& bytes) { return take_picture_answers(bytes, found); });
  return found;
}

}  // namespace quern::cli
