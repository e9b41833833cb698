// One key after another; the screen follows when no more keys wait.

#include "cli/editor/line_editor.h"

#include <algorithm>

namespace quern::cli {
namespace {

constexpr std::string_view kPrompt = "quern> ";
constexpr std::string_view kMore = "   ..> ";
constexpr int kEscapeWait = 50;  ///< ms in which the rest of a sequence comes
constexpr int kAskAgain = 50;    ///< ms until a Tab that found too little looks again
constexpr std::size_t kMenuRows = 8;
/// Text beyond this is not coloured while it is typed: a paste must not make keys slow.
constexpr std::size_t kLongestStyled = 128 * 1024;

bool equal_prefix(std::string_view a, std::string_view b, std::size_t length) {
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(length), b.begin(),
                    [](char x, char y) {
                      return std::tolower(static_cast<unsigned char>(x)) ==
                             std::tolower(static_cast<unsigned char>(y));
                    });
}

/// What all candidates begin with, case ignored, as the first one writes it.
std::string common_prefix(const std::vector<Candidate>& candidates) {
  const auto& first = candidates.front().text;
  auto length = first.size();
  for (const auto& candidate : candidates) {
    length = std::min(length, candidate.text.size());
    while (!equal_prefix(first, candidate.text, length)) --length;
  }
  while (length > 0 && length < first.size() &&
         (static_cast<unsigned char>(first[length]) & 0xC0U) == 0x80U)
    --length;
  return first.substr(0, length);
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  return columns < 2 ? "" : std::string(prefix_within(text, columns - 1)) + "…";
}

Style style_of(TextPartKind kind) {
  switch (kind) {
    case TextPartKind::keyword: return Style::keyword;
    case TextPartKind::clause: return Style::clause;
    case TextPartKind::string: return Style::string;
    case TextPartKind::number: return Style::number;
    case TextPartKind::comment: return Style::comment;
    default: return Style::plain;
  }
}

constexpr std::string_view kOpening = "([{";
constexpr std::string_view kClosing = ")]}";

/// Pairs of brackets among the pieces: for each piece the index of its partner, or its own where it
/// has none; npos for what is no bracket.
std::vector<std::size_t> partners(std::string_view text, const std::vector<TextPart>& parts) {
  constexpr auto kNone = std::string_view::npos;
  std::vector<std::size_t> out(parts.size(), kNone);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].kind != TextPartKind::symbol) continue;
    const char c = text[parts[i].span.begin];
    if (c == ';') open.clear();
    if (kOpening.find(c) != kNone) {
      out[i] = i;
      open.push_back(i);
    }
    const auto closes = kClosing.find(c);
    if (closes == kNone) continue;
    out[i] = i;
    if (open.empty() || text[parts[open.back()].span.begin] != kOpening[closes]) continue;
    out[i] = open.back();
    out[open.back()] = i;
    open.pop_back();
  }
  return out;
}

}  // namespace

LineEditor::LineEditor(Terminal& terminal, History& history, TextKnowledge knowledge, bool colour)
    : terminal_(terminal),
      history_(history),
      knowledge_(std::move(knowledge)),
      colour_(colour),
      screen_(terminal.columns(), terminal.rows(), colour) {}

std::optional<std::string> LineEditor::read(std::string begin_with) {
  if (!terminal_.raw()) return std::nullopt;
  terminal_.write(screen_.resize(terminal_.columns(), terminal_.rows()));
  buffer_.set(std::move(begin_with));
  entry_ = history_.entries().size();
  menu_.reset();
  asking_.reset();
  notice_.clear();
  auto key = decoder_.next();  // typed ahead
  while (true) {
    for (; key; key = decoder_.next()) {
      const auto after = handle(*key);
      if (after == After::go_on) continue;
      terminal_.write(screen_.leave(frame()));
      terminal_.quiet();
      if (after == After::left) return std::nullopt;
      return buffer_.text();
    }
    if (!terminal_.input_waits()) draw();
    std::string bytes;
    switch (terminal_.wait(bytes, decoder_.unfinished() ? kEscapeWait : asking_ ? kAskAgain : -1)) {
      case Terminal::Event::input:
        decoder_.feed(bytes);
        key = decoder_.next();
        break;
      case Terminal::Event::silence:
        key = decoder_.flush();
        if (!key && asking_) complete_again();
        break;
      case Terminal::Event::woken:
        if (knowledge_.over()) {
          terminal_.write(screen_.leave(frame()));
          terminal_.cooked();
          return std::nullopt;
        }
        terminal_.write(screen_.resize(terminal_.columns(), terminal_.rows()));
        break;
      case Terminal::Event::ended:
        gone_ = true;
        terminal_.cooked();
        return std::nullopt;
    }
  }
}

