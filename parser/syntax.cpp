// Runs the grammar: fast (SLL, no recovery) first; where that fails, once more with messages. A
// mistyped clause word is mended and the statement read again, so that the mistakes behind it show
// as well.

#include "parser/syntax.h"

#include <algorithm>
#include <utility>

#include "QuernLexer.h"
#include "QuernParser.h"
#include "parser/clause_tokens.h"
#include "parser/query_end.h"
#include "parser/source_stream.h"
#include "parser/syntax_errors.h"
#include "parser/tree_builder.h"

namespace quern {
namespace {

using L = QuernLexer;

void append(Lexemes& out, const Lexemes& more) { out.insert(out.end(), more.begin(), more.end()); }

/// `[EXPLAIN [stage]] QUERY TO_CLAUSE verb ...`
Lexemes extended_tokens(std::string_view text, const Piece& piece) {
  const LexemeSpan lexemes = piece.lexemes;
  const auto query = query_begin(text, lexemes).value_or(0);
  const auto to = *piece.clause;
  Lexemes out(lexemes.begin(), lexemes.begin() + static_cast<std::ptrdiff_t>(query));
  out.push_back({L::QUERY, lexemes[query].begin, lexemes[to - 1].end});
  out.push_back({L::TO_CLAUSE, lexemes[to].begin, lexemes[to].end});
  out.push_back(lexemes[to + 1]);
  append(out, clause_tokens(text, lexemes.subspan(to + 2)));
  return out;
}

/// The query of `VERIFY MODEL m ON query` as one token.
Lexemes fold_query(const Lexemes& lexemes) {
  Lexemes out;
  for (std::size_t i = 0; i < lexemes.size(); ++i) {
    out.push_back(lexemes[i]);
    const bool opens = lexemes[i].type == L::ON && i > 2 && i + 1 < lexemes.size();
    if (!opens) continue;
    out.push_back({L::QUERY, lexemes[i + 1].begin, lexemes.back().end});
    break;
  }
  return out;
}

/// How many words name the form: SHOW MODELS, SET, DROP MODEL IF EXISTS, ...
std::size_t head_size(LexemeSpan form) {
  if (form.front().type == L::SET) return 1;
  const bool conditional = form.size() > 4 && form[2].type == L::IF && form[3].type == L::EXISTS;
  return std::min<std::size_t>(conditional ? 4 : 2, form.size());
}

Lexemes other_tokens(std::string_view text, const Piece& piece) {
  const auto begin = form_begin(text, piece.lexemes);
  const auto first = piece.lexemes[begin].type;
  const auto folded = first == L::VERIFY ? fold_query(piece.lexemes) : piece.lexemes;
  const auto head = begin + head_size(LexemeSpan(folded).subspan(begin));
  const auto operand = folded.begin() + static_cast<std::ptrdiff_t>(head);
  Lexemes out(folded.begin(), operand);
  Lexemes rest(operand, folded.end());
  // Behind the words that name the form stands a name, so a clause word is one; but not behind
  // IMPORT MODEL and ATTACH, where a string stands.
  const bool named = !rest.empty() && first != L::IMPORT && first != L::ATTACH;
  if (named && rest[0].type >= L::WITH && rest[0].type <= L::CONSTRAINT) rest[0].type = L::WORD;
  append(out, clause_tokens(text, rest));
  return out;
}

Lexemes grammar_tokens(std::string_view text, const Piece& piece) {
  return piece.clause ? extended_tokens(text, piece) : other_tokens(text, piece);
}

/// Everything ANTLR needs for one run over the same tokens.
class GrammarRun {
 public:
  GrammarRun(std::string_view text, const Lexemes& lexemes)
      : stream_(text), source_(make_tokens(lexemes)), tokens_(&source_), parser_(&tokens_) {
    parser_.removeErrorListeners();
  }

  /// The tree, or nullptr on any error.
  QuernParser::StatementContext* fast() {
    set_mode(antlr4::atn::PredictionMode::SLL);
    parser_.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
    try {
      return parser_.statement();
    } catch (const antlr4::ParseCancellationException&) {
      return nullptr;
    }
  }

