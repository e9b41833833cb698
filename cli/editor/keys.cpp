// Sequences: ECMA-48 as xterm sends them; bracketed paste as xterm has it.

#include "cli/editor/keys.h"

#include <algorithm>
#include <array>
#include <utility>

namespace quern::cli {
namespace {

constexpr std::string_view kPasteBegin = "\x1b[200~";
constexpr std::string_view kPasteEnd = "\x1b[201~";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// C1 controls, U+0080 to U+009F, can steer a terminal as escapes do.
bool steers(std::string_view point) {
  return point.size() == 2 && point[0] == '\xC2' && static_cast<unsigned char>(point[1]) < 0xA0;
}

Key::Kind kind_of(std::string_view parameters, char last) {
  using enum Key::Kind;
  const bool moved = parameters.ends_with(";5") || parameters.ends_with(";3");  // Ctrl, Alt
  switch (last) {
    case 'A': return up;
    case 'B': return down;
    case 'C': return moved ? word_right : right;
    case 'D': return moved ? word_left : left;
    case 'F': return end;
    case 'H': return home;
    case 'P': return help;
    case 'Z': return back_tab;
    case '~': break;
    default: return other;
  }
  static constexpr std::array<std::pair<std::string_view, Key::Kind>, 8> kNumbered{
      {{"1", home},
       {"3", erase},
       {"4", end},
       {"5", page_up},
       {"6", page_down},
       {"7", home},
       {"8", end},
       {"11", help}}};
  const auto number = parameters.substr(0, parameters.find(';'));
  for (const auto& [text, kind] : kNumbered) {
    if (text == number) return kind;
  }
  return other;
}

}  // namespace

int utf8_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  // The second byte has a narrower range behind E0, ED, F0 and F4 (Unicode, table 3-7).
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == bytes.size()) return -1;
    if (byte(i) < (i == 1 ? low : 0x80U) || byte(i) > (i == 1 ? high : 0xBFU)) return 0;
  }
  return static_cast<int>(length);
}

std::string valid_utf8(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const auto length = utf8_length(bytes);
    const auto taken = static_cast<std::size_t>(std::max(length, 1));
    out += length > 0 ? bytes.substr(0, taken) : kReplacement;
    bytes.remove_prefix(taken);
  }
  return out;
}

std::optional<Key> KeyDecoder::take(std::size_t length, Key key) {
  in_.erase(0, length);
  return key;
}

Key KeyDecoder::control_key(unsigned char byte) const {
  using enum Key::Kind;
  switch (byte) {
    case '\r':
    case '\n': return {.kind = enter};
    case '\t': return {.kind = tab};
    case 0x08:
    case 0x7F: return {.kind = backspace};
    case 0x1F: return {.kind = control, .letter = '_'};
    default: break;
  }
  if (byte == 0 || byte > 26) return {.kind = other};
  return {.kind = control, .letter = static_cast<char>('a' + byte - 1)};
}

std::optional<Key> KeyDecoder::next() {
  if (pasting_) return next_paste();
  if (in_.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(in_[0]);
  if (first == 0x1B) return next_escape();
  if (first < 0x20 || first == 0x7F) return take(1, control_key(first));
  return next_text();
}

/// As many letters as there are: a fast typist's, or a paste of a terminal that does not say so.
std::optional<Key> KeyDecoder::next_text() {
  std::size_t end = 0;
  Key key{.kind = Key::Kind::text};
  while (end < in_.size()) {
    const auto rest = std::string_view(in_).substr(end);
    const auto byte = static_cast<unsigned char>(rest[0]);
    if (byte < 0x20 || byte == 0x7F) break;
    const auto length = utf8_length(rest);
    if (length < 0) break;
    const auto point = rest.substr(0, static_cast<std::size_t>(std::max(length, 1)));
    if (length == 0)
      key.text += kReplacement;
    else if (!steers(point))
      key.text += point;
    end += point.size();
  }
  if (end == 0) return std::nullopt;
  return take(end, std::move(key));
}

std::optional<Key> KeyDecoder::next_escape() {
  if (in_.size() == 1) return std::nullopt;
  if (in_[1] == '[') return next_sequence(2);
  if (in_[1] == 'O') {
    if (in_.size() == 2) return std::nullopt;
    return take(3, {.kind = kind_of("", in_[2])});
  }
  if (in_[1] == '\x1b') return take(1, {.kind = Key::Kind::escape});
  if (in_[1] == '_' || in_[1] == ']') return next_answer();
  return take(2, {.kind = Key::Kind::alt, .letter = in_[1]});
}

std::optional<Key> KeyDecoder::next_sequence(std::size_t begin) {
  if (in_.starts_with(kPasteBegin)) {
    in_.erase(0, kPasteBegin.size());
    pasting_ = true;
    searched_ = 0;
    return next_paste();
  }
  auto last = begin;
  while (last < in_.size() && (in_[last] < 0x40 || in_[last] > 0x7E)) {
    if (in_[last] < 0x20) return take(last, {.kind = Key::Kind::other});  // cut off
    ++last;
  }
  if (last == in_.size()) return std::nullopt;
  const auto kind = kind_of(std::string_view(in_).substr(begin, last - begin), in_[last]);
  return take(last + 1, {.kind = kind});
}

/// What a terminal says of itself to a question that nobody waits for any more: "ESC _ G" and
/// "ESC ] digit" begin it, ST or BEL ends it.
std::optional<Key> KeyDecoder::next_answer() {
  if (in_.size() == 2) return std::nullopt;
  const bool answer = in_[1] == '_' ? in_[2] == 'G' : in_[2] >= '0' && in_[2] <= '9';
  if (!answer) return take(2, {.kind = Key::Kind::alt, .letter = in_[1]});
  const auto end = std::min(in_.find("\x1b\\", 2), in_.find('\a', 2));
  if (end == std::string::npos) return std::nullopt;
  return take(end + (in_[end] == '\a' ? 1 : 2), {.kind = Key::Kind::other});
}

std::optional<Key> KeyDecoder::next_paste() {
  const auto end = in_.find(kPasteEnd, searched_);
  if (end == std::string::npos) {
    searched_ = in_.size() - std::min(in_.size(), kPasteEnd.size() - 1);
    return std::nullopt;
  }
  Key key{.kind = Key::Kind::paste};
  const auto valid = valid_utf8(std::string_view(in_).substr(0, end));
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    if (steers(std::string_view(valid).substr(i, 2))) {
      ++i;
    } else if (byte == '\r') {
      key.text += '\n';
      if (i + 1 < valid.size() && valid[i + 1] == '\n') ++i;
    } else if (byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7F)) {
      key.text += valid[i];
    }
  }
  pasting_ = false;
  return take(end + kPasteEnd.size(), std::move(key));
}

std::optional<Key> KeyDecoder::flush() {
  if (in_.empty() || pasting_) return std::nullopt;
  if (in_ == "\x1b") return take(1, {.kind = Key::Kind::escape});
  if (in_[0] == '\x1b') return take(in_.size(), {.kind = Key::Kind::other});
  return take(in_.size(), {.kind = Key::Kind::text, .text = valid_utf8(in_)});
}

}  // namespace quern::cli
