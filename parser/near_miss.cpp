// Mistyped verbs: statements that went to the database as plain SQL, were rejected, and look like
// ours.

#include <string>
#include <vector>

#include "base/similar.h"
#include "parser/parser.h"
#include "parser/query_end.h"
#include "parser/splitter.h"

namespace quern {
namespace {

/// `SHOW MODLES`, `DORP MODEL m`, `SET qern.threads`: the first two words of a form of ours,
/// mistyped.
std::optional<Diagnostic> mistyped_form(std::string_view text, LexemeSpan lexemes) {
  static const std::vector<std::string> forms{
      "SHOW MODELS",    "SHOW TRAIN",   "SHOW TRIALS",  "SHOW ATTRIBUTES", "DROP MODEL",
      "DESCRIBE MODEL", "EXPORT MODEL", "IMPORT MODEL", "VERIFY MODEL",    "SET quern"};
  if (lexemes.size() < 2) return std::nullopt;
  const auto written = std::string(lexemes[0].in(text)) + " " + std::string(lexemes[1].in(text));
  const auto meant = nearest(written, forms);
  if (meant.empty() || equal_ignoring_case(meant, written)) return std::nullopt;
  return Diagnostic{.code = Code::unknown_clause,
                    .message = "unknown statement `" + written + "`",
                    .span = lexemes[0].span().joined(lexemes[1].span()),
                    .hint = "did you mean `" + meant + "`?"};
}

Diagnostic without_to(std::string_view text, const Lexeme& verb) {
  const auto written = std::string(verb.in(text));
  const auto meant = equal_ignoring_case(written, "ANALYZE") ? "EXPLAIN" : written;
  return {.code = Code::unknown_clause,
          .message = "unknown clause `" + written + "`",
          .span = verb.span(),
          .hint = "did you mean `TO " + meant + "`?"};
}

}  // namespace

Diagnostic describe(std::string_view text, LexemeSpan lexemes, const MistypedVerb& verb) {
  const auto& word = lexemes[verb.index];
  return {.code = Code::unknown_clause,
          .message = "unknown clause `TO " + std::string(word.in(text)) + "`",
          .span = word.span(),
          .hint = "did you mean `TO " + std::string(verb.meant) + "`?"};
}

std::optional<Diagnostic> near_miss(std::string_view sql, Dialect dialect) {
  Splitter splitter(sql);
  while (const auto piece = splitter.next(dialect)) {
    if (const auto verb = find_mistyped_verb(sql, piece->lexemes)) {
      return describe(sql, piece->lexemes, *verb);
    }
    if (const auto verb = find_verb_without_to(sql, piece->lexemes))
      return without_to(sql, piece->lexemes[*verb]);
    const auto form = LexemeSpan(piece->lexemes).subspan(form_begin(sql, piece->lexemes));
    if (auto mistyped = mistyped_form(sql, form)) return mistyped;
  }
  return std::nullopt;
}

}  // namespace quern
