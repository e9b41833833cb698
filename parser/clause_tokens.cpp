// Clause words as names, joined bare words, and the limit on nesting.

#include "parser/clause_tokens.h"

#include <algorithm>
#include <array>
#include <string>

#include "QuernLexer.h"
#include "base/similar.h"
#include "parser/token_kinds.h"

namespace quern {
namespace {

using L = QuernLexer;

bool is_clause_word(const Lexeme& lexeme) {
  return lexeme.type >= L::WITH && lexeme.type <= L::CONSTRAINT;
}

/// Operators of formulas: those of values, and logic.
bool joins_operands(std::size_t type) {
  return is_operator(type) || type == L::AND || type == L::OR || type == L::NOT;
}

bool is_opening(std::size_t type) {
  return type == L::LPAREN || type == L::LBRACKET || type == L::LBRACE;
}

bool is_closing(std::size_t type) {
  return type == L::RPAREN || type == L::RBRACKET || type == L::RBRACE;
}

bool is_separator(std::size_t type) {
  return type == L::COMMA || type == L::DOT || type == L::COLON || type == L::AT;
}

bool is_mistyped_clause_word(std::string_view word) {
  static const std::vector<std::string> words{"WITH",  "COLUMN", "LABEL",     "TARGET",
                                              "USING", "INTO",   "CONSTRAINT"};
  return !nearest(word, words).empty();
}

/// Turns clause words into names where they can be nothing else. Walks from left to right and knows
/// whether an operand must come next.
class NameFinder {
 public:
  NameFinder(std::string_view text, Lexemes& lexemes) : text_(text), lexemes_(lexemes) {}

  void run() {
    bool operand_expected = true;
    for (std::size_t i = 0; i < lexemes_.size(); ++i) {
      auto& lexeme = lexemes_[i];
      if (is_clause_word(lexeme) && is_name(i, operand_expected)) lexeme.type = L::WORD;
      operand_expected = expects_operand(lexeme, operand_expected);
    }
  }

 private:
  static bool expects_operand(const Lexeme& lexeme, bool expected) {
    if (lexeme.type == L::STAR) return !expected;  // `COLUMN *` is an operand, `2 *` is not
    return is_clause_word(lexeme) || is_opening(lexeme.type) || is_separator(lexeme.type) ||
           joins_operands(lexeme.type);
  }

  std::size_t type_at(std::size_t i) const { return i < lexemes_.size() ? lexemes_[i].type : 0; }

  /// True where what follows can follow a name: `label = 1`, `label, x`, `label.x`, `label * 2`.
  bool followed_as_name(std::size_t i) const {
    const auto next = type_at(i + 1);
    return next == L::LPAREN || is_closing(next) || is_separator(next) ||
           (joins_operands(next) && next != L::NOT);
  }

  /// True where it can also begin the operand of a clause: `COLUMN *`, `CONSTRAINT (a + b)`.
  bool followed_as_clause(std::size_t i) const {
    const auto type = type_at(i), next = type_at(i + 1);
    if (type != L::COLUMN && type != L::CONSTRAINT) return false;
    return next == L::LPAREN || next == L::MINUS || next == L::PLUS ||
           (next == L::STAR && type == L::COLUMN);
  }

  bool acts_as_clause_word(std::size_t i) const {
    if (followed_as_name(i) && !followed_as_clause(i)) return false;
    const auto& lexeme = lexemes_[i];
    if (is_clause_word(lexeme)) return true;
    return lexeme.type == L::WORD && is_mistyped_clause_word(lexeme.in(text_));
  }

  bool is_name(std::size_t i, bool operand_expected) const {
    const auto next = type_at(i + 1);
    if (i > 0 && type_at(i - 1) == L::DOT && lexemes_[i - 1].touches(lexemes_[i])) return true;
    // `a = 1 label = 2` lacks a comma; `WITH = 2` lacks a name.
    if (!operand_expected) return next == L::EQ && type_at(i) != L::WITH;
    // Directly behind the verb, `COLUMN *` is a clause and the operand is missing.
    if (followed_as_name(i)) return i > 0 || !followed_as_clause(i);
    if (i + 1 == lexemes_.size()) return true;
    // `LABEL label INTO m` against `LABEL INTO m`, where the label was forgotten.
    return acts_as_clause_word(i + 1) && i + 2 < lexemes_.size();
  }

