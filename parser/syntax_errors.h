#pragma once
// Friendly syntax errors: what was expected, in words, what was found, and what was probably meant.
// Includes ANTLR: for syntax.cpp only.

#include <optional>
#include <string_view>

#include "antlr4-runtime.h"
#include "base/diagnostic.h"

namespace quern {

/// Of one statement; what is wrong beyond them is not put into words.
inline constexpr std::size_t kMostErrors = 10;

/// A mistyped clause word: what stands at byte `begin` should have had token type `type`.
struct Repair {
  std::size_t begin;
  std::size_t type;
  Diagnostic diagnostic;
};

/// Reports every error where it is, without inventing or dropping tokens, and goes on behind it.
class ClauseErrorStrategy final : public antlr4::DefaultErrorStrategy {
 public:
  /// Checks the next token against everything that may follow, callers included: the default looks
  /// at the current rule alone and complains late.
  void sync(antlr4::Parser* parser) override;

 protected:
  bool singleTokenInsertion(antlr4::Parser*) override { return false; }
  antlr4::Token* singleTokenDeletion(antlr4::Parser*) override { return nullptr; }
};

/// Turns ANTLR's reports into diagnostics: kMostErrors of them, and each mistyped clause word.
class ErrorCollector final : public antlr4::BaseErrorListener {
 public:
  explicit ErrorCollector(std::string_view text) : text_(text) {}

  void syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t line,
                   std::size_t column, const std::string& message,
                   std::exception_ptr error) override;

  const Diagnostics& found() const { return found_; }
  /// The first mistyped clause word among the errors.
  const std::optional<Repair>& repair() const { return repair_; }

 private:
  bool follows_from_last(antlr4::Token* offending) const;
  void report_mistyped(SourceSpan word, std::string_view meant, std::size_t type);

  std::string_view text_;
  Diagnostics found_;
  std::optional<Repair> repair_;
};

}  // namespace quern
