// Candidates, kind by kind. Each list is in the order in which a person would look for it: what is
// near the statement first, the long lists of SQL last.

#include "api/completer.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "api/help.h"
#include "api/model_reports.h"
#include "base/format.h"
#include "base/similar.h"
#include "compiler/bind/feature_functions.h"
#include "compiler/ir/attributes.h"

namespace quern {
namespace {

constexpr std::size_t kMostCandidates = 2000;

constexpr std::array<std::string_view, 18> kStarts{
    "SELECT", "WITH", "FROM",  "EXPLAIN", "SHOW",   "DESCRIBE", "CREATE", "INSERT", "UPDATE",
    "DELETE", "DROP", "ALTER", "COPY",    "ATTACH", "USE",      "SET",    "EXPORT", "IMPORT"};
constexpr std::array<std::string_view, 45> kWords{
    "SELECT", "FROM",  "WHERE", "GROUP", "ORDER", "BY",       "HAVING",  "LIMIT",     "OFFSET",
    "JOIN",   "LEFT",  "INNER", "OUTER", "CROSS", "ON",       "USING",   "AS",        "AND",
    "OR",     "NOT",   "IN",    "IS",    "NULL",  "LIKE",     "BETWEEN", "CASE",      "WHEN",
    "THEN",   "ELSE",  "END",   "UNION", "ALL",   "DISTINCT", "EXISTS",  "INTERVAL",  "VALUES",
    "INTO",   "TABLE", "VIEW",  "SET",   "ASC",   "DESC",     "OVER",    "PARTITION", "TO"};
constexpr std::array<std::string_view, 22> kFunctions{
    "abs(",        "avg(",    "cast(",   "coalesce(", "concat(", "count(",  "extract(", "greatest(",
    "least(",      "length(", "lower(",  "max(",      "min(",    "nullif(", "replace(", "round(",
    "row_number(", "sqrt(",   "substr(", "sum(",      "trim(",   "upper("};
constexpr std::array<std::string_view, 4> kVerbs{"TRAIN", "PREDICT", "EVALUATE", "EXPLAIN"};
constexpr std::array<std::string_view, 3> kExplainers{"TreeExplainer", "XGBoostExplainer",
                                                      "permutation"};

bool begins(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// Row r of a table of text, as `name -> cell`.
std::string cell(const Report& report, std::size_t column, std::int64_t row) {
  return std::string(report.rows.columns[column].text(row));
}

std::string attribute_doc(const Report& report, std::int64_t row) {
  auto out = cell(report, 1, row);
  if (const auto allowed = cell(report, 3, row); !allowed.empty() && allowed.size() <= 40)
    out += " " + allowed;
  if (const auto standard = cell(report, 2, row); !standard.empty()) out += ", default " + standard;
  return out + ": " + cell(report, 5, row);
}

std::string topic_doc(std::string_view word) {
  const auto* topic = find_topic(word);
  return topic == nullptr ? "" : std::string(topic->doc);
}

}  // namespace

std::string_view kind_name(CandidateKind kind) {
  static constexpr std::array<std::string_view, 14> kNames{
      "keyword", "table",    "view",    "column",     "model",   "estimator", "attribute",
      "value",   "function", "setting", "connection", "command", "file",      "variable"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool Completer::fits(std::string_view text) const { return begins(text, place_.prefix); }

void Completer::offer(std::string text, CandidateKind kind, std::string doc) {
  if (fits(text) && out_.size() < kMostCandidates)
    out_.push_back({std::move(text), kind, std::move(doc)});
}

std::string Completer::quoted(const std::string& name) const {
  const auto dialect = state_.connection().dialect();
  const bool folds = dialect == Dialect::postgres && lower_ascii(name) != name;
  const bool keyword = text_parts(name, dialect).front().kind == TextPartKind::keyword;
  return is_variable_name(name) && !folds && !keyword ? name : quote_identifier(name, dialect);
}

void Completer::offer_name(const std::string& name, CandidateKind kind, std::string doc) {
  if (name.empty() || !fits(name) || out_.size() == kMostCandidates) return;
  const bool quote = place_.quote != '\0' && place_.quote != '\'';
  const auto dialect = state_.connection().dialect();
  out_.push_back({quote ? quote_identifier(name, dialect) : quoted(name), kind, std::move(doc)});
}

void Completer::offer_keyword(std::string_view word, std::string doc) {
  if (place_.quote != '\0') return;
  const bool lower = !place_.prefix.empty() && lower_ascii(place_.prefix) == place_.prefix;
  offer(lower ? lower_ascii(word) : std::string(word), CandidateKind::keyword, std::move(doc));
}

Completion Completer::complete(std::string_view text, std::size_t cursor) {
  place_ = place_of(text, cursor, state_.connection().dialect());
  out_.clear();
  offer_asked();
  return {place_.typed, std::move(out_)};
}

void Completer::offer_asked() {
  switch (place_.asked) {
    case Asked::nothing: return;
    case Asked::start: return offer_start();
    case Asked::expression: return offer_expression();
    case Asked::table: offer_tables(); return offer_clauses();
    case Asked::file: return offer_files(CandidateKind::file);
    case Asked::verb:
      for (const auto verb : kVerbs) offer_keyword(verb, topic_doc("TO " + std::string(verb)));
      return;
    case Asked::estimator: return offer_estimators();
    case Asked::clause:
    case Asked::word: return offer_clauses();
    case Asked::attribute: return offer_attributes();
    case Asked::value:
    case Asked::setting_value: return offer_values();
    case Asked::feature: return offer_features();
    case Asked::column: return offer_query_columns();
    case Asked::model: return offer_models();
    case Asked::explainer:
      for (const auto name : kExplainers) offer(std::string(name), CandidateKind::value);
      return;
    case Asked::setting: return offer_settings();
    case Asked::connection: return offer_connections();
    case Asked::subject:
      offer_estimators();
      for (const auto word : {"PREDICT", "EVALUATE", "EXPLAIN", "EXPORT", "IMPORT"})
        offer_keyword(word);
      return;
    case Asked::command: return offer_commands();
    case Asked::command_word: return offer_command_words();
  }
}

void Completer::offer_start() {
  for (const auto word : kStarts) offer_keyword(word);
}

void Completer::offer_clauses() {
  for (const auto word : place_.clauses) offer_keyword(word, topic_doc(word));
}

void Completer::offer_columns_of(const TableUse& use) {
  if (const auto* table = find_table(use.name)) {
    for (const auto& [name, type] : table->columns) offer_name(name, CandidateKind::column, type);
    return;
  }
  // A file, or a table that the catalog did not list.
  std::string name;
  const auto dialect = state_.connection().dialect();
  for (const auto& part : use.name)
    name += (name.empty() ? "" : ".") + quote_identifier(part, dialect);
  for (const auto& field : names_.columns_of("SELECT * FROM " + name))
    offer_name(field.name, CandidateKind::column, field.type.sql_name);
}

const KnownTable* Completer::find_table(const std::vector<std::string>& name) {
  std::string place;
  for (std::size_t i = 0; i + 1 < name.size(); ++i) place += (place.empty() ? "" : ".") + name[i];
  for (const auto& table : names_.tables()) {
    if (equal_ignoring_case(table.name, name.back()) && equal_ignoring_case(table.place, place))
      return &table;
  }
  return nullptr;
}

void Completer::offer_expression() {
  if (!place_.qualifier.empty()) {
    const auto& name = place_.qualifier.back();
    const auto use =
        std::find_if(place_.tables.begin(), place_.tables.end(), [&](const TableUse& t) {
          return equal_ignoring_case(t.alias, name) || equal_ignoring_case(t.name.back(), name);
        });
    return offer_columns_of(use == place_.tables.end() ? TableUse{place_.qualifier, {}} : *use);
  }
  for (const auto& use : place_.tables) offer_columns_of(use);
  for (const auto& use : place_.tables) {
    if (!use.alias.empty())
      offer_name(use.alias, CandidateKind::table, "alias of " + use.name.back());
  }
  if (place_.tables.empty()) {
    std::set<std::string_view> seen;  // of any table: the FROM comes later
    for (const auto& table : names_.tables()) {
      for (const auto& [name, type] : table.columns) {
        if (fits(name) && seen.insert(name).second)
          offer_name(name, CandidateKind::column, type + " of " + table.name);
      }
    }
  }
  if (place_.prefix.empty() && !place_.tables.empty()) return offer_keyword("TO");
  for (const auto word : kWords) offer_keyword(word);
  for (const auto word : kFunctions) offer(std::string(word), CandidateKind::function);
}

void Completer::offer_query_columns() {
  if (place_.query.empty()) return offer_expression();
  for (const auto& field : names_.columns_of(std::string(place_.query)))
    offer_name(field.name, CandidateKind::column, field.type.sql_name);
}

void Completer::offer_schema_tables() {
  std::string place;
  for (const auto& part : place_.qualifier) place += (place.empty() ? "" : ".") + part;
  for (const auto& table : names_.tables()) {
    if (equal_ignoring_case(table.place, place))
      offer_name(table.name, table.view ? CandidateKind::view : CandidateKind::table,
                 counted(static_cast<std::int64_t>(table.columns.size()), "column"));
  }
}

void Completer::offer_tables() {
  if (!place_.qualifier.empty()) return offer_schema_tables();
  for (const auto& name : place_.with_names) offer_name(name, CandidateKind::table, "of WITH");
  std::set<std::string> places;
  for (const auto& table : names_.tables()) {
    if (!table.place.empty()) {
      places.insert(table.place);
      continue;
    }
    offer_name(table.name, table.view ? CandidateKind::view : CandidateKind::table,
               counted(static_cast<std::int64_t>(table.columns.size()), "column"));
  }
  for (const auto& place : places) offer(place + ".", CandidateKind::table, "schema");
}

void Completer::offer_models() {
  const std::string* last = nullptr;
  const auto& models = names_.models();
  for (auto row = models.rbegin(); row != models.rend(); ++row) {  // the newest version first
    if (last != nullptr && *last == row->name) continue;
    last = &row->name;
    offer_name(row->name, CandidateKind::model,
               row->estimator + " for " + row->label + ", version " + std::to_string(row->version));
  }
  std::reverse(out_.begin(), out_.end());
}

void Completer::offer_estimators() {
  for (const auto& estimator : ir::estimators()) {
    if (!estimator.available) continue;
    offer(estimator.name, CandidateKind::estimator);
    // `XGBC` finds xgboost.XGBClassifier.
    if (!fits(estimator.name)) {
      for (const auto& alias : estimator.aliases)
        offer(alias, CandidateKind::estimator, estimator.name);
    }
  }
}

ir::ShowAttributes Completer::subject() const {
  if (place_.asked == Asked::setting_value || place_.asked == Asked::setting)
    return {.subject = "SET", .specs = ir::session_attributes()};
  if (place_.owner == "predict") return {.subject = "", .specs = ir::predict_attributes()};
  if (place_.owner == "evaluate") return {.subject = "", .specs = ir::evaluate_attributes()};
  if (place_.owner == "explain") return {.subject = "", .specs = ir::explain_attributes()};
  if (place_.owner == "export") return {.subject = "", .specs = ir::export_attributes()};
  if (place_.owner == "import") return {.subject = "", .specs = ir::import_attributes()};
  const auto* estimator = ir::find_estimator(place_.estimator);
  if (place_.owner != "train" || estimator == nullptr) return {};
  return {.subject = estimator->name, .estimator = estimator, .specs = estimator->attributes()};
}

void Completer::offer_attributes() {
  const auto report = attributes_report(subject());
  for (std::int64_t row = 0; row < report.rows.rows; ++row) {
    const auto name = cell(report, 0, row);
    if (fits(name)) offer(name, CandidateKind::attribute, attribute_doc(report, row));
  }
  if (!out_.empty() || place_.prefix.empty()) return;
  // Other systems' names lead to ours.
  for (const auto& spec : subject().specs) {
    for (const auto& alias : spec.aliases) {
      if (fits(alias)) offer(alias, CandidateKind::attribute, "the same as " + spec.name);
    }
  }
}

void Completer::offer_values() {
  const auto name =
      begins(place_.attribute, "quern.") ? place_.attribute.substr(6) : place_.attribute;
  const auto* spec = ir::find_attribute(subject().specs, name);
  if (spec == nullptr) return;
  const auto value = [&](const std::string& text) {
    if (!fits(text)) return;
    const bool quote = place_.quote != '\0';
    out_.push_back({quote ? place_.quote + text + place_.quote : text, CandidateKind::value, ""});
  };
  for (const auto& choice : spec->choices) value(choice);
  if (spec->type == ir::AttributeType::boolean) {
    value("true");
    value("false");
  }
  if (spec->type == ir::AttributeType::column || spec->type == ir::AttributeType::columns)
    offer_query_columns();
  if (spec->tunable && place_.quote == '\0') {
    offer("RANGE(", CandidateKind::function, "a search between two numbers");
    offer("CHOICE(", CandidateKind::function, "a search among values");
  }
}

void Completer::offer_features() {
  offer_query_columns();
  for (const auto usage : binding::function_usages())
    offer(std::string(usage.substr(0, usage.find('(') + 1)), CandidateKind::function,
          std::string(usage));
}

void Completer::offer_settings() {
  const auto report = attributes_report({.subject = "SET", .specs = ir::session_attributes()});
  for (std::int64_t row = 0; row < report.rows.rows; ++row)
    offer("quern." + cell(report, 0, row), CandidateKind::setting, attribute_doc(report, row));
}

void Completer::offer_connections() {
  for (const auto& name : state_.connection_names()) offer_name(name, CandidateKind::connection);
}

void Completer::offer_files(CandidateKind kind) {
  namespace fs = std::filesystem;
  const auto slash = place_.prefix.rfind('/');
  const auto folder = slash == std::string::npos ? "" : place_.prefix.substr(0, slash + 1);
  std::error_code failed;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, failed), end;
       !failed && entry != end && names.size() < kMostCandidates; entry.increment(failed)) {
    auto name = folder + entry->path().filename().string();
    const bool hidden = entry->path().filename().string().starts_with('.');
    if (!name.starts_with(place_.prefix) || (hidden && place_.prefix.size() == folder.size()))
      continue;
    std::error_code none;
    names.push_back(entry->is_directory(none) ? name + "/" : name);
  }
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    const bool more = name.ends_with('/');
    const auto text = place_.quote == '\0' ? name : "'" + name + (more ? "" : "'");
    out_.push_back({text, kind, more ? "folder" : ""});
  }
}

void Completer::offer_commands() {
  for (const auto& form : command_forms())
    offer(std::string("\\") + form.name, CandidateKind::command, form.doc);
}

void Completer::offer_command_words() {
  const auto& name = place_.owner;
  if (name == "i" || name == "o" || name == "e" || name == "s" || name == "g")
    return offer_files(CandidateKind::file);
  if (name == "d" || name == "dt") return offer_tables();
  if (name == "dm") return offer_models();
  if (name == "h") {
    for (const auto& topic : help_topics())
      offer(std::string(topic.name), CandidateKind::keyword, std::string(topic.doc));
  }
  if (name == "c") {
    for (const auto scheme : {"duckdb:", "sqlite:", "postgresql://", "mysql://"})
      offer(scheme, CandidateKind::value);
  }
  if (name == "x" || name == "timing") {
    for (const auto word : {"on", "off"}) offer(word, CandidateKind::value);
  }
  if (name == "format") {
    for (const auto word : {"table", "csv", "jsonl", "markdown"}) offer(word, CandidateKind::value);
  }
  if (name == "set" || name == "unset") {
    for (const auto& [variable, value] : variables_)
      offer(variable, CandidateKind::variable, value);
  }
}

bool Completer::inspect_attribute(Inspection& out, const std::string& word) const {
  const auto show = subject();
  const auto* spec = ir::find_attribute(show.specs, begins(word, "quern.") ? word.substr(6) : word);
  if (spec == nullptr) return false;
  const auto report = attributes_report(show);
  for (std::int64_t row = 0; row < report.rows.rows; ++row) {
    if (cell(report, 0, row) != spec->name) continue;
    out.title = "attribute " + spec->name;
    out.text = cell(report, 5, row) + "\ntype: " + cell(report, 1, row);
    const auto line = [&](const char* what, std::size_t column) {
      if (const auto text = cell(report, column, row); !text.empty())
        out.text += std::string("\n") + what + ": " + text;
    };
    line("default", 2);
    line("allowed", 3);
    line("also called", 4);
    return true;
  }
  return false;
}

bool Completer::inspect_estimator(Inspection& out, const std::string& word) const {
  const auto* estimator = ir::find_estimator(word);
  if (estimator == nullptr) return false;
  out.title = "estimator " + estimator->name;
  for (const auto& alias : estimator->aliases)
    out.text += (out.text.empty() ? "also called: " : ", ") + alias;
  out.text += (out.text.empty() ? "" : "\n") + std::string("attributes: SHOW ATTRIBUTES ") +
              estimator->name;
  return true;
}

bool Completer::inspect_name(Inspection& out, const std::string& word) {
  std::vector<std::string> name = place_.qualifier;
  name.push_back(word);
  if (const auto* table = find_table(name)) {
    out.title = (table->view ? "view " : "table ") + word;
    for (const auto& [column, type] : table->columns)
      out.text += (out.text.empty() ? "" : "\n") + column + " " + type;
    return true;
  }
  for (auto row = names_.models().rbegin(); row != names_.models().rend(); ++row) {
    if (!equal_ignoring_case(row->name, word)) continue;
    out.title = "model " + row->name + "@" + std::to_string(row->version);
    out.text = row->estimator + ", " + row->objective + "\nlabel: " + row->label +
               "\nrows: " + std::to_string(row->rows) + "\ncreated: " + row->created;
    return true;
  }
  place_.prefix = word;
  out_.clear();
  place_.query.empty() ? offer_expression() : offer_query_columns();
  for (const auto& candidate : out_) {
    if (candidate.kind != CandidateKind::column || !begins(candidate.text, word) ||
        candidate.text.size() != word.size())
      continue;
    out.title = "column " + candidate.text;
    out.text = candidate.doc;
    return true;
  }
  return false;
}

Inspection Completer::inspect(std::string_view text, std::size_t cursor) {
  const auto dialect = state_.connection().dialect();
  place_ = place_of(text, cursor, dialect);
  if (place_.word.size() == 0) place_ = place_of(text, cursor + 1, dialect);
  if (place_.word.size() == 0) return {};
  const SourceSpan whole{place_.typed.begin, std::max(place_.word.end, place_.typed.end)};
  place_ = place_of(text, whole.end, dialect);
  const auto word = place_.prefix;
  Inspection out{.word = whole};
  const bool attribute = place_.asked == Asked::attribute || place_.asked == Asked::setting;
  if (attribute && inspect_attribute(out, word)) return out;
  if ((place_.asked == Asked::estimator || place_.asked == Asked::subject) &&
      inspect_estimator(out, word))
    return out;
  if (const auto* topic = find_topic(word); topic != nullptr && place_.asked != Asked::expression) {
    out.title = topic->name;
    out.text = std::string(topic->doc) + "\n" + std::string(topic->syntax);
    return out;
  }
  if (!word.empty() && inspect_name(out, word)) return out;
  return {};
}

}  // namespace quern
