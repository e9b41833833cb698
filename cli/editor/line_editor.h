#pragma once
// Reads one entry, a statement of any number of lines or a command, with the keys of Emacs and of
// readline. docs/repl.md lists them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/quern.hpp"
#include "cli/editor/edit_buffer.h"
#include "cli/editor/keys.h"
#include "cli/editor/screen.h"
#include "cli/history.h"
#include "cli/terminal.h"

namespace quern::cli {

/// What the editor asks about a text.
struct TextKnowledge {
  std::function<bool(std::string_view)> complete;  ///< Enter ends the entry
  std::function<Completion(std::string_view, std::size_t)> candidates;
  std::function<Inspection(std::string_view, std::size_t)> inspect;
  std::function<std::vector<TextPart>(std::string_view)> parts;
  std::function<bool()> over;  ///< asked when woken: nothing can be read any more
};

class LineEditor {
 public:
  LineEditor(Terminal& terminal, History& history, TextKnowledge knowledge, bool colour);

  /// The next entry; nullopt at Ctrl-D on an empty line, and when the terminal is gone.
  /// \param begin_with  is there to be edited.
  std::optional<std::string> read(std::string begin_with = {});
  /// Bytes that were typed before the next entry is read.
  void type_ahead(std::string_view bytes) { decoder_.feed(bytes); }
  /// The terminal is gone, or the session is to end.
  bool gone() const { return gone_; }

 private:
  enum class After { go_on, entered, left };

  After handle(const Key& key);
  After handle_control(char letter);
  void handle_alt(char letter);
  void handle_move(Key::Kind kind);
  After enter();
  void interrupt();
  void insert(std::string_view text);

  void older();
  void newer();
  void show_entry(std::size_t index);

  void begin_search();
  bool handle_search(const Key& key);  ///< false: the key is for the text
  void search(std::size_t from);

  void complete(bool backwards);
  void complete_again();
  void choose(bool backwards);
  void put_candidate(const std::string& text);
  void explain();

  std::vector<StyledSpan> styles() const;
  std::vector<std::string> below() const;
  std::vector<std::string> menu() const;
  Frame frame() const;
  void draw() { terminal_.write(screen_.draw(frame())); }
  std::string open_bracket() const;

  Terminal& terminal_;
  History& history_;
  TextKnowledge knowledge_;
  bool colour_;
  bool gone_ = false;
  Screen screen_;
  KeyDecoder decoder_;
  EditBuffer buffer_;

  std::size_t entry_ = 0;  ///< of the history; its size: the text that was typed
  std::string typed_;      ///< kept while an entry is shown
  struct Search {
    std::string pattern;
    std::size_t found = 0;  ///< an entry; the history's size: none
    std::string before;     ///< the text, for Ctrl-G
  };
  std::optional<Search> search_;
  struct Menu {
    Completion completion;
    std::string before;  ///< the text without any candidate
    std::size_t cursor = 0;
    std::optional<std::size_t> chosen = {};
  };
  std::optional<Menu> menu_;
  std::optional<bool> asking_;       ///< a Tab, backwards or not, whose candidates are still coming
  std::vector<std::string> notice_;  ///< until the next key
};

}  // namespace quern::cli