Frame LineEditor::frame() const {
  return {.first_prompt = kPrompt,
          .next_prompt = kMore,
          .text = buffer_.text(),
          .cursor = buffer_.cursor(),
          .styles = styles(),
          .below = below()};
}

std::vector<StyledSpan> LineEditor::styles() const {
  std::vector<StyledSpan> out;
  const std::string_view text = buffer_.text();
  if (!colour_ || text.empty() || text.front() == '\\' || text.size() > kLongestStyled) return out;
  const auto parts = knowledge_.parts(text);
  const auto pairs = partners(text, parts);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto style = style_of(parts[i].kind);
    if (pairs[i] != std::string_view::npos) {
      const auto near = [&](std::size_t part) {
        return parts[part].span.begin == buffer_.cursor() ||
               parts[part].span.end == buffer_.cursor();
      };
      const bool closing = kClosing.find(text[parts[i].span.begin]) != std::string_view::npos;
      if (pairs[i] == i && closing) style = Style::wrong;
      if (pairs[i] != i && (near(i) || near(pairs[i]))) style = Style::bracket;
    }
    if (style != Style::plain) out.push_back({parts[i].span.begin, parts[i].span.end, style});
  }
  return out;
}

std::vector<std::string> LineEditor::below() const {
  std::vector<std::string> out;
  const auto dim = [&](const std::string& line) {
    out.push_back(styled(cut_to(line, screen_.columns() - 1), Style::comment, colour_));
  };
  if (search_) {
    const bool none = search_->found == history_.entries().size() && !search_->pattern.empty();
    dim("search" + std::string(none ? ", nothing found" : "") + ": " + search_->pattern);
  } else if (menu_) {
    out = menu();
  }
  for (const auto& line : notice_) dim(line);
  return out;
}

std::vector<std::string> LineEditor::menu() const {
  const auto& all = menu_->completion.candidates;
  const auto chosen = menu_->chosen.value_or(0);
  const auto first = chosen < kMenuRows ? 0 : chosen - kMenuRows + 1;
  const auto end = std::min(all.size(), first + kMenuRows);
  std::size_t width = 0;
  for (auto i = first; i < end; ++i) width = std::max(width, display_width(all[i].text));
  width = std::min(width, screen_.columns() / 2);
  std::vector<std::string> out;
  for (auto i = first; i < end; ++i) {
    auto text = cut_to(all[i].text, width);
    text.append(width - display_width(text), ' ');
    const auto style = menu_->chosen == i ? Style::chosen : Style::plain;
    const auto doc =
        std::string(kind_name(all[i].kind)) + (all[i].doc.empty() ? "" : "  ") + all[i].doc;
    const auto left = screen_.columns() - std::min(screen_.columns(), width + 5);
    const bool marked = menu_->chosen == i && !colour_;
    out.push_back((marked ? "> " : "  ") + styled(text, style, colour_) + "  " +
                  styled(cut_to(doc, left), Style::comment, colour_));
  }
  if (end < all.size())
    out.push_back(
        styled("  … " + std::to_string(all.size() - end) + " more", Style::comment, colour_));
  return out;
}

LineEditor::After LineEditor::handle(const Key& key) {
  notice_.clear();
  asking_.reset();
  if (search_ && handle_search(key)) return After::go_on;
  if (menu_) {
    const bool stays = key.kind == Key::Kind::tab || key.kind == Key::Kind::back_tab ||
                       key.kind == Key::Kind::up || key.kind == Key::Kind::down;
    if (stays) {
      choose(key.kind == Key::Kind::back_tab || key.kind == Key::Kind::up);
      return After::go_on;
    }
    const auto menu = *std::move(menu_);
    menu_.reset();
    if (key.kind == Key::Kind::escape) buffer_.set(menu.before, menu.cursor);
    if (key.kind == Key::Kind::escape || (key.kind == Key::Kind::enter && menu.chosen))
      return After::go_on;
  }
  switch (key.kind) {
    case Key::Kind::text:
    case Key::Kind::paste: insert(key.text); break;
    case Key::Kind::control: return handle_control(key.letter);
    case Key::Kind::alt: handle_alt(key.letter); break;
    case Key::Kind::enter: return enter();
    case Key::Kind::tab: complete(false); break;
    case Key::Kind::back_tab: complete(true); break;
    case Key::Kind::backspace: buffer_.erase_left(); break;
    case Key::Kind::erase: buffer_.erase_right(); break;
    case Key::Kind::help: explain(); break;
    case Key::Kind::escape:
    case Key::Kind::other: break;
    default: handle_move(key.kind);
  }
  return After::go_on;
}

