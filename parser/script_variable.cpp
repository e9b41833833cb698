// A colon has many uses in SQL: `a::int`, `list[1:n]`, `{'key':value}`, `alias:1`. It opens a
// variable where the name or string behind it touches it, and nothing before it touches it that
// could be an operand; inside a subscript never, and inside braces not behind a key.

#include "parser/script_variable.h"

#include <algorithm>
#include <cctype>

#include "QuernLexer.h"
#include "base/similar.h"

namespace quern {
namespace {

using L = QuernLexer;
using Form = VariableUse::Form;

bool is_word(const Lexeme& lexeme) {
  return lexeme.type == L::WORD || (lexeme.type >= L::WITH && lexeme.type <= L::NULL_);
}

/// What can stand in front of a binary operator.
bool ends_operand(const Lexeme& lexeme) {
  switch (lexeme.type) {
    case L::NUMBER:
    case L::STRING:
    case L::ESCAPE_STRING:
    case L::DOLLAR_STRING:
    case L::BACKTICK:
    case L::PARAMETER:
    case L::RPAREN:
    case L::RBRACKET:
    case L::RBRACE: return true;
    default: return is_word(lexeme);
  }
}

class Finder {
 public:
  Finder(std::string_view text, const Piece& piece)
      : text_(text), piece_(piece), lexemes_(piece.lexemes) {}

  std::vector<VariableUse> find() {
    for (std::size_t i = 0; i < lexemes_.size(); ++i) {
      follow_brackets(i);
      if (lexemes_[i].type == L::COLON && at_colon(i))
        ++i;
      else if (lexemes_[i].type == L::LBRACE && at_brace(i))
        i += 2;
    }
    return std::move(found_);
  }

 private:
  enum class Bracket { round, list, subscript, braces };

  bool touches_previous(std::size_t i) const {
    return i > 0 && lexemes_[i - 1].touches(lexemes_[i]);
  }

  void follow_brackets(std::size_t i) {
    switch (lexemes_[i].type) {
      case L::LPAREN: open_.push_back(Bracket::round); break;
      case L::LBRACE: open_.push_back(Bracket::braces); break;
      case L::LBRACKET:
        open_.push_back(touches_previous(i) && ends_operand(lexemes_[i - 1]) ? Bracket::subscript
                                                                             : Bracket::list);
        break;
      case L::RPAREN:
      case L::RBRACKET:
      case L::RBRACE:
        if (!open_.empty()) open_.pop_back();
        break;
      default: break;
    }
  }

  void add(std::string_view name, Form form, std::size_t index, SourceSpan span) {
    found_.push_back({std::string(name), form, piece_.clause && index > *piece_.clause, span});
  }

  /// `:name`, `:'name'`, `:"name"`
  bool at_colon(std::size_t i) {
    if (i + 1 == lexemes_.size() || !lexemes_[i].touches(lexemes_[i + 1])) return false;
    if (i > 0 && !may_stand_behind(i)) return false;
    const auto& next = lexemes_[i + 1];
    const auto span = lexemes_[i].span().joined(next.span());
    auto name = next.in(text_);
    if (is_word(next)) {
      name = name.substr(0, name.find('$'));  // `:a$b` is no name of a variable
      add(name, Form::bare, i, {span.begin, lexemes_[i].end + name.size()});
      return true;
    }
    if (next.type != L::STRING) return false;
    const auto form = name.front() == '"' ? Form::name : Form::string;
    add(name.substr(1, name.size() - 2), form, i, span);
    return true;
  }

  bool may_stand_behind(std::size_t i) const {
    const auto& previous = lexemes_[i - 1];
    const bool touches = touches_previous(i);
    if (touches && (previous.type == L::COLON || ends_operand(previous))) return false;
    if (open_.empty()) return true;
    if (open_.back() == Bracket::subscript) return false;
    return open_.back() != Bracket::braces || !ends_operand(previous);
  }

  /// `${name}`: the lexer takes the dollar for the end of a word or for a character of its own.
  bool at_brace(std::size_t i) {
    const bool dollar = touches_previous(i) && text_[lexemes_[i].begin - 1] == '$';
    if (!dollar || i + 2 >= lexemes_.size()) return false;
    const auto& name = lexemes_[i + 1];
    if (!is_word(name) || lexemes_[i + 2].type != L::RBRACE) return false;
    if (lexemes_[i - 1].type != L::OTHER && lexemes_[i - 1].type != L::WORD) return false;
    open_.pop_back();
    add(name.in(text_), Form::bare, i, {lexemes_[i].begin - 1, lexemes_[i + 2].end});
    return true;
  }

