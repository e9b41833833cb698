// The tree as text that parses to an equal tree.

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "parser/ast.h"

namespace quern::ast {
namespace {

/// `text` in quotes as value_builder.cpp reads it: the quote doubled, backslashes doubled.
std::string in_quotes(std::string_view text, char quote) {
  std::string out(1, quote);
  for (char c : text) {
    if (c == quote || (c == '\\' && quote != '`')) out += c;
    out += c;
  }
  return out + quote;
}

std::string print_part(const NamePart& part) {
  return part.quoted ? in_quotes(part.text, '"') : part.text;
}

bool is_plain_word(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

template <typename Items, typename Print>
std::string joined(const Items& items, Print print_item) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ", ";
    out += print_item(item);
  }
  return out;
}

std::string print_expr(const Expr& expr) { return print(expr); }

/// Where a value may stand, a name that begins quoted begins with a backtick: in other quotes it
/// would be a string.
std::string print_value_name(const Name& name) {
  const auto& first = name.parts.front();
  if (!first.quoted) return print(name);
  const Name rest{{name.parts.begin() + 1, name.parts.end()}};
  return in_quotes(first.text, '`') + (rest.parts.empty() ? "" : "." + print(rest));
}

/// Real values keep a point or an exponent, or they would come back as integers.
std::string print_real(double value) {
  if (std::isinf(value)) return value < 0 ? "-1e999" : "1e999";
  auto out = format_double(value);
  return out.find_first_of(".eE") == std::string::npos ? out + ".0" : out;
}

std::string print_entry(const MapEntry& entry) {
  const auto key = is_plain_word(entry.key) ? entry.key : in_quotes(entry.key, '\'');
  return key + ": " + print(entry.value);
}

std::string print_star(const Star& star) {
  if (star.except.empty()) return "*";
  return "* EXCEPT (" + joined(star.except, [](const Name& name) { return print(name); }) + ")";
}

int precedence(char op) { return op == '+' || op == '-' ? 1 : 2; }

/// An operand in parentheses where its own operator binds less tightly than `least`.
std::string print_operand(const Expr& operand, int least) {
  const auto* binary = std::get_if<Binary>(&operand.node);
  if (binary == nullptr || precedence(binary->op) >= least) return print(operand);
  return "(" + print(operand) + ")";
}

std::string print_binary(const Binary& binary) {
  const auto own = precedence(binary.op);
  return print_operand(*binary.left, own) + " " + binary.op + " " +
         print_operand(*binary.right, own + 1);
}

/// A sign directly before a number would become part of it, and two signs a comment.
std::string print_unary(const Unary& unary) {
  const auto& node = unary.operand->node;
  const bool bare = std::holds_alternative<Name>(node) || std::holds_alternative<Call>(node) ||
                    std::holds_alternative<Text>(node) || std::holds_alternative<List>(node);
  const auto operand = print(*unary.operand);
  return std::string(1, unary.op) + (bare ? operand : "(" + operand + ")");
}

std::string print_attribute(const Attribute& attribute) {
  return print(attribute.name) + " = " + print(attribute.value);
}

std::string with_clause(const std::vector<Attribute>& attributes) {
  return attributes.empty() ? "" : " WITH " + joined(attributes, print_attribute);
}

std::string column_clause(const ColumnClause& clause) {
  const auto target = clause.target ? " FOR " + print(*clause.target) : "";
  return " COLUMN " + joined(clause.columns, print_expr) + target;
}

template <typename Node>
std::string optional_clause(std::string_view word, const std::optional<Node>& node) {
  return node ? " " + std::string(word) + " " + print(*node) : "";
}

std::string print_node(const Train& train) {
  auto out = train.query.text + " TO TRAIN " + print(train.estimator) + with_clause(train.with);
  for (const auto& clause : train.columns) out += column_clause(clause);
  return out + optional_clause("LABEL", train.label) + optional_clause("USING", train.start) +
         " INTO " + print(train.into);
}

std::string print_node(const Predict& predict) {
  auto out = predict.query.text + " TO PREDICT";
  if (predict.target) out += " " + print(*predict.target);
  if (predict.column) out += " AS " + print_part(*predict.column);
  return out + with_clause(predict.with) + " USING " + print(predict.model);
}

std::string print_node(const Evaluate& evaluate) {
  return evaluate.query.text + " TO EVALUATE " + print(evaluate.model) +
         with_clause(evaluate.with) + optional_clause("LABEL", evaluate.label) +
         optional_clause("INTO", evaluate.into);
}

std::string print_node(const Explain& explain) {
  return explain.query.text + " TO EXPLAIN " + print(explain.model) + with_clause(explain.with) +
         optional_clause("USING", explain.explainer) + optional_clause("INTO", explain.into);
}

std::string print_node(const ShowModels& show) {
  return show.like ? "SHOW MODELS LIKE " + in_quotes(*show.like, '\'') : "SHOW MODELS";
}

std::string print_node(const DropModel& drop) {
  return std::string("DROP MODEL ") + (drop.if_exists ? "IF EXISTS " : "") + print(drop.model);
}

std::string print_node(const ShowTrain& show) { return "SHOW TRAIN " + print(show.model); }
std::string print_node(const ShowTrials& show) { return "SHOW TRIALS " + print(show.model); }
std::string print_node(const ShowAttributes& show) {
  return "SHOW ATTRIBUTES " + print(show.subject);
}
std::string print_node(const DescribeModel& describe) {
  return "DESCRIBE MODEL " + print(describe.model);
}

std::string print_node(const ExportModel& exported) {
  return "EXPORT MODEL " + print(exported.model) + " TO " + in_quotes(exported.path.text, '\'') +
         with_clause(exported.with);
}

std::string print_node(const ImportModel& import) {
  return "IMPORT MODEL " + in_quotes(import.path.text, '\'') + with_clause(import.with) + " INTO " +
         print(import.into);
}

std::string print_node(const SetOption& set) {
  return "SET " + print(set.name) + " = " + print(set.value);
}

std::string print_node(const Attach& attach) {
  return "ATTACH " + in_quotes(attach.uri.text, '\'') + " AS " + print(attach.name);
}

std::string print_node(const Later& later) { return later.text; }
std::string print_node(const PlainSql& plain) { return plain.text; }

std::string print_node(const Box<Inspect>& inspect) {
  constexpr const char* stages[] = {"AST", "IR", "PLAN", "LLVM", "SQL"};
  const auto* format = inspect->format == Format::json ? " (FORMAT JSON) " : " ";
  return std::string("EXPLAIN ") + stages[static_cast<int>(inspect->stage)] + format +
         print(inspect->statement);
}

}  // namespace