  std::string_view text_;
  Lexemes& lexemes_;
};

/// Joins words, as SQLFlow does.
class WordJoiner {
 public:
  WordJoiner(std::string_view text, const Lexemes& lexemes) : text_(text), lexemes_(lexemes) {}

  Lexemes run() {
    Lexemes out;
    out.reserve(lexemes_.size());
    for (std::size_t i = 0; i < lexemes_.size();) {
      const auto end = starts_word(i) ? joined_end(i) : i + 1;
      count_braces(lexemes_[i].type);
      if (end > i + 1) {
        out.push_back({L::BARE_WORD, lexemes_[i].begin, lexemes_[end - 1].end});
      } else {
        out.push_back(lexemes_[i]);
      }
      i = end;
    }
    return out;
  }

 private:
  bool starts_word(std::size_t i) const {
    return is_word(lexemes_[i]) && !is_clause_word(lexemes_[i]);
  }

  void count_braces(std::size_t type) {
    if (type == L::LBRACE) ++braces_;
    if (type == L::RBRACE) --braces_;
  }

  bool joins(std::size_t type) const {
    return type == L::MINUS || type == L::SLASH || (type == L::COLON && braces_ == 0);
  }

  bool is_part(const Lexeme& lexeme) const { return is_word(lexeme) || lexeme.type == L::NUMBER; }

  /// Behind a number a word may follow at once, and behind anything a number with a leading dot:
  /// `v0.2`.
  bool continues(std::size_t last, std::size_t next) const {
    const auto& lexeme = lexemes_[next];
    const bool dotted = lexeme.type == L::NUMBER && text_[lexeme.begin] == '.';
    return dotted || (lexemes_[last].type == L::NUMBER && is_part(lexeme));
  }

  /// Index behind the joined word that begins at `i`; i + 1 where nothing but dots joins.
  std::size_t joined_end(std::size_t i) const {
    bool joined = false;
    auto last = i;
    while (last + 1 < lexemes_.size() && lexemes_[last].touches(lexemes_[last + 1])) {
      const auto next = last + 1;
      if (continues(last, next)) {
        last = next;
        continue;
      }
      const auto type = lexemes_[next].type;
      if (!joins(type) && type != L::DOT) break;
      const bool part_follows = next + 1 < lexemes_.size() && is_part(lexemes_[next + 1]) &&
                                lexemes_[next].touches(lexemes_[next + 1]);
      if (!part_follows) break;
      joined = joined || joins(type);
      last = next + 1;
    }
    return joined ? last + 1 : i + 1;
  }

  std::string_view text_;
  const Lexemes& lexemes_;
  int braces_ = 0;
};

constexpr std::size_t deepest = 500;

}  // namespace

Lexemes clause_tokens(std::string_view text, LexemeSpan lexemes) {
  Lexemes out(lexemes.begin(), lexemes.end());
  NameFinder(text, out).run();
  return WordJoiner(text, out).run();
}

std::optional<Lexeme> too_deep(LexemeSpan lexemes) {
  // Per open bracket: the height of the expression being read, and of the highest one before it. A
  // chain of operators is a tree as high as it is long.
  struct Level {
    std::size_t height = 0;
    std::size_t highest = 0;
  };
  std::vector<Level> levels(1);
  for (const auto& lexeme : lexemes) {
    auto& level = levels.back();
    if (joins_operands(lexeme.type)) ++level.height;
    if (lexeme.type == L::COMMA || is_clause_word(lexeme)) {
      level.highest = std::max(level.highest, level.height);
      level.height = 0;
    }
    if (is_opening(lexeme.type)) levels.emplace_back();
    if (is_closing(lexeme.type) && levels.size() > 1) {
      const auto inner = std::max(levels.back().height, levels.back().highest);
      levels.pop_back();
      levels.back().height += inner + 1;
    }
    if (levels.size() > deepest || levels.back().height > deepest) return lexeme;
  }
  return std::nullopt;
}

}  // namespace quern