void LineEditor::insert(std::string_view text) {
  // The line feed at the end of a paste would be a line of its own.
  if (text.size() > 1 && text.ends_with('\n')) text.remove_suffix(1);
  buffer_.insert(text);
}

LineEditor::After LineEditor::handle_control(char letter) {
  switch (letter) {
    case 'a': buffer_.line_begin(); break;
    case 'b': buffer_.left(); break;
    case 'c': interrupt(); break;
    case 'd':
      if (buffer_.text().empty()) return After::left;
      buffer_.erase_right();
      break;
    case 'e': buffer_.line_end(); break;
    case 'f': buffer_.right(); break;
    case 'k': buffer_.kill_to_line_end(); break;
    case 'l':
      terminal_.write("\x1b[H\x1b[2J");
      screen_.forget();
      break;
    case 'n': handle_move(Key::Kind::down); break;
    case 'p': handle_move(Key::Kind::up); break;
    case 'r': begin_search(); break;
    case 't': buffer_.transpose(); break;
    case 'u': buffer_.kill_to_line_begin(); break;
    case 'w': buffer_.kill_word_left(); break;
    case 'y': buffer_.yank(); break;
    case 'z':
      terminal_.stop();
      screen_.forget();
      break;
    case '_': buffer_.undo(); break;
    default: break;
  }
  return After::go_on;
}

void LineEditor::handle_alt(char letter) {
  switch (letter) {
    case 'b': buffer_.word_left(); break;
    case 'd': buffer_.kill_word_right(); break;
    case 'f': buffer_.word_right(); break;
    case 'h':
    case '?': explain(); break;
    case '<': buffer_.begin(); break;
    case '>': buffer_.end(); break;
    case '\r':
    case '\n': buffer_.insert("\n"); break;
    case '\x7f':
    case '\b': buffer_.kill_word_left(); break;
    default: break;
  }
}

void LineEditor::handle_move(Key::Kind kind) {
  switch (kind) {
    case Key::Kind::left: buffer_.left(); break;
    case Key::Kind::right: buffer_.right(); break;
    case Key::Kind::word_left: buffer_.word_left(); break;
    case Key::Kind::word_right: buffer_.word_right(); break;
    case Key::Kind::home: buffer_.line_begin(); break;
    case Key::Kind::end: buffer_.line_end(); break;
    case Key::Kind::page_up: buffer_.begin(); break;
    case Key::Kind::page_down: buffer_.end(); break;
    case Key::Kind::up:
      if (!buffer_.up()) older();
      break;
    case Key::Kind::down:
      if (!buffer_.down()) newer();
      break;
    default: break;
  }
}

LineEditor::After LineEditor::enter() {
  if (knowledge_.complete(buffer_.text())) return After::entered;
  buffer_.end();
  const auto& text = buffer_.text();
  const auto last = text.find_last_not_of(" \t\n");
  if (last != std::string::npos && text[last] == ';') {
    if (auto open = open_bracket(); !open.empty()) notice_.push_back(std::move(open));
  }
  buffer_.insert("\n");
  return After::go_on;
}

