// The reader: takes piece after piece from the splitter, says whose each is, and gives ours to the
// grammar. Everything else leaves as it came.

#include "parser/parser.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "QuernLexer.h"
#include "base/similar.h"
#include "base/utf8.h"
#include "parser/query_end.h"
#include "parser/source_stream.h"
#include "parser/splitter.h"
#include "parser/syntax.h"
#include "parser/token_kinds.h"

namespace quern {
namespace {

using L = QuernLexer;

std::vector<std::size_t> invalid_bytes(std::string_view text) {
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = decode_utf8(text, at);
    if (!point.valid) out.push_back(at);
    at += point.size;
  }
  return out;
}

Diagnostic invalid_utf8_at(std::string_view text, std::size_t at) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(text[at]);
  return {.code = Code::invalid_utf8,
          .message = std::string("byte 0x") + digits[byte >> 4U] + digits[byte & 15U] +
                     " is not valid UTF-8",
          .span = {at, at + 1},
          .hint = "save the script as UTF-8"};
}

Diagnostic not_closed(std::string_view text, const Lexeme& lexeme) {
  const auto source = lexeme.in(text);
  const auto diagnose = [&](std::string_view what, std::size_t opening) {
    return Diagnostic{.code = Code::unterminated,
                      .message = std::string(what) + " is not closed",
                      .span = {lexeme.begin, lexeme.begin + opening}};
  };
  switch (source.front()) {
    case '/': return diagnose("comment", 2);
    case '`': return diagnose("quoted name", 1);
    case '"': return diagnose("quoted name or string", 1);
    case '$': return diagnose("dollar-quoted string", source.find('$', 1) + 1);
    case '\'': return diagnose("string", 1);
    default: return diagnose("string", 2);  // E'...'
  }
}

bool is_name_like(const Lexeme& lexeme) {
  return is_word(lexeme) || lexeme.type == L::BACKTICK || lexeme.type == L::STRING;
}

/// SHOW MODELS and the like, only in their own shape: other databases have other SHOWs.
bool is_our_show(LexemeSpan lexemes) {
  const auto count = lexemes.size();
  const auto second = count > 1 ? lexemes[1].type : 0;
  if (second == L::MODELS) {
    return count == 2 || (count == 4 && lexemes[2].type == L::LIKE && lexemes[3].type == L::STRING);
  }
  const bool named = second == L::TRAIN || second == L::TRIALS || second == L::ATTRIBUTES;
  return named && count > 2 && is_name_like(lexemes[2]);
}

/// ATTACH with a URI of ours; with options in parentheses it is DuckDB's own.
bool is_our_attach(std::string_view text, LexemeSpan lexemes) {
  if (lexemes.size() < 2 || lexemes[1].type != L::STRING) return false;
  constexpr std::array<std::string_view, 5> schemes{"postgresql://", "postgres://", "mysql://",
                                                    "sqlite:", "duckdb:"};
  const auto uri = lexemes[1].in(text).substr(1);
  const auto opens = [&](auto scheme) {
    return equal_ignoring_case(uri.substr(0, scheme.size()), scheme);
  };
  const bool options = std::any_of(lexemes.begin(), lexemes.end(),
                                   [](const Lexeme& lexeme) { return lexeme.type == L::LPAREN; });
  return !options && std::any_of(schemes.begin(), schemes.end(), opens);
}

bool is_ours(std::string_view text, const Piece& piece) {
  if (piece.clause) return true;
  const auto lexemes = LexemeSpan(piece.lexemes).subspan(form_begin(text, piece.lexemes));
  if (lexemes.empty()) return false;
  const auto count = lexemes.size();
  const bool model = count > 1 && lexemes[1].type == L::MODEL;
  switch (lexemes.front().type) {
    case L::SHOW: return is_our_show(lexemes);
    case L::DROP:
    case L::EXPORT:
    case L::IMPORT:
    case L::VERIFY: return model;
    case L::DESCRIBE: return model && count > 2;
    case L::ATTACH: return is_our_attach(text, lexemes);
    case L::SET:
      return count > 2 && lexemes[2].type == L::DOT &&
             equal_ignoring_case(lexemes[1].in(text), "quern");
    default: return false;
  }
}

ast::Statement plain_sql(std::string_view text, const Lexemes& lexemes) {
  const SourceSpan span{lexemes.front().begin, lexemes.back().end};
  return {ast::PlainSql{std::string(text.substr(span.begin, span.size())), span}, span};
}

/// What no database could take and is not ours either, only nearly.
std::optional<Diagnostic> certain_miss(std::string_view text, const Lexemes& lexemes) {
  if (lexemes.size() > 1 && lexemes[0].type == L::TO && is_verb(lexemes[1])) {
    return Diagnostic{.code = Code::missing_clause,
                      .message = "a query is missing before `TO`",
                      .span = lexemes[0].span().joined(lexemes[1].span()),
                      .hint = "begin with the rows, for example `SELECT * FROM my_table`"};
  }
  const auto mistyped = find_mistyped_verb(text, lexemes);
  if (!mistyped || !mistyped->certain) return std::nullopt;
  return describe(text, lexemes, *mistyped);
}

Result<std::optional<ast::Statement>> read_statement(std::string_view text, const Piece& piece) {
  if (!is_ours(text, piece)) {
    if (auto miss = certain_miss(text, piece.lexemes)) return *std::move(miss);
    return std::optional(plain_sql(text, piece.lexemes));
  }
  QUERN_TRY(auto statement, parse_statement(text, piece));
  return std::optional(std::move(statement));
}

}  // namespace

class StatementReader::Impl {
 public:
  explicit Impl(std::string_view text)
      : text_(text), invalid_(invalid_bytes(text)), splitter_(text) {}

  Result<std::optional<ast::Statement>> next(Dialect dialect) {
    while (auto piece = splitter_.next(dialect)) {
      if (const auto bad = first_invalid(piece->end)) return invalid_utf8_at(text_, *bad);
      if (piece->lexemes.empty()) continue;
      if (piece->lexemes.back().type == L::UNTERMINATED) {
        return not_closed(text_, piece->lexemes.back());
      }
      return read_statement(text_, *piece);
    }
    return std::optional<ast::Statement>();
  }

 private:
  /// The first invalid byte before `end` that was not reported with an earlier statement.
  std::optional<std::size_t> first_invalid(std::size_t end) {
    const auto first = next_invalid_;
    while (next_invalid_ < invalid_.size() && invalid_[next_invalid_] < end) ++next_invalid_;
    return first == next_invalid_ ? std::nullopt : std::optional(invalid_[first]);
  }

  std::string_view text_;
  std::vector<std::size_t> invalid_;
  std::size_t next_invalid_ = 0;
  Splitter splitter_;
};

StatementReader::StatementReader(std::string_view text) : impl_(std::make_unique<Impl>(text)) {}
StatementReader::~StatementReader() = default;
StatementReader::StatementReader(StatementReader&&) noexcept = default;
StatementReader& StatementReader::operator=(StatementReader&&) noexcept = default;

Result<std::optional<ast::Statement>> StatementReader::next(Dialect dialect) {
  return impl_->next(dialect);
}

bool needs_more_input(std::string_view text, Dialect dialect) {
  Splitter splitter(text);
  while (const auto piece = splitter.next(dialect)) {
    if (!piece->terminated) return !piece->lexemes.empty();
  }
  return false;
}

}  // namespace quern
