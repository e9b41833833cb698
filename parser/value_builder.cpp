// Names, numbers, strings and expressions. Strings follow one rule in every dialect, because they
// are text of our language: the quote doubled, or \' \" \\; any other backslash stands for itself,
// so that regular expressions and SQL inside strings need no doubling.

#include "parser/value_builder.h"

#include <charconv>
#include <limits>

namespace quern {
namespace {

using P = QuernParser;

std::string unescape(std::string_view body, char quote) {
  const bool backslash = quote != '`';
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char next = i + 1 < body.size() ? body[i + 1] : '\0';
    const bool doubled = body[i] == quote && next == quote;
    const bool escaped =
        backslash && body[i] == '\\' && (next == '\'' || next == '"' || next == '\\');
    if (doubled || escaped) ++i;
    out += body[i];
  }
  return out;
}

/// Takes off the quotes: 'x', "x", `x` or $tag$x$tag$.
std::string unquote(std::string_view source) {
  if (source.front() == '$') {
    const auto tag = source.find('$', 1) + 1;
    return std::string(source.substr(tag, source.size() - 2 * tag));
  }
  return unescape(source.substr(1, source.size() - 2), source.front());
}

double read_real(std::string_view digits) {
  double value = 0;
  const auto done = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (done.ec != std::errc::result_out_of_range) return value;
  const auto exponent = digits.find_first_of("eE");
  const bool tiny = exponent != std::string_view::npos && exponent + 1 < digits.size() &&
                    digits[exponent + 1] == '-';
  return tiny ? 0.0 : std::numeric_limits<double>::infinity();
}

bool is_quoted(std::string_view source) {
  return source.front() == '\'' || source.front() == '"' || source.front() == '`' ||
         (source.front() == '$' && source.back() == '$');
}

}  // namespace

SourceSpan ValueBuilder::span(antlr4::ParserRuleContext& rule) const {
  return span(rule.getStart()).joined(span(rule.getStop()));
}

SourceSpan ValueBuilder::span(antlr4::Token* token) const {
  return {token->getStartIndex(), token->getStopIndex() + 1};
}

std::string ValueBuilder::string(P::StringContext& rule) const {
  return unquote(source(span(rule)));
}

/// A joined word such as `host.com/models:v0.2` is split at its dots like any other name.
void ValueBuilder::add_token(antlr4::Token* token, std::vector<ast::NamePart>& out) const {
  const auto whole = span(token);
  const auto written = source(whole);
  if (is_quoted(written)) {
    out.push_back({unquote(written), true, whole});
    return;
  }
  for (std::size_t begin = 0; begin <= written.size();) {
    const auto end = std::min(written.find('.', begin), written.size());
    out.push_back({std::string(written.substr(begin, end - begin)), false,
                   SourceSpan{whole.begin + begin, whole.begin + end}});
    begin = end + 1;
  }
}

void ValueBuilder::add_parts(P::PartContext& rule, std::vector<ast::NamePart>& out) const {
  add_token(rule.getStart(), out);
}

ast::Name ValueBuilder::name(P::NameContext& rule) const {
  ast::Name out{{}, span(rule)};
  for (auto* part_rule : rule.part()) add_parts(*part_rule, out.parts);
  return out;
}

ast::NamePart ValueBuilder::part(P::PartContext& rule) const {
  const auto whole = span(rule);
  const auto written = source(whole);
  if (is_quoted(written)) return {unquote(written), true, whole};
  return {std::string(written), false, whole};
}

ast::ModelName ValueBuilder::model_name(P::ModelNameContext& rule) const {
  ast::ModelName out{name(*rule.name()), {}, span(rule)};
  if (rule.NUMBER() == nullptr) return out;
  const auto digits = span(rule.NUMBER()->getSymbol());
  const auto written = source(digits);
  std::int64_t version = 0;
  const auto done = std::from_chars(written.data(), written.data() + written.size(), version);
  if (done.ec == std::errc() && done.ptr == written.data() + written.size()) {
    out.version = version;
  } else {
    errors_.push_back({.code = Code::syntax_error,
                       .message = "expected a version number, found `" + std::string(written) + "`",
                       .span = digits});
  }
  return out;
}

ast::Expr ValueBuilder::number(SourceSpan digits, bool negative, SourceSpan whole) const {
  const std::string written = (negative ? "-" : "") + std::string(source(digits));
  std::int64_t integer = 0;
  const auto* end = written.data() + written.size();
  const auto done = std::from_chars(written.data(), end, integer);
  if (done.ec == std::errc() && done.ptr == end) return {ast::Integer{integer}, whole};
  const double real = read_real(source(digits));
  return {ast::Real{negative ? -real : real}, whole};
}