  std::string_view text_;
  const Piece& piece_;
  const Lexemes& lexemes_;
  std::vector<Bracket> open_;
  std::vector<VariableUse> found_;
};

bool letter(unsigned char c) { return std::isalpha(c) != 0 || c == '_' || c >= 0x80; }
bool digit(unsigned char c) { return std::isdigit(c) != 0; }

/// An optional sign, digits with at most one point, an optional exponent.
bool is_number(std::string_view value) {
  std::size_t at = !value.empty() && (value[0] == '-' || value[0] == '+') ? 1 : 0;
  const auto digits = [&] {
    const auto begin = at;
    while (at < value.size() && digit(static_cast<unsigned char>(value[at]))) ++at;
    return at - begin;
  };
  auto count = digits();
  if (at < value.size() && value[at] == '.') {
    ++at;
    count += digits();
  }
  if (count == 0) return false;
  if (at < value.size() && (value[at] == 'e' || value[at] == 'E')) {
    ++at;
    if (at < value.size() && (value[at] == '-' || value[at] == '+')) ++at;
    if (digits() == 0) return false;
  }
  return at == value.size();
}

/// One name, or several joined by dots.
bool is_dotted_name(std::string_view value) {
  while (true) {
    const auto dot = value.find('.');
    if (!is_variable_name(value.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    value.remove_prefix(dot + 1);
  }
}

std::string enclosed(std::string_view value, char quote, bool backslash) {
  std::string out(1, quote);
  for (const char c : value) {
    if (c == quote || (backslash && c == '\\')) out += c;
    out += c;
  }
  return out + quote;
}

/// Behind another word only more of it may follow: `t_${day}` with the value 20240229.
bool is_part_of_word(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return letter(static_cast<unsigned char>(c)) || digit(static_cast<unsigned char>(c));
  });
}

/// As much of a value as a message can bear, in whole code points.
std::string beginning(const std::string& value) {
  constexpr std::size_t kShown = 60;
  if (value.size() <= kShown) return value;
  auto end = kShown;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
  return value.substr(0, end) + "...";
}

}  // namespace

bool is_variable_name(std::string_view name) {
  return is_part_of_word(name) && !digit(static_cast<unsigned char>(name.front()));
}

std::vector<VariableUse> find_variables(std::string_view text, const Piece& piece) {
  return Finder(text, piece).find();
}

Result<void> take_room(std::size_t bytes, std::size_t& room, SourceSpan span) {
  if (bytes <= room) {
    room -= bytes;
    return {};
  }
  room = 0;
  return Diagnostic{Code::variable_value, "the values of variables make more than 16 MiB of text",
                    span, "a value that is made of itself grows with each \\set"};
}

Result<std::string> value_of(const VariableUse& use, const Variables& variables, Dialect dialect,
                             std::size_t& room) {
  const auto found = variables.find(use.name);
  if (found == variables.end()) {
    std::vector<std::string> names;
    for (const auto& [name, value] : variables) names.push_back(name);
    return Diagnostic{
        Code::unknown_variable, "unknown variable: " + use.name, use.span,
        suggest(use.name, names, "give it a value with `-v " + use.name + "=...` or `\\set`")};
  }
  const auto& value = found->second;
  QUERN_CHECK(take_room(value.size(), room, use.span));
  const bool mysql = dialect == Dialect::mysql;
  if (value.find('\0') != std::string::npos) {
    return Diagnostic{Code::variable_value, "value of " + use.name + " holds a zero byte",
                      use.span};
  }
  if (use.form == Form::string) return enclosed(value, '\'', use.in_clause || mysql);
  if (use.form == Form::name) {
    return mysql ? enclosed(value, '`', false) : enclosed(value, '"', use.in_clause);
  }
  if (is_number(value))
    return value[0] == '-' ? " " + value : value;  // a second dash would open a comment
  if (is_dotted_name(value)) return value;
  return Diagnostic{Code::variable_value,
                    "value of " + use.name + " is neither a number nor a name: " + beginning(value),
                    use.span,
                    "write `:'" + use.name + "'` for text, `:\"" + use.name + "\"` for a name"};
}

}  // namespace quern