/// Why a semicolon did not end the statement.
std::string LineEditor::open_bracket() const {
  const std::string_view text = buffer_.text();
  const auto parts = knowledge_.parts(text);
  const auto line_of = [&](std::size_t at) {
    return std::to_string(
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  };
  const std::string forget = "; Ctrl-C forgets the statement";
  if (!parts.empty() && !parts.back().closed)
    return std::string(1, text[parts.back().span.begin]) + " of line " +
           line_of(parts.back().span.begin) + " is not closed" + forget;
  std::vector<std::size_t> open;
  for (const auto& part : parts) {
    if (part.kind != TextPartKind::symbol) continue;
    const char c = text[part.span.begin];
    if (kOpening.find(c) != std::string_view::npos) open.push_back(part.span.begin);
    if (kClosing.find(c) != std::string_view::npos && !open.empty()) open.pop_back();
  }
  if (open.empty()) return "";
  return std::string(1, text[open.back()]) + " of line " + line_of(open.back()) + " is not closed" +
         forget;
}

/// Ctrl-C: what was typed is forgotten, and stays to be seen.
void LineEditor::interrupt() {
  terminal_.write(screen_.leave(frame()));
  buffer_.set("");
  entry_ = history_.entries().size();
}

void LineEditor::show_entry(std::size_t index) {
  if (entry_ == history_.entries().size()) typed_ = buffer_.text();
  entry_ = index;
  buffer_.set(index == history_.entries().size() ? typed_ : history_.entries()[index]);
}

void LineEditor::older() {
  if (entry_ > 0) show_entry(entry_ - 1);
}

void LineEditor::newer() {
  if (entry_ < history_.entries().size()) show_entry(entry_ + 1);
}

void LineEditor::begin_search() { search_ = Search{"", history_.entries().size(), buffer_.text()}; }

/// The newest entry before `from` with the pattern in it.
void LineEditor::search(std::size_t from) {
  const auto& entries = history_.entries();
  for (auto i = std::min(from, entries.size()); i > 0; --i) {
    const auto at = entries[i - 1].find(search_->pattern);
    if (at == std::string::npos) continue;
    search_->found = i - 1;
    buffer_.set(entries[i - 1], at);
    return;
  }
  if (from >= entries.size()) search_->found = entries.size();
}

bool LineEditor::handle_search(const Key& key) {
  auto& pattern = search_->pattern;
  const bool control = key.kind == Key::Kind::control;
  if (key.kind == Key::Kind::text) {
    pattern += key.text;
    search(history_.entries().size());
  } else if (key.kind == Key::Kind::backspace) {
    if (!pattern.empty()) pattern.pop_back();
    while (!pattern.empty() && (static_cast<unsigned char>(pattern.back()) & 0xC0U) == 0x80U)
      pattern.pop_back();
    search(history_.entries().size());
  } else if (control && key.letter == 'r') {
    search(search_->found);
  } else if (control && (key.letter == 'g' || key.letter == 'c')) {
    buffer_.set(search_->before);
    search_.reset();
  } else {
    if (search_->found < history_.entries().size()) entry_ = search_->found;
    search_.reset();
    return key.kind == Key::Kind::escape;
  }
  return true;
}

void LineEditor::put_candidate(const std::string& text) {
  auto whole = menu_->before;
  const auto& span = menu_->completion.replaced;
  whole.replace(span.begin, span.size(), text);
  buffer_.set(std::move(whole), span.begin + text.size());
}

void LineEditor::complete(bool backwards) {
  auto found = knowledge_.candidates(buffer_.text(), buffer_.cursor());
  asking_ = found.unfinished ? std::optional(backwards) : std::nullopt;
  if (asking_) notice_.emplace_back("the database is still being asked");
  if (found.candidates.empty()) return;
  if (asking_) {
    menu_ = Menu{std::move(found), buffer_.text(), buffer_.cursor(), {}};
    return;
  }
  const auto typed = buffer_.cursor() - found.replaced.begin;
  if (found.candidates.size() == 1) {
    const auto& only = found.candidates.front();
    const bool word = only.kind == CandidateKind::keyword || only.kind == CandidateKind::command;
    return buffer_.replace(found.replaced.begin, buffer_.cursor(), only.text + (word ? " " : ""));
  }
  const auto common = common_prefix(found.candidates);
  if (common.size() > typed) buffer_.replace(found.replaced.begin, buffer_.cursor(), common);
  found.replaced.end = buffer_.cursor();
  menu_ = Menu{std::move(found), buffer_.text(), buffer_.cursor(), {}};
  if (backwards) choose(true);
}

/// Nothing was typed since.
void LineEditor::complete_again() {
  menu_.reset();
  notice_.clear();
  complete(*asking_);
}

void LineEditor::choose(bool backwards) {
  const auto count = menu_->completion.candidates.size();
  if (!menu_->chosen)
    menu_->chosen = backwards ? count - 1 : 0;
  else
    menu_->chosen = (*menu_->chosen + (backwards ? count - 1 : 1)) % count;
  put_candidate(menu_->completion.candidates[*menu_->chosen].text);
}

void LineEditor::explain() {
  const auto found = knowledge_.inspect(buffer_.text(), buffer_.cursor());
  if (!found.word.known()) return notice_.push_back("nothing is known of this word");
  notice_.push_back(found.title);
  for (std::size_t at = 0; at < found.text.size() && notice_.size() < kMenuRows + 4;) {
    const auto end = std::min(found.text.find('\n', at), found.text.size());
    notice_.push_back("  " + found.text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace quern::cli
