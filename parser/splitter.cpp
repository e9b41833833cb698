// The splitter: a loop over the lexer with three small trackers, for brackets, for the BEGIN ...
// END bodies of stored routines, and for the TO that opens our clause.

#include "parser/splitter.h"

#include <algorithm>
#include <array>

#include "QuernLexer.h"
#include "base/similar.h"
#include "parser/query_end.h"

namespace quern {
namespace {

using L = QuernLexer;

/// Follows BEGIN ... END in CREATE TRIGGER, PROCEDURE, FUNCTION and EVENT, where semicolons
/// separate the statements of a body. CASE also ends in END; END IF, END LOOP and the like close
/// what is not counted.
class RoutineBody {
 public:
  bool open() const { return depth_ > 0; }

  void see(const Lexeme& lexeme, std::string_view text) {
    const auto word = lexeme.in(text);
    if (header_ == Header::unknown) read_header(word);
    if (header_ == Header::routine && previous_ != ".") count(word);
    previous_ = word;
  }

 private:
  enum class Header { start, unknown, routine, other };

  static bool is(std::string_view word, std::string_view keyword) {
    return equal_ignoring_case(word, keyword);
  }

  /// CREATE, then at most these words and a DEFINER, then what is created.
  void read_header(std::string_view word) {
    if (previous_.empty()) {
      if (!is(word, "CREATE")) header_ = Header::other;
      return;
    }
    constexpr std::array<std::string_view, 4> kinds{"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"};
    constexpr std::array<std::string_view, 6> skipped{"OR",        "REPLACE",    "TEMP",
                                                      "TEMPORARY", "CONSTRAINT", "AGGREGATE"};
    const auto same = [&](auto known) { return is(word, known); };
    if (std::any_of(kinds.begin(), kinds.end(), same)) {
      header_ = Header::routine;
    } else if (is(word, "DEFINER")) {
      in_definer_ = true;
    } else if (!in_definer_ && std::none_of(skipped.begin(), skipped.end(), same)) {
      header_ = Header::other;
    } else if (in_definer_ && (is(word, "VIEW") || is(word, "SQL"))) {
      header_ = Header::other;
    }
  }

  /// Behind a comma, an equal sign, AS or OF stands a name.
  bool begins_body(std::string_view word) const {
    return is(word, "BEGIN") && previous_ != "," && previous_ != "=" && !is(previous_, "AS") &&
           !is(previous_, "OF");
  }

  void count(std::string_view word) {
    const bool behind_end = is(previous_, "END");
    constexpr std::array<std::string_view, 5> loops{"IF", "WHILE", "LOOP", "REPEAT", "FOR"};
    const auto same = [&](auto known) { return is(word, known); };
    if (begins_body(word) || (is(word, "CASE") && !behind_end)) ++depth_;
    if (is(word, "END") && depth_ > 0) --depth_;
    if (behind_end && std::any_of(loops.begin(), loops.end(), same)) ++depth_;
  }

  Header header_ = Header::unknown;
  bool in_definer_ = false;
  int depth_ = 0;
  std::string_view previous_ = {};
};

}  // namespace

class Splitter::Impl {
 public:
  explicit Impl(std::string_view text) : stream_(text), lexer_(&stream_) {
    lexer_.removeErrorListeners();
  }

  std::optional<Piece> next(Dialect dialect);
  void skip_to(std::size_t offset) { stream_.seek(offset); }

 private:
  Lexeme pull() {
    const auto token = lexer_.nextToken();
    const auto type = token->getType() == antlr4::Token::EOF ? end_of_text : token->getType();
    return {type, token->getStartIndex(), token->getStopIndex() + 1};
  }
  bool ends_statement(const Lexeme& lexeme) const {
    if (lexeme.type != L::SEMI) return false;
    return piece_.clause || (depth_ <= 0 && !body_.open());
  }
  void add(const Lexeme& lexeme);
  void look_for_clause();
  bool opens_clause(std::size_t to) const;

  static constexpr std::size_t end_of_text = 0;
  SourceStream stream_;
  QuernLexer lexer_;
  Piece piece_;
  RoutineBody body_;
  int depth_ = 0;
  bool suspected_ = false;  ///< the last two lexemes are TO and a verb
};

std::optional<Piece> Splitter::Impl::next(Dialect dialect) {
  if (stream_.index() >= stream_.size()) return std::nullopt;
  lexer_.set_dialect(dialect);
  lexer_.set_in_clause(false);
  piece_ = {.lexemes = {}, .begin = stream_.index()};
  body_ = {};
  depth_ = 0;
  suspected_ = false;
  auto lexeme = pull();
  for (; lexeme.type != end_of_text && !ends_statement(lexeme); lexeme = pull()) add(lexeme);
  if (suspected_) piece_.clause = piece_.lexemes.size() - 2;
  piece_.terminated = lexeme.type != end_of_text;
  piece_.end = stream_.index();
  return std::move(piece_);
}

void Splitter::Impl::add(const Lexeme& lexeme) {
  piece_.lexemes.push_back(lexeme);
  if (lexeme.type == L::LPAREN) ++depth_;
  if (lexeme.type == L::RPAREN) --depth_;
  if (depth_ <= 0) body_.see(lexeme, stream_.text());
  if (!piece_.clause) look_for_clause();
}

/// TO and a verb make a suspicion; the lexeme behind them confirms or refutes it. Strings must be
/// read by our rules from the first one on, hence the early switch of the lexer.
void Splitter::Impl::look_for_clause() {
  const auto& lexemes = piece_.lexemes;
  const auto count = lexemes.size();
  if (suspected_) {
    suspected_ = false;
    if (!refutes_verb(stream_.text(), lexemes[count - 2], lexemes[count - 1])) {
      piece_.clause = count - 3;
      return;
    }
    lexer_.set_in_clause(false);
  }
  if (count < 3 || depth_ != 0 || !is_verb(lexemes.back())) return;
  suspected_ = lexemes[count - 2].type == L::TO && opens_clause(count - 2);
  lexer_.set_in_clause(suspected_);
}

bool Splitter::Impl::opens_clause(std::size_t to) const {
  const LexemeSpan before(piece_.lexemes.data(), to);
  const auto begin = query_begin(stream_.text(), before);
  return begin && can_end_query(stream_.text(), before.subspan(*begin));
}

Splitter::Splitter(std::string_view text) : impl_(std::make_unique<Impl>(text)) {}
Splitter::~Splitter() = default;

std::optional<Piece> Splitter::next(Dialect dialect) { return impl_->next(dialect); }

void Splitter::skip_to(std::size_t offset) { impl_->skip_to(offset); }

}  // namespace quern
