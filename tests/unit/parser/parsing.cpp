// Helpers of the parser's tests.

#include "parsing.h"

#include <stdexcept>

namespace quern::test {

Parsed parse(std::string_view text, Dialect dialect) {
  Parsed out;
  StatementReader reader(text);
  while (true) {
    auto next = reader.next(dialect);
    if (!next) {
      out.errors.insert(out.errors.end(), next.errors().begin(), next.errors().end());
    } else if (!*next) {
      return out;
    } else {
      out.statements.push_back(**std::move(next));
    }
  }
}

ast::Statement parse_one(std::string_view text, Dialect dialect) {
  auto parsed = parse(text, dialect);
  if (!parsed.errors.empty()) throw std::runtime_error(render(parsed.errors[0], text, "test"));
  if (parsed.statements.size() != 1) throw std::runtime_error("not one statement");
  return parsed.statements[0];
}

Diagnostic error_of(std::string_view text, Dialect dialect) {
  auto parsed = parse(text, dialect);
  if (parsed.errors.size() != 1) throw std::runtime_error("not one error");
  return parsed.errors[0];
}

std::string at(std::string_view text, SourceSpan span) {
  return std::string(text.substr(span.begin, span.size()));
}

std::string kind(const ast::Statement& statement) {
  constexpr const char* stages[] = {"ast", "ir", "plan", "llvm", "sql"};
  return std::visit(
      Overloaded{[](const ast::Train&) -> std::string { return "train"; },
                 [](const ast::Predict&) -> std::string { return "predict"; },
                 [](const ast::Evaluate&) -> std::string { return "evaluate"; },
                 [](const ast::Explain&) -> std::string { return "explain"; },
                 [](const ast::ShowModels&) -> std::string { return "show_models"; },
                 [](const ast::DropModel&) -> std::string { return "drop_model"; },
                 [](const ast::ShowTrain&) -> std::string { return "show_train"; },
                 [](const ast::ShowTrials&) -> std::string { return "show_trials"; },
                 [](const ast::ShowAttributes&) -> std::string { return "show_attributes"; },
                 [](const ast::DescribeModel&) -> std::string { return "describe"; },
                 [](const ast::ExportModel&) -> std::string { return "export"; },
                 [](const ast::ImportModel&) -> std::string { return "import"; },
                 [](const ast::SetOption&) -> std::string { return "set"; },
                 [](const ast::Attach&) -> std::string { return "attach"; },
                 [](const ast::PlainSql&) -> std::string { return "plain"; },
                 [](const ast::Later& later) { return "later " + later.form; },
                 [&](const Box<ast::Inspect>& inspect) {
                   return std::string("inspect ") + stages[static_cast<int>(inspect->stage)];
                 }},
      statement.node);
}

}  // namespace quern::test
