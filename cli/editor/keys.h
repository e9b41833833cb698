#pragma once
// What a terminal sends, as keys: letters, control characters, escape sequences and pastes.

#include <optional>
#include <string>
#include <string_view>

namespace quern::cli {

struct Key {
  enum class Kind {
    text,     ///< `text` is to be inserted: UTF-8 without control characters
    paste,    ///< the same, with line feeds and tabs
    control,  ///< `letter` with Ctrl: 'a' to 'z', '_'
    alt,      ///< `letter` with Alt or behind Escape; '\r' is Alt-Enter
    enter,
    tab,
    back_tab,
    backspace,
    erase,  ///< Delete
    left,
    right,
    up,
    down,
    word_left,
    word_right,
    home,
    end,
    page_up,
    page_down,
    help,    ///< F1
    escape,  ///< alone
    other,   ///< a sequence that means nothing here
  };
  Kind kind = Kind::other;
  std::string text = {};
  char letter = '\0';
};

/// Bytes in, keys out. A sequence may come in pieces. Bytes that are no UTF-8 become U+FFFD;
/// control characters in a paste that are neither line feeds nor tabs are left out.
class KeyDecoder {
 public:
  void feed(std::string_view bytes) { in_ += bytes; }
  /// The next key; nullopt where more bytes are needed.
  std::optional<Key> next();
  /// No more bytes came for a while: what is left stands for itself.
  std::optional<Key> flush();
  /// True in the middle of a sequence that may end with a pause: Escape alone, half a letter.
  bool unfinished() const { return !in_.empty() && !pasting_; }

 private:
  std::optional<Key> take(std::size_t length, Key key);
  std::optional<Key> next_text();
  std::optional<Key> next_escape();
  std::optional<Key> next_sequence(std::size_t begin);
  std::optional<Key> next_answer();
  std::optional<Key> next_paste();
  Key control_key(unsigned char byte) const;

  std::string in_;
  bool pasting_ = false;
  std::size_t searched_ = 0;  ///< of a paste, for its end
};

/// Bytes of the code point at the front of `bytes`, which are not empty; 0 where they are none, -1
/// where more are needed.
int utf8_length(std::string_view bytes);

/// Valid UTF-8 of `bytes`, U+FFFD in the place of each byte that is none.
std::string valid_utf8(std::string_view bytes);

}  // namespace quern::cli
