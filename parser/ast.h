#pragma once
// The syntax tree: what the user wrote, with the bytes each node came from. Values, compared with
// ==; spans are not part of the meaning, so parse(print(tree)) == tree.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/box.h"
#include "base/span.h"

namespace quern::ast {

/// A span that never makes two trees differ.
struct Span : SourceSpan {
  Span() = default;
  Span(SourceSpan s) : SourceSpan(s) {}
  friend bool operator==(const Span&, const Span&) { return true; }
};

/// `text` is without quotes; a quoted part keeps its case and is never a keyword.
struct NamePart {
  std::string text;
  bool quoted = false;
  Span span = {};
  friend bool operator==(const NamePart&, const NamePart&) = default;
};

/// A dotted name: a column, table, attribute, estimator or function. Never empty.
struct Name {
  std::vector<NamePart> parts;
  Span span = {};
  /// The parts joined by dots, without quotes.
  std::string text() const;
  friend bool operator==(const Name&, const Name&) = default;
};

/// A model: `[catalog.][schema.]name[@version]`.
struct ModelName {
  Name name;
  std::optional<std::int64_t> version = {};
  Span span = {};
  friend bool operator==(const ModelName&, const ModelName&) = default;
};

struct Expr;
struct Null {
  friend bool operator==(Null, Null) = default;
};
struct Boolean {
  bool value;
  friend bool operator==(Boolean, Boolean) = default;
};
struct Integer {
  std::int64_t value;
  friend bool operator==(Integer, Integer) = default;
};
struct Real {
  double value;
  friend bool operator==(Real, Real) = default;
};
/// A quoted string, quotes and escapes taken off. In COLUMN it is a regular expression.
struct Text {
  std::string value;
  friend bool operator==(const Text&, const Text&) = default;
};
struct List {
  std::vector<Expr> items;
  friend bool operator==(const List&, const List&);
};
struct MapEntry;
struct Map {
  std::vector<MapEntry> items;
  friend bool operator==(const Map&, const Map&);
};
/// `DENSE(c, 4)`, `RANGE(1, 10)`; the name as written.
struct Call {
  Name function;
  std::vector<Expr> args;
  friend bool operator==(const Call&, const Call&);
};
/// `*` or `* EXCEPT (a, b)`; COLUMN only.
struct Star {
  std::vector<Name> except;
  friend bool operator==(const Star&, const Star&) = default;
};
/// op: '-' (the only prefix operator).
struct Unary {
  char op;
  Box<Expr> operand;
  friend bool operator==(const Unary&, const Unary&);
};
/// op: one of + - * / %
struct Binary {
  char op;
  Box<Expr> left, right;
  friend bool operator==(const Binary&, const Binary&);
};

/// An attribute value or a feature column. A Name is a bare word or a column reference.
struct Expr {
  std::variant<Null, Boolean, Integer, Real, Text, Name, List, Map, Call, Star, Unary, Binary> node;
  Span span = {};
  friend bool operator==(const Expr&, const Expr&) = default;
};

inline bool operator==(const List& a, const List& b) { return a.items == b.items; }
/// `key: value`
struct MapEntry {
  std::string key;
  Expr value;
  friend bool operator==(const MapEntry&, const MapEntry&) = default;
};

inline bool operator==(const Map& a, const Map& b) { return a.items == b.items; }
inline bool operator==(const Call& a, const Call& b) {
  return a.function == b.function && a.args == b.args;
}
inline bool operator==(const Unary& a, const Unary& b) {
  return a.op == b.op && a.operand == b.operand;
}
inline bool operator==(const Binary& a, const Binary& b) {
  return a.op == b.op && a.left == b.left && a.right == b.right;
}

/// The query in front of TO: the user's bytes, trimmed at both ends, never rewritten.
struct Query {
  std::string text;
  Span span = {};
  friend bool operator==(const Query&, const Query&) = default;
};

struct Attribute {
  Name name;
  Expr value;
  Span span = {};
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// `COLUMN a, b [FOR target]`
struct ColumnClause {
  std::vector<Expr> columns;
  std::optional<Name> target = {};
  Span span = {};
  friend bool operator==(const ColumnClause&, const ColumnClause&) = default;
};

struct Train {
  Query query;
  Name estimator;  ///< one part and quoted when written as a string
  std::vector<Attribute> with = {};
  std::vector<ColumnClause> columns = {};
  std::optional<Name> label = {};
  std::optional<ModelName> start = {};  ///< USING: the model to continue from
  ModelName into;
  Span span = {};
  friend bool operator==(const Train&, const Train&) = default;
};

struct Predict {
  Query query;
  std::optional<Name> target = {};      ///< what follows PREDICT, as written: table or table.column
  std::optional<NamePart> column = {};  ///< AS column: then `target` is a table for sure
  std::vector<Attribute> with = {};
  ModelName model;
  Span span = {};
  friend bool operator==(const Predict&, const Predict&) = default;
};

struct Evaluate {
  Query query;
  ModelName model;
  std::vector<Attribute> with = {};
  std::optional<Name> label = {};
  std::optional<Name> into = {};
  Span span = {};
  friend bool operator==(const Evaluate&, const Evaluate&) = default;
};

/// TO EXPLAIN (the statement EXPLAIN is Inspect).
struct Explain {
  Query query;
  ModelName model;
  std::vector<Attribute> with = {};
  std::optional<Name> explainer = {};
  std::optional<Name> into = {};
  Span span = {};
  friend bool operator==(const Explain&, const Explain&) = default;
};

struct ShowModels {
  std::optional<std::string> like = {};
  Span span = {};
  friend bool operator==(const ShowModels&, const ShowModels&) = default;
};

struct DropModel {
  ModelName model;
  bool if_exists = false;
  Span span = {};
  friend bool operator==(const DropModel&, const DropModel&) = default;
};

struct ShowTrain {
  ModelName model;
  Span span = {};
  friend bool operator==(const ShowTrain&, const ShowTrain&) = default;
};

struct ShowTrials {
  ModelName model;
  Span span = {};
  friend bool operator==(const ShowTrials&, const ShowTrials&) = default;
};

/// The subject is an estimator, or a verb such as PREDICT.
struct ShowAttributes {
  Name subject;
  Span span = {};
  friend bool operator==(const ShowAttributes&, const ShowAttributes&) = default;
};

struct DescribeModel {
  ModelName model;
  Span span = {};
  friend bool operator==(const DescribeModel&, const DescribeModel&) = default;
};

/// A string of a statement: a path or a URI.
struct Place {
  std::string text;
  Span span = {};
  friend bool operator==(const Place&, const Place&) = default;
};

struct ExportModel {
  ModelName model;
  Place path;
  std::vector<Attribute> with = {};
  Span span = {};
  friend bool operator==(const ExportModel&, const ExportModel&) = default;
};

struct ImportModel {
  Place path;
  std::vector<Attribute> with = {};
  ModelName into;
  Span span = {};
  friend bool operator==(const ImportModel&, const ImportModel&) = default;
};

/// `SET quern.name = value`: the name with its `quern.`
struct SetOption {
  Name name;
  Expr value;
  Span span = {};
  friend bool operator==(const SetOption&, const SetOption&) = default;
};

/// `ATTACH 'scheme:...' AS name` of a connection of ours.
struct Attach {
  Place uri;
  Name name;
  Span span = {};
  friend bool operator==(const Attach&, const Attach&) = default;
};

/// A form of the language that parses but whose engine comes later; `form` names it: "TO RUN".
struct Later {
  std::string form;
  std::string text;  ///< the statement as written
  Span span = {};    ///< of the words that name the form
  std::optional<Query> query = {};
  std::vector<std::pair<std::string, Place>> parts = {};  ///< "Objective", and what is written
  std::vector<Attribute> with = {};
  friend bool operator==(const Later&, const Later&) = default;
};

/// Anything that is not ours, byte for byte.
struct PlainSql {
  std::string text;
  Span span = {};
  friend bool operator==(const PlainSql&, const PlainSql&) = default;
};

enum class Stage { ast, ir, plan, llvm, sql };
enum class Format { text, json };
struct Inspect;

struct Statement {
  std::variant<Train, Predict, Evaluate, Explain, ShowModels, DropModel, ShowTrain, ShowTrials,
               ShowAttributes, DescribeModel, ExportModel, ImportModel, SetOption, Attach, Later,
               PlainSql, Box<Inspect>>
      node;
  Span span = {};  ///< the statement without its semicolon, white space and comments around it
  friend bool operator==(const Statement&, const Statement&) = default;
};

/// `EXPLAIN [AST|IR|PLAN|LLVM|SQL] [(FORMAT TEXT|JSON)] statement-of-ours`
struct Inspect {
  Stage stage = Stage::plan;
  Statement statement;
  Format format = Format::text;
  Span format_span = {};  ///< of the format's name, where it is given
  friend bool operator==(const Inspect&, const Inspect&) = default;
};

/// Text that parses to an equal tree: clauses in canonical order, names quoted where they must be.
std::string print(const Statement& statement);
std::string print(const Expr& expr);
std::string print(const Name& name);
std::string print(const ModelName& name);

/// The tree with spans, one node a line, indented: EXPLAIN AST and goldens.
std::string dump(const Statement& statement);

}  // namespace quern::ast
