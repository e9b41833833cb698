// Bars from block elements, U+2588 (full) to U+258F (an eighth).

#include "cli/bars.h"

#include <langinfo.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace quern::cli {
namespace {

std::string blocks(std::size_t eighths) {
  std::string out;
  for (; eighths >= 8; eighths -= 8) out += "\u2588";
  // The seven partial blocks follow the full one in the encoding, the widest first.
  if (eighths > 0) out += {'\xe2', '\x96', static_cast<char>(0x90 - static_cast<int>(eighths))};
  return out;
}

}  // namespace

bool utf8_locale() { return std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }

std::vector<std::string> draw_bars(const std::vector<double>& values, std::size_t width) {
  const bool utf8 = utf8_locale();
  double largest = 0;
  for (const double v : values) {
    if (std::isfinite(v)) largest = std::max(largest, v);
  }
  std::vector<std::string> out;
  for (const double v : values) {
    const double share = v > 0 && std::isfinite(v) ? v / largest : 0;
    const auto eighths =
        static_cast<std::size_t>(std::lround(share * static_cast<double>(width * 8)));
    out.push_back(utf8 ? blocks(eighths) : std::string((eighths + 4) / 8, '#'));
  }
  return out;
}

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace quern::cli
