// The wording of syntax errors. ANTLR says which tokens may come; the rule it stands in says what
// they mean there: a WORD behind LABEL is a column, behind INTO a model.

#include "parser/syntax_errors.h"

#include <algorithm>
#include <array>

#include "QuernParser.h"
#include "base/similar.h"

namespace quern {
namespace {

using P = QuernParser;
using antlr4::misc::IntervalSet;

struct Spelled {
  std::size_t type;
  std::string_view text;
};

constexpr std::array<Spelled, 10> clause_words{{{P::WITH, "WITH"},
                                                {P::COLUMN, "COLUMN"},
                                                {P::LABEL, "LABEL"},
                                                {P::LABEL, "TARGET"},
                                                {P::USING, "USING"},
                                                {P::INTO, "INTO"},
                                                {P::CMD, "CMD"},
                                                {P::CONSTRAINT, "CONSTRAINT"},
                                                {P::FOR, "FOR"},
                                                {P::AS, "AS"}}};

constexpr std::array<Spelled, 6> punctuation{{{P::EQ, "`=`"},
                                              {P::COLON, "`:`"},
                                              {P::COMMA, "`,`"},
                                              {P::RPAREN, "`)`"},
                                              {P::RBRACKET, "`]`"},
                                              {P::RBRACE, "`}`"}}};

constexpr std::array<Spelled, 8> other_words{{{P::MODEL, "MODEL"},
                                              {P::LIKE, "LIKE"},
                                              {P::EXISTS, "EXISTS"},
                                              {P::TO, "TO"},
                                              {P::ON, "ON"},
                                              {P::BY, "BY"},
                                              {P::AS, "AS"},
                                              {P::LPAREN, "`(`"}}};

bool opens_clause(std::size_t type) { return type != P::FOR && type != P::AS; }

/// Where the parser stands: what may come, in which rule, behind which token.
struct Place {
  IntervalSet expected;
  antlr4::ParserRuleContext* rule;
  antlr4::Token* previous;
  antlr4::Token* next;    ///< behind the one that cannot stand here; may be null
  antlr4::Token* before;  ///< the previous one; may be null
  bool may_come(std::size_t type) const { return expected.contains(type); }
};

bool has(antlr4::ParserRuleContext* rule, std::size_t type) {
  return rule->getToken(type, 0) != nullptr;
}

std::string_view verb_operand(antlr4::ParserRuleContext* rule) {
  if (dynamic_cast<P::TrainContext*>(rule) != nullptr) return "an estimator";
  if (dynamic_cast<P::PredictContext*>(rule) != nullptr) return "a table name";
  if (dynamic_cast<P::RunContext*>(rule) != nullptr) return "a program";
  if (dynamic_cast<P::OptimizeContext*>(rule) != nullptr) return "an expression";
  return "a model name";
}

std::string_view form_operand(antlr4::ParserRuleContext* rule) {
  const bool set = dynamic_cast<P::SetOptionContext*>(rule) != nullptr;
  if (set) return has(rule, P::EQ) || has(rule, P::TO) ? "a value" : "a name";
  if (dynamic_cast<P::AttachContext*>(rule) != nullptr) return "a name";
  if (dynamic_cast<P::ShowAttributesContext*>(rule) != nullptr) return "an estimator";
  return "a model name";
}

/// What a name or a value means in `rule`; empty where the rule around it knows.
std::string_view meaning(antlr4::ParserRuleContext* rule) {
  switch (rule->getRuleIndex()) {
    case P::RuleWithClause: return "an attribute name";
    case P::RuleAttribute: return has(rule, P::EQ) ? "an attribute value" : "an attribute name";
    case P::RuleEntry: return has(rule, P::COLON) ? "a value" : "a key";
    case P::RuleArguments: return "an argument";
    case P::RuleCmdClause: return "an argument";
    case P::RulePrimary:
      if (dynamic_cast<P::ListContext*>(rule) != nullptr) return "a list item";
      if (dynamic_cast<P::MapContext*>(rule) != nullptr) return "a key";
      return "";
    case P::RuleColumnClause: return has(rule, P::FOR) ? "a target name" : "a column";
    case P::RuleLabelClause: return "a column";
    case P::RuleUsingModel:
    case P::RuleIntoModel:
    case P::RuleModelName: return "a model name";
    case P::RuleUsingExplainer: return "an explainer";
    case P::RuleUsingSolver: return "a solver";
    case P::RuleIntoTable:
    case P::RuleIntoTables: return "a table name";
    case P::RulePredictTarget: return has(rule, P::AS) ? "a column name" : "a table name";
    case P::RuleConstraint:
    case P::RuleFormula: return "an expression";
    case P::RuleVerb: return verb_operand(rule);
    case P::RuleForm: return form_operand(rule);
    default: return "";
  }
}

std::string operand_words(const Place& place) {
  const auto before = place.previous == nullptr ? 0 : place.previous->getType();
  if (before == P::DOT) return "a name";
  for (auto* rule = place.rule; rule != nullptr;
       rule = dynamic_cast<antlr4::ParserRuleContext*>(rule->parent)) {
    if (const auto words = meaning(rule); !words.empty()) return std::string(words);
  }
  return "a name";
}

std::vector<std::string> clause_names(const Place& place) {
  std::vector<std::string> out;
  for (const auto& word : clause_words) {
    if (opens_clause(word.type) && word.text != "TARGET" && place.may_come(word.type)) {
      out.emplace_back(word.text);
    }
  }
  return out;
}

void add_operand(const Place& place, std::vector<std::string>& out) {
  if (place.may_come(P::WORD)) {
    out.push_back(operand_words(place));
  } else if (place.may_come(P::STRING)) {
    out.emplace_back("a quoted string");
  } else if (place.may_come(P::QUERY)) {
    out.emplace_back("a query");
  } else if (place.may_come(P::NUMBER)) {
    const bool version = place.previous != nullptr && place.previous->getType() == P::AT;
    out.emplace_back(version ? "a version number" : "a number");
  }
}

/// "`,`, a clause or the end of the statement"
std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

std::string expected_words(const Place& place) {
  std::vector<std::string> out;
  add_operand(place, out);
  for (const auto& mark : punctuation) {
    if (place.may_come(mark.type)) out.emplace_back(mark.text);
  }
  const auto clauses = clause_names(place);
  if (clauses.size() > 1) out.emplace_back("a clause");
  if (clauses.size() == 1) out.push_back(clauses.front());
  if (place.may_come(antlr4::Token::EOF)) out.emplace_back("the end of the statement");
  for (const auto& word : other_words) {
    if (out.empty() && place.may_come(word.type)) out.emplace_back(word.text);
  }
  return joined(out);
}

SourceSpan span_of(antlr4::Token* token) {
  return {token->getStartIndex(), token->getStopIndex() + 1};
}

/// What the user may have meant by a word that cannot stand here.
std::optional<Spelled> meant_clause_word(const Place& place, std::string_view word) {
  std::vector<std::string> known;
  for (const auto& candidate : clause_words) {
    if (place.may_come(candidate.type)) known.emplace_back(candidate.text);
  }
  const auto found = nearest(word, known);
  const auto same =
      std::find_if(clause_words.begin(), clause_words.end(),
                   [&](const Spelled& known_word) { return known_word.text == found; });
  return same == clause_words.end() ? std::nullopt : std::optional(*same);
}

/// The clauses of the statement that `rule` is in.
std::vector<std::size_t> clauses_of(antlr4::ParserRuleContext* rule) {
  for (; rule != nullptr; rule = dynamic_cast<antlr4::ParserRuleContext*>(rule->parent)) {
    if (dynamic_cast<P::TrainContext*>(rule) != nullptr)
      return {P::WITH, P::COLUMN, P::LABEL, P::USING, P::INTO};
    if (dynamic_cast<P::PredictContext*>(rule) != nullptr) return {P::WITH, P::USING};
    if (dynamic_cast<P::EvaluateContext*>(rule) != nullptr) return {P::WITH, P::LABEL, P::INTO};
    if (dynamic_cast<P::ExplainContext*>(rule) != nullptr) return {P::WITH, P::USING, P::INTO};
    if (dynamic_cast<P::RunContext*>(rule) != nullptr) return {P::CMD, P::INTO};
    if (dynamic_cast<P::OptimizeContext*>(rule) != nullptr)
      return {P::CONSTRAINT, P::WITH, P::USING, P::INTO};
  }
  return {};
}

bool is_operand(std::size_t type) {
  return type == P::WORD || type == P::BARE_WORD || type == P::STRING || type == P::NUMBER ||
         type == P::BACKTICK;
}

/// `TO PREDICT USNG m`: a clause word that was mistyped where a name can stand was taken for one,
/// and what it opens is then out of place.
std::optional<Spelled> meant_before(const Place& place, antlr4::Token* offending,
                                    std::string_view text) {
  if (place.previous == nullptr || place.previous->getType() != P::WORD) return std::nullopt;
  if (!is_operand(offending->getType())) return std::nullopt;
  const auto clauses = clauses_of(place.rule);
  std::vector<std::string> known;
  for (const auto& candidate : clause_words) {
    if (std::find(clauses.begin(), clauses.end(), candidate.type) != clauses.end())
      known.emplace_back(candidate.text);
  }
  const auto word = span_of(place.previous);
  const auto found = nearest(text.substr(word.begin, word.size()), known);
  const auto same = std::find_if(clause_words.begin(), clause_words.end(),
                                 [&](const Spelled& word) { return word.text == found; });
  return same == clause_words.end() ? std::nullopt : std::optional(*same);
}

bool begins_statement(std::string_view word) {
  constexpr std::array<std::string_view, 8> words{"SELECT", "CREATE", "INSERT", "DROP",
                                                  "SHOW",   "UPDATE", "DELETE", "USE"};
  return std::any_of(words.begin(), words.end(),
                     [&](auto known) { return equal_ignoring_case(word, known); });
}

/// Words of a query, which ends in front of TO.
bool belongs_to_query(std::string_view word) {
  constexpr std::array<std::string_view, 9> words{"WHERE", "GROUP",  "HAVING", "ORDER", "LIMIT",
                                                  "UNION", "WINDOW", "OFFSET", "JOIN"};
  return std::any_of(words.begin(), words.end(),
                     [&](auto known) { return equal_ignoring_case(word, known); });
}

bool is_token(antlr4::Token* token, std::size_t type) {
  return token != nullptr && token->getType() == type;
}

/// `LABEL a, b` and `LABEL a + 1`.
bool ends_label(const Place& place, std::string_view found) {
  if (found.find_first_of(",+-*/%(|") != 0) return false;
  for (auto* rule = place.rule; rule != nullptr;
       rule = dynamic_cast<antlr4::ParserRuleContext*>(rule->parent)) {
    if (rule->getRuleIndex() == P::RuleLabelClause) return true;
  }
  return false;
}

/// What is often meant; "" where nothing is known.
std::string known_mistake(const Place& place, std::string_view found) {
  const bool in_with = place.rule->getRuleIndex() == P::RuleWithClause ||
                       place.rule->getRuleIndex() == P::RuleAttribute ||
                       place.rule->getRuleIndex() == P::RuleName ||
                       place.rule->getRuleIndex() == P::RulePart;
  if (in_with && found == "(" && is_token(place.previous, P::WITH))
    return "WITH takes no parentheses";
  const bool digits = !found.empty() && found.find_first_not_of("0123456789") == std::string::npos;
  if (in_with && digits && is_token(place.previous, P::COMMA) && is_token(place.before, P::NUMBER))
    return "a decimal has a point: `" + place.before->getText() + "." + std::string(found) + "`";
  if (!place.may_come(antlr4::Token::EOF)) return "";
  if (ends_label(place, found)) return "LABEL takes one column: compute it in the query, with AS";
  if (begins_statement(found)) return "statements are separated by `;`";
  if (belongs_to_query(found)) return "it belongs to the query, in front of TO";
  return "";
}

std::string hint_for(const Place& place, std::string_view found) {
  const auto clauses = clause_names(place);
  if (auto known = known_mistake(place, found); !known.empty()) return known;
  const bool assigned = place.next != nullptr && place.next->getType() == P::EQ;
  if (place.may_come(P::COMMA) && assigned) return "separate attributes with a comma";
  if (clauses.size() < 2) return "";
  std::string out = "clauses that may stand here: ";
  for (std::size_t i = 0; i < clauses.size(); ++i) out += (i > 0 ? ", " : "") + clauses[i];
  return out;
}

/// The text of a token as a message shows it, in backticks and not too long.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 40;
  if (text.size() <= longest) return "`" + std::string(text) + "`";
  auto cut = longest;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return "`" + std::string(text.substr(0, cut)) + "...`";
}

}  // namespace