std::string Name::text() const {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ".") + part.text;
  return out;
}

std::string print(const Name& name) {
  std::string out;
  for (const auto& part : name.parts) {
    if (&part != &name.parts.front()) out += ".";
    out += print_part(part);
  }
  return out;
}

std::string print(const ModelName& model) {
  return print(model.name) + (model.version ? "@" + std::to_string(*model.version) : "");
}

std::string print(const Expr& expr) {
  return std::visit(
      Overloaded{[](Null) -> std::string { return "null"; },
                 [](Boolean value) -> std::string { return value.value ? "true" : "false"; },
                 [](Integer value) { return std::to_string(value.value); },
                 [](Real value) { return print_real(value.value); },
                 [](const Text& text) { return in_quotes(text.value, '\''); },
                 [](const Name& name) { return print_value_name(name); },
                 [](const List& list) { return "[" + joined(list.items, print_expr) + "]"; },
                 [](const Map& map) { return "{" + joined(map.items, print_entry) + "}"; },
                 [](const Call& call) {
                   return print_value_name(call.function) + "(" + joined(call.args, print_expr) +
                          ")";
                 },
                 [](const Star& star) { return print_star(star); },
                 [](const Unary& unary) { return print_unary(unary); },
                 [](const Binary& binary) { return print_binary(binary); }},
      expr.node);
}

std::string print(const Statement& statement) {
  return std::visit([](const auto& node) { return print_node(node); }, statement.node);
}

}  // namespace quern::ast