  /// The tree, or nullptr after errors that `errors` has collected.
  QuernParser::StatementContext* careful(ErrorCollector& errors) {
    tokens_.seek(0);
    parser_.reset();
    set_mode(antlr4::atn::PredictionMode::LL);
    parser_.setErrorHandler(std::make_shared<ClauseErrorStrategy>());
    parser_.addErrorListener(&errors);
    auto* tree = parser_.statement();
    return errors.found().empty() ? tree : nullptr;
  }

 private:
  void set_mode(antlr4::atn::PredictionMode mode) {
    parser_.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
  }

  std::vector<std::unique_ptr<antlr4::Token>> make_tokens(const Lexemes& lexemes) {
    std::vector<std::unique_ptr<antlr4::Token>> out;
    out.reserve(lexemes.size() + 1);
    for (const auto& lexeme : lexemes) out.push_back(make_token(lexeme));
    const auto end = lexemes.back().end;
    out.push_back(make_token({antlr4::Token::EOF, end, end}));
    return out;
  }

  std::unique_ptr<antlr4::Token> make_token(const Lexeme& lexeme) {
    return std::make_unique<antlr4::CommonToken>(
        std::pair<antlr4::TokenSource*, antlr4::CharStream*>(nullptr, &stream_), lexeme.type,
        antlr4::Token::DEFAULT_CHANNEL, lexeme.begin, lexeme.end - 1);
  }

  SourceStream stream_;
  antlr4::ListTokenSource source_;
  antlr4::CommonTokenStream tokens_;
  QuernParser parser_;
};

void mend(Piece& piece, const Repair& repair) {
  for (auto& lexeme : piece.lexemes) {
    if (lexeme.begin == repair.begin) lexeme.type = repair.type;
  }
}

/// Parses a statement that may be mended on the way.
class StatementParser {
 public:
  StatementParser(std::string_view text, Piece piece) : text_(text), piece_(std::move(piece)) {}

  Result<ast::Statement> run() {
    if (const auto deep = too_deep(piece_.lexemes)) {
      return Diagnostic{.code = Code::syntax_error,
                        .message = "expression is nested too deeply",
                        .span = deep->span()};
    }
    while (errors_.size() < kMostErrors) {
      GrammarRun grammar(text_, grammar_tokens(text_, piece_));
      if (auto* tree = grammar.fast()) return build(*tree);
      ErrorCollector collector(text_);
      if (auto* tree = grammar.careful(collector)) return build(*tree);
      if (!take(collector)) break;
    }
    return sorted_errors();
  }

 private:
  /// Takes over what was found: the first mistyped clause word alone, if there is one, since the
  /// rest may follow from it. True when the mended piece should be parsed again.
  bool take(const ErrorCollector& collector) {
    const auto& repair = collector.repair();
    // A repair that did not help is not tried again.
    const bool tried =
        repair && !errors_.empty() && errors_.back().span.begin == repair->diagnostic.span.begin;
    if (repair && !tried) {
      errors_.push_back(repair->diagnostic);
      mend(piece_, *repair);
      return true;
    }
    if (tried) return false;
    errors_.insert(errors_.end(), collector.found().begin(), collector.found().end());
    return false;
  }

  /// Everything found, in the order of the text.
  Diagnostics sorted_errors() {
    const auto before = [](const Diagnostic& a, const Diagnostic& b) {
      return a.span.begin < b.span.begin;
    };
    std::stable_sort(errors_.begin(), errors_.end(), before);
    if (errors_.size() > kMostErrors) errors_.resize(kMostErrors);
    return errors_;
  }

  Result<ast::Statement> build(QuernParser::StatementContext& tree) {
    auto built = build_tree(text_, tree);
    if (!built) {
      const auto& more = built.errors();
      errors_.insert(errors_.end(), more.begin(), more.end());
    }
    if (errors_.empty()) return built;
    return sorted_errors();
  }

  std::string_view text_;
  Piece piece_;
  Diagnostics errors_;
};

}  // namespace

Result<ast::Statement> parse_statement(std::string_view text, const Piece& piece) {
  return StatementParser(text, piece).run();
}

}  // namespace quern
