#pragma once
// Cuts a script into statements, token by token, and finds the TO that opens one of our clauses on
// the way, because strings behind it follow our rules and a semicolon behind it always ends the
// statement.

#include <memory>
#include <optional>
#include <string_view>

#include "base/dialect.h"
#include "parser/lexeme.h"

namespace quern {

/// The tokens of one statement, its semicolon left out.
struct Piece {
  Lexemes lexemes;
  std::size_t begin =
      0;  ///< of the bytes read for it: white space, comments and semicolon included
  std::size_t end = 0;
  bool terminated = false;                 ///< by a semicolon, not by the end of the text
  std::optional<std::size_t> clause = {};  ///< index of the TO that opens our clause
};

/// Reads one piece after the other, never beyond its semicolon, so that each may have its own
/// dialect. `text` must outlive the splitter. Cost: linear in the text, over all calls.
class Splitter {
 public:
  explicit Splitter(std::string_view text);
  ~Splitter();

  /// The next piece; one without lexemes is an empty statement. Nullopt at the end of the text.
  std::optional<Piece> next(Dialect dialect);

  /// Goes on at `offset`, which lies behind the last piece and not at the end of the text.
  void skip_to(std::size_t offset);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quern
