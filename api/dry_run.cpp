// What a statement names, what it would change, and whether the two meet.

#include "api/dry_run.h"

#include <algorithm>
#include <array>

#include "api/own_words.h"
#include "base/box.h"
#include "base/format.h"
#include "base/similar.h"
#include "compiler/bind/bind.h"
#include "compiler/bind/internal.h"
#include "parser/parser.h"
#include "runtime/model_file/transfer.h"

namespace quern {
namespace {

using Names = std::set<std::string>;

Names names_of(const std::vector<SqlWord>& words) {
  Names out;
  for (const auto& word : words) out.insert(lower_ascii(word.text));
  return out;
}

bool is_any_of(const std::string& word, std::span<const std::string_view> known) {
  return std::any_of(known.begin(), known.end(),
                     [&](auto k) { return equal_ignoring_case(word, k); });
}

/// What stands between CREATE or DROP and the name.
bool is_header(const SqlWord& word) {
  static constexpr std::array<std::string_view, 24> known{
      "create", "drop",   "or",   "replace", "temp",   "temporary", "persistent",   "recursive",
      "unique", "table",  "view", "schema",  "type",   "sequence",  "macro",        "function",
      "index",  "secret", "if",   "not",     "exists", "global",    "materialized", "database"};
  return !word.quoted && is_any_of(word.text, known);
}

/// The words of the name that a CREATE makes, as positions: [begin, end).
std::pair<std::size_t, std::size_t> created(const std::vector<SqlWord>& words) {
  std::size_t begin = 0;
  while (begin < words.size() && is_header(words[begin])) ++begin;
  std::size_t end = std::min(begin + 1, words.size());
  while (end < words.size() && words[end].behind_dot) ++end;
  return {begin, end};
}

bool begins_with(const std::vector<SqlWord>& words, std::string_view keyword) {
  return !words.empty() && !words[0].quoted && equal_ignoring_case(words[0].text, keyword);
}

/// What a plain statement reads, seen by its words alone: too much rather than too little.
Names used_by_sql(std::vector<SqlWord> words) {
  if (begins_with(words, "create")) {
    const auto [begin, end] = created(words);
    const auto at = [&](std::size_t i) { return words.begin() + static_cast<std::ptrdiff_t>(i); };
    words.erase(at(begin), at(end));
  }
  return names_of(words);
}

Names changed_by_sql(const std::vector<SqlWord>& words) {
  if (begins_with(words, "create")) {
    const auto [begin, end] = created(words);
    return begin == end ? Names{} : Names{lower_ascii(words[end - 1].text)};
  }
  const bool copies = begins_with(words, "copy") || begins_with(words, "export");
  if (!copies && !begins_with(words, "drop") && !begins_with(words, "alter")) return {};
  Names out;
  for (const auto& word : words) {
    if (copies ? word.string : !is_header(word)) out.insert(lower_ascii(word.text));
  }
  return out;
}

bool changes_anything(const std::vector<SqlWord>& words) {
  static constexpr std::array<std::string_view, 11> known{"attach",  "detach", "use",    "set",
                                                          "reset",   "pragma", "import", "load",
                                                          "install", "call",   "execute"};
  return !words.empty() && !words[0].quoted && is_any_of(words[0].text, known);
}

std::string last_part(const ast::Name& name) { return lower_ascii(name.parts.back().text); }

/// `t.column` or `t AS column`: the table.
std::string table_of(const ast::Predict& predict) {
  const auto& parts = predict.target->parts;
  const bool column_last = !predict.column && parts.size() > 1;
  return lower_ascii(parts[parts.size() - (column_last ? 2 : 1)].text);
}

std::string column_list(const Schema& schema) {
  std::string out = counted(static_cast<std::int64_t>(schema.size()), "column");
  for (std::size_t i = 0; i < schema.size() && i < 8; ++i) {
    out += (i == 0 ? ": " : ", ") + schema[i].name + " " + schema[i].type.sql_name;
  }
  return schema.size() > 8 ? out + ", ..." : out;
}

std::string output_words(const std::optional<ir::Target>& target, const Schema& output) {
  const auto columns = column_list(output);
  return target ? "writes " + ir::display_name(target->table) + ": " + columns
                : "returns " + columns;
}

/// What a statement of ours answers with; null where that is a table, or nothing.
const Schema* rows_of(const ir::Statement& statement) {
  const auto unless_written = [](const auto& s) { return s.target ? nullptr : &s.output; };
  return std::visit(
      Overloaded{[&](const ir::Predict& s) -> const Schema* { return unless_written(s); },
                 [&](const ir::Evaluate& s) -> const Schema* { return unless_written(s); },
                 [&](const ir::Explain& s) -> const Schema* { return unless_written(s); },
                 [](const auto&) -> const Schema* { return nullptr; }},
      statement);
}

std::string words_for(const ir::Statement& statement) {
  return std::visit(
      Overloaded{
          [](const ir::Train& s) {
            return "trains " + ir::display_name(s.into) + ": " + s.estimator->name + ", " +
                   counted(static_cast<std::int64_t>(s.input_columns.size()), "input column");
          },
          [](const ir::Predict& s) { return output_words(s.target, s.output); },
          [](const ir::Evaluate& s) { return output_words(s.target, s.output); },
          [](const ir::Explain& s) { return output_words(s.target, s.output); },
          [](const ir::ExportModel& s) {
            return "writes " + s.path + ": " + std::string(ir::format_name(s.format));
          },
          [](const auto&) { return std::string("ok"); },
      },
      statement);
}

}  // namespace

Result<DryRun::Finding> DryRun::check(const ast::Statement& statement) {
  const auto* named = named_by(statement);
  auto found = named != nullptr ? Result<Finding>(not_checked(*named)) : check_now(statement);
  const auto* suspect = may_change_anything();
  if (!found && suspect != nullptr) found = not_checked(*suspect);

  Earlier own{.span = statement.span, .names = {}};
  std::visit(Overloaded{
                 [&](const ast::PlainSql& s) {
                   const auto words = words_of(s.text, connection_.dialect());
                   own.names = changed_by_sql(words);
                   own.anything = changes_anything(words);
                 },
                 [&](const ast::Train& s) {
                   own.names = {last_part(s.into.name), "quern_models"};
                 },
                 [&](const ast::Predict& s) {
                   if (s.target) own.names = {table_of(s)};
                 },
                 [&](const ast::ImportModel& s) {
                   own.names = {last_part(s.into.name), "quern_models"};
                 },
                 [&](const ast::ExportModel& s) { own.names = {lower_ascii(s.path.text)}; },
                 [&](const ast::SetOption&) { own.anything = true; },
                 [&](const ast::Evaluate& s) {
                   if (s.into) own.names = {last_part(*s.into)};
                 },
                 [&](const ast::Explain& s) {
                   if (s.into) own.names = {last_part(*s.into)};
                 },
                 [&](const ast::Attach&) { own.anything = true; },
                 [&](const ast::DropModel& s) {
                   own.names = {last_part(s.model.name), "quern_models"};
                 },
                 [](const auto&) {},
             },
             statement.node);
  if (own.anything || !own.names.empty()) earlier_.push_back(std::move(own));
  return found;
}

/// The last of the earlier statements that changes what this one names.
const DryRun::Earlier* DryRun::named_by(const ast::Statement& statement) const {
  const auto of_text = [&](const std::string& text) {
    return words_of(text, connection_.dialect());
  };
  const auto used =
      std::visit(Overloaded{
                     [&](const ast::PlainSql& s) { return used_by_sql(of_text(s.text)); },
                     [&](const ast::Train& s) {
                       auto out = names_of(of_text(s.query.text));
                       if (s.start) out.insert(last_part(s.start->name));
                       return out;
                     },
                     [&](const ast::Predict& s) {
                       auto out = names_of(of_text(s.query.text));
                       out.insert(last_part(s.model.name));
                       if (s.target) out.insert(table_of(s));
                       return out;
                     },
                     [&](const ast::Evaluate& s) {
                       auto out = names_of(of_text(s.query.text));
                       out.insert(last_part(s.model.name));
                       if (s.into) out.insert(last_part(*s.into));
                       return out;
                     },
                     [&](const ast::Explain& s) {
                       auto out = names_of(of_text(s.query.text));
                       out.insert(last_part(s.model.name));
                       if (s.into) out.insert(last_part(*s.into));
                       return out;
                     },
                     [](const ast::DropModel& s) { return Names{last_part(s.model.name)}; },
                     [](const ast::ShowTrain& s) { return Names{last_part(s.model.name)}; },
                     [](const ast::ShowTrials& s) { return Names{last_part(s.model.name)}; },
                     [](const ast::DescribeModel& s) { return Names{last_part(s.model.name)}; },
                     [](const ast::ExportModel& s) {
                       return Names{last_part(s.model.name), lower_ascii(s.path.text)};
                     },
                     [](const ast::ImportModel& s) { return Names{lower_ascii(s.path.text)}; },
                     [](const auto&) { return Names{}; },
                 },
                 statement.node);
  if (const auto* inspect = std::get_if<Box<ast::Inspect>>(&statement.node))
    return named_by((*inspect)->statement);
  const auto meets = [&](const Earlier& earlier) {
    return std::any_of(earlier.names.begin(), earlier.names.end(),
                       [&](const auto& n) { return used.contains(n); });
  };
  const auto last = std::find_if(earlier_.rbegin(), earlier_.rend(), meets);
  return last == earlier_.rend() ? nullptr : &*last;
}

const DryRun::Earlier* DryRun::may_change_anything() const {
  const auto last =
      std::find_if(earlier_.rbegin(), earlier_.rend(), [](const Earlier& e) { return e.anything; });
  return last == earlier_.rend() ? nullptr : &*last;
}

DryRun::Finding DryRun::not_checked(const Earlier& earlier) const {
  return {.message = "not checked: depends on " + place_(earlier.span), .checked = false};
}

Result<DryRun::Finding> DryRun::check_now(const ast::Statement& statement) {
  if (const auto* sql = std::get_if<ast::PlainSql>(&statement.node)) return check_sql(*sql);
  if (const auto* drop = std::get_if<ast::DropModel>(&statement.node)) return check_drop(*drop);
  if (const auto* inspect = std::get_if<Box<ast::Inspect>>(&statement.node)) {
    if ((*inspect)->stage == ast::Stage::ast) return Finding{.message = "ok"};
    QUERN_CHECK(check_now((*inspect)->statement));
    return Finding{.message = "ok"};
  }
  QUERN_TRY(const auto bound, bind(statement, catalog_));
  if (const auto* import = std::get_if<ir::ImportModel>(&bound)) return check_import(*import);
  if (const auto* exported = std::get_if<ir::ExportModel>(&bound))
    QUERN_CHECK(runtime::check_export(*exported));
  Finding out{.message = words_for(bound)};
  if (const auto* rows = rows_of(bound)) {
    out.returns_rows = true;
    out.schema = *rows;
  }
  return out;
}

Result<DryRun::Finding> DryRun::check_sql(const ast::PlainSql& statement) {
  const auto use = name_of_use(statement.text, connection_.dialect());
  if (use && session_.can_use(*use)) return Finding{.message = "ok"};
  auto described = connection_.describe(statement.text);
  if (described.ok()) {
    return Finding{
        .message = described->returns_rows ? "returns " + column_list(described->schema) : "ok",
        .returns_rows = described->returns_rows,
        .schema = described->schema};
  }
  auto errors = std::move(described).errors();
  if (const auto near = near_miss(statement.text, connection_.dialect())) errors = {*near};
  for (auto& error : errors) shift_spans(error, statement.span.begin);
  return errors;
}

/// Reads the file, as the statement would, and stores nothing.
Result<DryRun::Finding> DryRun::check_import(const ir::ImportModel& statement) {
  const auto names = [this](const ColumnType& type) { return connection_.type_name(type); };
  QUERN_TRY(const auto model, runtime::read_model_file(statement, names));
  const auto& m = model.manifest;
  return Finding{.message = "imports " + ir::display_name(statement.into) + ": " + m.estimator +
                            ", " + m.objective};
}

Result<DryRun::Finding> DryRun::check_drop(const ast::DropModel& statement) {
  QUERN_TRY(const auto model, binding::to_model_ref(statement.model, connection_.dialect()));
  if (!statement.if_exists) QUERN_CHECK(binding::require_model(model, catalog_));
  return Finding{.message = "ok"};
}

}  // namespace quern
