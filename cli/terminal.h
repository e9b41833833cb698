#pragma once
// The terminal in its two manners: as the statements that run expect it, and raw, key by key, while
// a line is edited.

#include <termios.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "cli/interrupt.h"

namespace quern::cli {

class Terminal {
 public:
  /// True where lines can be edited: standard input and output are a terminal that moves its
  /// cursor.
  static bool can_edit();

  /// \param watch  wakes wait(); outlives it.
  explicit Terminal(const InterruptWatch& watch) : watch_(watch) {}
  ~Terminal() { cooked(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Keys come one by one, pastes in brackets. What was typed meanwhile is not lost. False where
  /// the terminal is gone.
  bool raw();
  /// As it was before.
  void cooked();
  /// While a statement runs and prints: Ctrl-C is a signal, and what is typed is kept as it is, not
  /// shown, for the next line.
  void quiet();

  enum class Event {
    input,    ///< bytes came
    woken,    ///< the size may have changed, or the process went on behind a stop
    ended,    ///< the terminal is gone, or the session is to end
    silence,  ///< nothing in `milliseconds`
  };
  /// \param milliseconds  -1: for ever.
  Event wait(std::string& bytes, int milliseconds);
  /// True where more bytes are there already.
  bool input_waits() const;

  void write(std::string_view bytes);
  /// Writes a question to the terminal itself and reads until `answered`, which takes the answers
  /// out of what came, says that all are there, or time is up. What is left was typed. For quiet().
  std::string ask(std::string_view question, const std::function<bool(std::string&)>& answered);
  /// Stops the process as Ctrl-Z does, and comes back raw.
  void stop();

  std::size_t columns() const;
  std::size_t rows() const;

 private:
  const InterruptWatch& watch_;
  termios before_ = {};
  bool changed_ = false;
};

}  // namespace quern::cli
