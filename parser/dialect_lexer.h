#pragma once
// Base class of the generated lexer: what a dialect decides about strings, names and comments. The
// grammar matches the opening character and asks here for the rest. Compiled as C++17 with the
// grammar.

#include <cstddef>
#include <string_view>

#include "base/dialect.h"
#include "parser/source_stream.h"

namespace quern {

/// Every close_... reads up to and over the end of what has just been opened; false when the text
/// ends first, and then everything is read.
class DialectLexer : public antlr4::Lexer {
 public:
  /// `input` is a SourceStream.
  explicit DialectLexer(antlr4::CharStream* input)
      : Lexer(input), stream_(static_cast<SourceStream&>(*input)) {}

  void set_dialect(Dialect dialect) { dialect_ = dialect; }
  /// Inside our clauses a backslash escapes a quote in every dialect, as in SQLFlow.
  void set_in_clause(bool in_clause) { in_clause_ = in_clause; }

 protected:
  bool close_string();
  bool close_escape_string();
  bool close_backtick();
  bool close_dollar_string();
  bool close_comment();
  void close_line();

  bool has_dollar_strings() const { return dialect_ == Dialect::duckdb || is_postgres(); }
  bool is_dash_comment();
  bool is_hash_comment() const { return dialect_ == Dialect::mysql; }
  /// MySQL runs what stands in `/*! */`.
  bool is_executable_comment();

 private:
  bool is_postgres() const { return dialect_ == Dialect::postgres; }
  bool close_quote(char quote, bool backslash);
  bool close_nested_comment();
  std::string_view text() const { return stream_.text(); }
  bool stop_at(std::size_t end);

  SourceStream& stream_;
  Dialect dialect_ = Dialect::duckdb;
  bool in_clause_ = false;
};

}  // namespace quern
