#pragma once
// Names, values and feature columns of ANTLR's tree as ours. Includes ANTLR: for tree_builder.cpp
// only.

#include <string>
#include <string_view>

#include "QuernParser.h"
#include "base/diagnostic.h"
#include "parser/ast.h"

namespace quern {

/// Builds the leaves of a statement. `text` is the script the tokens point into.
class ValueBuilder {
 public:
  ValueBuilder(std::string_view text, Diagnostics& errors) : text_(text), errors_(errors) {}

  SourceSpan span(antlr4::ParserRuleContext& rule) const;
  SourceSpan span(antlr4::Token* token) const;
  std::string_view source(SourceSpan span) const { return text_.substr(span.begin, span.size()); }

  ast::Name name(QuernParser::NameContext& rule) const;
  ast::NamePart part(QuernParser::PartContext& rule) const;
  ast::ModelName model_name(QuernParser::ModelNameContext& rule) const;
  ast::Expr expr(QuernParser::ExprContext& rule) const;
  ast::Expr column(QuernParser::ColumnContext& rule) const;
  ast::Attribute attribute(QuernParser::AttributeContext& rule) const;
  std::string string(QuernParser::StringContext& rule) const;

 private:
  ast::Expr primary(QuernParser::PrimaryContext& rule) const;
  ast::Expr prefix(QuernParser::PrefixContext& rule) const;
  ast::Expr number(SourceSpan digits, bool negative, SourceSpan whole) const;
  ast::Expr star(QuernParser::StarContext& rule) const;
  ast::Expr text(QuernParser::TextContext& rule) const;
  ast::Expr word_or_call(QuernParser::WordOrCallContext& rule) const;
  ast::Expr list(QuernParser::ListContext& rule) const;
  ast::Expr map(QuernParser::MapContext& rule) const;
  std::string key(QuernParser::KeyContext& rule) const;
  std::vector<ast::Expr> arguments(QuernParser::ArgumentsContext& rule) const;
  void add_parts(QuernParser::PartContext& rule, std::vector<ast::NamePart>& out) const;
  void add_token(antlr4::Token* token, std::vector<ast::NamePart>& out) const;

  std::string_view text_;
  Diagnostics& errors_;
};

}  // namespace quern