void ClauseErrorStrategy::sync(antlr4::Parser* parser) {
  if (inErrorRecoveryMode(parser)) return;
  const auto next = parser->getTokenStream()->LA(1);
  const auto& atn = parser->getATN();
  if (atn.nextTokens(atn.states[parser->getState()]).contains(next)) return;  // cached, so cheap
  if (!parser->getExpectedTokens().contains(next)) throw antlr4::InputMismatchException(parser);
}

void ErrorCollector::report_mistyped(SourceSpan word, std::string_view meant, std::size_t type) {
  found_.push_back({.code = Code::unknown_clause,
                    .message = "unknown clause " + shown(text_.substr(word.begin, word.size())),
                    .span = word,
                    .hint = "did you mean `" + std::string(meant) + "`?"});
  if (!repair_) repair_ = Repair{word.begin, type, found_.back()};
}

/// The bracket that closes what was wrong from the bracket on, and what stands directly behind an
/// error, are no errors of their own.
bool ErrorCollector::follows_from_last(antlr4::Token* offending) const {
  if (found_.empty() || offending->getType() == antlr4::Token::EOF) return false;
  const auto& last = found_.back();
  const auto opened = text_.substr(last.span.begin, last.span.size());
  if (offending->getType() == P::RPAREN && opened == "(") return true;
  return offending->getType() != P::WORD && last.span.end == offending->getStartIndex();
}

