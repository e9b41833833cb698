// The tree with spans, one node a line: what EXPLAIN AST shows and goldens pin.

#include "base/secrets.h"
#include "parser/ast.h"

namespace quern::ast {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

/// "TO RUN" is a Run, "VERIFY MODEL" a VerifyModel.
std::string node_name(std::string_view form) {
  if (form.starts_with("TO ")) form.remove_prefix(3);
  std::string out;
  bool first = true;
  for (const char c : form) {
    if (c != ' ') out += first || c < 'A' || c > 'Z' ? c : static_cast<char>(c - 'A' + 'a');
    first = c == ' ';
  }
  return out;
}

/// Writes nodes line by line; a node's children are one level deeper.
class Dumper {
 public:
  std::string take() { return std::move(out_); }

  void statement(const Statement& statement) {
    std::visit([&](const auto& node) { this->node(node, statement.span); }, statement.node);
  }

 private:
  void line(std::string_view what, const Span& span, std::string_view detail = "") {
    out_.append(depth_ * 2, ' ');
    out_ += what;
    if (span.known())
      out_ += " [" + std::to_string(span.begin) + ", " + std::to_string(span.end) + ")";
    if (!detail.empty()) out_ += " " + std::string(detail);
    out_ += "\n";
  }

  template <typename Children>
  void nested(Children children) {
    ++depth_;
    children();
    --depth_;
  }

  void query(const Query& query) { line("Query", query.span, quoted(query.text)); }
  void name(std::string_view role, const Name& name) { line(role, name.span, print(name)); }
  void model(std::string_view role, const ModelName& model) {
    line(role, model.span, print(model));
  }
  void place(std::string_view role, const Place& place) {
    line(role, place.span, quoted(mask_passwords(place.text)));
  }
  template <typename Node>
  void optional_name(std::string_view role, const std::optional<Node>& node) {
    if (node) line(role, node->span, print(*node));
  }

  void attributes(const std::vector<Attribute>& attributes) {
    for (const auto& attribute : attributes) {
      line("Attribute", attribute.span, print(attribute.name));
      nested([&] { expr(attribute.value); });
    }
  }

  void columns(const ColumnClause& clause) {
    line("Columns", clause.span, clause.target ? "for " + print(*clause.target) : "");
    nested([&] {
      for (const auto& column : clause.columns) expr(column);
    });
  }

  void exprs(const std::vector<Expr>& items) {
    nested([&] {
      for (const auto& item : items) expr(item);
    });
  }

  void expr(const Expr& at) {
    const auto leaf = [&](std::string_view what) { line(what, at.span, print(at)); };
    std::visit(Overloaded{[&](Null) { line("Null", at.span); }, [&](Boolean) { leaf("Boolean"); },
                          [&](Integer) { leaf("Integer"); }, [&](Real) { leaf("Real"); },
                          [&](const Text& text) {
                            line("Text", at.span, quoted(mask_passwords(text.value)));
                          },
                          [&](const Name&) { leaf("Name"); }, [&](const Star&) { leaf("Star"); },
                          [&](const List& list) {
                            line("List", at.span);
                            exprs(list.items);
                          },
                          [&](const Map& map) {
                            line("Map", at.span);
                            entries(map);
                          },
                          [&](const Call& call) {
                            line("Call", at.span, print(call.function));
                            exprs(call.args);
                          },
                          [&](const Unary& unary) {
                            line("Unary", at.span, std::string(1, unary.op));
                            nested([&] { expr(*unary.operand); });
                          },
                          [&](const Binary& binary) {
                            line("Binary", at.span, std::string(1, binary.op));
                            nested([&] { expr(*binary.left), expr(*binary.right); });
                          }},
               at.node);
  }

  void entries(const Map& map) {
    nested([&] {
      for (const auto& [key, value] : map.items) {
        line("Entry", Span{}, quoted(key));
        nested([&] { expr(value); });
      }
    });
  }

  void node(const Train& train, const Span& span) {
    line("Train", span);
    nested([&] {
      query(train.query);
      name("Estimator", train.estimator);
      attributes(train.with);
      for (const auto& clause : train.columns) columns(clause);
      optional_name("Label", train.label);
      optional_name("Start", train.start);
      model("Into", train.into);
    });
  }

  void node(const Predict& predict, const Span& span) {
    line("Predict", span);
    nested([&] {
      query(predict.query);
      optional_name("Target", predict.target);
      if (predict.column) line("Column", predict.column->span, print(Name{{*predict.column}}));
      attributes(predict.with);
      model("Model", predict.model);
    });
  }

  void node(const Evaluate& evaluate, const Span& span) {
    line("Evaluate", span);
    nested([&] {
      query(evaluate.query);
      model("Model", evaluate.model);
      attributes(evaluate.with);
      optional_name("Label", evaluate.label);
      optional_name("Into", evaluate.into);
    });
  }

  void node(const Explain& explain, const Span& span) {
    line("Explain", span);
    nested([&] {
      query(explain.query);
      model("Model", explain.model);
      attributes(explain.with);
      optional_name("Explainer", explain.explainer);
      optional_name("Into", explain.into);
    });
  }

  void node(const ShowModels& show, const Span& span) {
    line("ShowModels", span, show.like ? quoted(*show.like) : "");
  }

  void node(const DropModel& drop, const Span& span) {
    line("DropModel", span, drop.if_exists ? "if exists" : "");
    nested([&] { model("Model", drop.model); });
  }

  void node(const ShowTrain& show, const Span& span) {
    line("ShowTrain", span);
    nested([&] { model("Model", show.model); });
  }

  void node(const ShowTrials& show, const Span& span) {
    line("ShowTrials", span);
    nested([&] { model("Model", show.model); });
  }

  void node(const ShowAttributes& show, const Span& span) {
    line("ShowAttributes", span);
    nested([&] { name("Subject", show.subject); });
  }

  void node(const DescribeModel& describe, const Span& span) {
    line("DescribeModel", span);
    nested([&] { model("Model", describe.model); });
  }

  void node(const ExportModel& exported, const Span& span) {
    line("ExportModel", span);
    nested([&] {
      model("Model", exported.model);
      place("Path", exported.path);
      attributes(exported.with);
    });
  }

  void node(const ImportModel& import, const Span& span) {
    line("ImportModel", span);
    nested([&] {
      place("Path", import.path);
      attributes(import.with);
      model("Into", import.into);
    });
  }

  void node(const SetOption& set, const Span& span) {
    line("SetOption", span);
    nested([&] {
      name("Name", set.name);
      expr(set.value);
    });
  }

  void node(const Attach& attach, const Span& span) {
    line("Attach", span);
    nested([&] {
      place("Uri", attach.uri);
      name("Name", attach.name);
    });
  }

  void node(const Later& later, const Span& span) {
    line(node_name(later.form), span);
    nested([&] {
      if (later.query) query(*later.query);
      for (const auto& [role, written] : later.parts) place(role, written);
      attributes(later.with);
    });
  }
  void node(const PlainSql& plain, const Span& span) { line("PlainSql", span, quoted(plain.text)); }

  void node(const Box<Inspect>& inspect, const Span& span) {
    constexpr const char* stages[] = {"ast", "ir", "plan", "llvm", "sql"};
    const auto* format = inspect->format == Format::json ? ", json" : "";
    line("Inspect", span, stages[static_cast<int>(inspect->stage)] + std::string(format));
    nested([&] { statement(inspect->statement); });
  }

  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string dump(const Statement& statement) {
  Dumper dumper;
  dumper.statement(statement);
  return dumper.take();
}

}  // namespace quern::ast