/// A sign directly before a number belongs to the number; `+` says nothing else.
ast::Expr ValueBuilder::prefix(P::PrefixContext& rule) const {
  const bool negative = rule.sign->getType() == P::MINUS;
  auto* operand = dynamic_cast<P::OperandContext*>(rule.expr());
  auto* literal =
      operand == nullptr ? nullptr : dynamic_cast<P::NumberContext*>(operand->primary());
  if (literal != nullptr) return number(span(*literal), negative, span(rule));
  auto inner = expr(*rule.expr());
  if (!negative) return inner;
  return {ast::Unary{'-', std::move(inner)}, span(rule)};
}

ast::Expr ValueBuilder::expr(P::ExprContext& rule) const {
  const auto binary = [&](antlr4::Token* op, P::ExprContext* left, P::ExprContext* right) {
    return ast::Expr{ast::Binary{text_[op->getStartIndex()], expr(*left), expr(*right)},
                     span(rule)};
  };
  if (auto* at = dynamic_cast<P::PrefixContext*>(&rule)) return prefix(*at);
  if (auto* at = dynamic_cast<P::ProductContext*>(&rule))
    return binary(at->op, at->expr(0), at->expr(1));
  if (auto* at = dynamic_cast<P::SumContext*>(&rule))
    return binary(at->op, at->expr(0), at->expr(1));
  return primary(*dynamic_cast<P::OperandContext&>(rule).primary());
}

ast::Expr ValueBuilder::primary(P::PrimaryContext& rule) const {
  const auto whole = span(rule);
  if (dynamic_cast<P::NumberContext*>(&rule) != nullptr) return number(whole, false, whole);
  if (dynamic_cast<P::TrueContext*>(&rule) != nullptr) return {ast::Boolean{true}, whole};
  if (dynamic_cast<P::FalseContext*>(&rule) != nullptr) return {ast::Boolean{false}, whole};
  if (dynamic_cast<P::NullContext*>(&rule) != nullptr) return {ast::Null{}, whole};
  if (auto* at = dynamic_cast<P::ListContext*>(&rule)) return list(*at);
  if (auto* at = dynamic_cast<P::MapContext*>(&rule)) return map(*at);
  if (auto* at = dynamic_cast<P::GroupContext*>(&rule)) return expr(*at->expr());
  if (auto* at = dynamic_cast<P::TextContext*>(&rule)) return text(*at);
  return word_or_call(dynamic_cast<P::WordOrCallContext&>(rule));
}

/// A string; or, with parts behind it, a name whose first part is quoted: "My Table".x
ast::Expr ValueBuilder::text(P::TextContext& rule) const {
  if (rule.part().empty()) return {ast::Text{string(*rule.string())}, span(rule)};
  ast::Name out{{}, span(rule)};
  add_token(rule.getStart(), out.parts);
  for (auto* part_rule : rule.part()) add_parts(*part_rule, out.parts);
  return {std::move(out), span(rule)};
}

ast::Expr ValueBuilder::word_or_call(P::WordOrCallContext& rule) const {
  auto& reference = *rule.reference();
  ast::Name out{{}, span(reference)};
  add_token(reference.getStart(), out.parts);
  for (auto* part_rule : reference.part()) add_parts(*part_rule, out.parts);
  if (rule.arguments() == nullptr) return {std::move(out), span(rule)};
  return {ast::Call{std::move(out), arguments(*rule.arguments())}, span(rule)};
}

std::vector<ast::Expr> ValueBuilder::arguments(P::ArgumentsContext& rule) const {
  std::vector<ast::Expr> out;
  for (auto* argument : rule.argument()) {
    out.push_back(argument->star() != nullptr ? star(*argument->star()) : expr(*argument->expr()));
  }
  return out;
}

ast::Expr ValueBuilder::star(P::StarContext& rule) const {
  ast::Star out;
  for (auto* except : rule.name()) out.except.push_back(name(*except));
  return {std::move(out), span(rule)};
}

ast::Expr ValueBuilder::list(P::ListContext& rule) const {
  ast::List out;
  for (auto* item : rule.expr()) out.items.push_back(expr(*item));
  return {std::move(out), span(rule)};
}

ast::Expr ValueBuilder::map(P::MapContext& rule) const {
  ast::Map out;
  for (auto* entry : rule.entry()) {
    out.items.push_back({key(*entry->key()), expr(*entry->expr())});
  }
  return {std::move(out), span(rule)};
}

std::string ValueBuilder::key(P::KeyContext& rule) const {
  if (rule.NUMBER() != nullptr) {
    return (rule.MINUS() != nullptr ? "-" : "") +
           std::string(source(span(rule.NUMBER()->getSymbol())));
  }
  const auto written = source(span(rule));
  return is_quoted(written) ? unquote(written) : std::string(written);
}

ast::Expr ValueBuilder::column(P::ColumnContext& rule) const {
  return rule.star() != nullptr ? star(*rule.star()) : expr(*rule.expr());
}

ast::Attribute ValueBuilder::attribute(P::AttributeContext& rule) const {
  return {name(*rule.name()), expr(*rule.expr()), span(rule)};
}

}  // namespace quern