void ErrorCollector::syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending,
                                 std::size_t, std::size_t, const std::string&, std::exception_ptr) {
  auto* parser = dynamic_cast<antlr4::Parser*>(recognizer);
  if (parser == nullptr) return;
  const Place place{parser->getExpectedTokens(), parser->getContext(),
                    parser->getTokenStream()->LT(-1), parser->getTokenStream()->LT(2),
                    parser->getTokenStream()->LT(-2)};
  const auto span = span_of(offending);
  const auto found = text_.substr(span.begin, span.size());
  if (follows_from_last(offending)) return;
  const auto meant =
      offending->getType() == P::WORD ? meant_clause_word(place, found) : std::nullopt;
  const auto before = meant_before(place, offending, text_);
  // One or two letters are near a clause word by chance.
  if (meant && (!before || found.size() > 2))
    return report_mistyped(span, meant->text, meant->type);
  if (before) return report_mistyped(span_of(place.previous), before->text, before->type);
  // The words cost more the longer the rule has become.
  if (found_.size() >= kMostErrors) return;
  const bool at_end = offending->getType() == antlr4::Token::EOF;
  found_.push_back({.code = Code::syntax_error,
                    .message = "expected " + expected_words(place) + ", found " +
                               (at_end ? "the end of the statement" : shown(found)),
                    .span = span,
                    .hint = at_end ? "" : hint_for(place, found)});
}

}  // namespace quern
