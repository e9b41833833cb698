// Checks of targets, shared by PREDICT and its like.

#include "compiler/bind/target.h"

#include <algorithm>

#include "base/similar.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"

namespace quern::binding {
namespace {

ir::OutputMode output_mode(const std::vector<ir::Setting>& settings) {
  const auto* s = ir::find_setting(settings, "output.mode");
  if (s == nullptr) return ir::OutputMode::ours_only;
  return std::get<std::string>(s->value) == "append" ? ir::OutputMode::append
                                                     : ir::OutputMode::replace;
}

bool same_table(const TableName& a, const TableName& b) {
  return equal_ignoring_case(a.table, b.table) &&
         (a.schema.empty() || b.schema.empty() || equal_ignoring_case(a.schema, b.schema)) &&
         (a.catalog.empty() || b.catalog.empty() || equal_ignoring_case(a.catalog, b.catalog));
}

bool reads(const ir::Query& query, const TableName& table) {
  return std::any_of(query.description.reads.begin(), query.description.reads.end(),
                     [&](const auto& read) { return same_table(read, table); });
}

/// Models are not lost by accident, whatever output.mode says.
void check_not_store(const ir::Target& target, Diagnostics& errors) {
  const auto is = [&](const char* name) { return equal_ignoring_case(target.table.table, name); };
  if (!is(ir::kModelTable) && !is(ir::kChunkTable)) return;
  errors.push_back({Code::bad_target,
                    "the target is the model store: " + ir::display_name(target.table),
                    target.span});
}

/// language.md, "An existing target".
void check_existing(ir::Target& target, const TableInfo& info, const ir::Query& query,
                    Diagnostics& errors) {
  const auto shown = ir::display_name(target.table);
  target.exists = true;
  target.read_by_query = !target.elsewhere && reads(query, info.name);
  if (info.is_view) {
    errors.push_back({Code::bad_target, "the target is a view: " + shown, target.span});
  } else if (info.is_temporary) {
    errors.push_back({Code::bad_target, "the target is a temporary table: " + shown, target.span});
  } else if (target.mode == ir::OutputMode::ours_only && target.read_by_query) {
    errors.push_back({Code::target_is_source, "the query reads the target: " + shown, target.span,
                      "write into another table, or say WITH output.mode = replace"});
  } else if (target.mode == ir::OutputMode::ours_only &&
             info.comment != ir::ours_comment(info.name)) {
    errors.push_back({Code::target_exists, "table exists and was not written by quern: " + shown,
                      target.span,
                      "choose another name, or say WITH output.mode = replace (or append)"});
  }
}

/// A column of the one type takes the other as it is; some databases have fewer types than a
/// result.
bool same_type(const ColumnType& a, const ColumnType& b, const Catalog& catalog) {
  if (a == b || a.sql_name == b.sql_name) return true;
  return catalog.type_name(a) == catalog.type_name(b);
}

void check_append(const ir::Target& target, const Schema& output, const TableInfo& info,
                  const Catalog& catalog, Diagnostics& errors) {
  bool same = info.columns.size() == output.size();
  for (std::size_t i = 0; same && i < output.size(); ++i) {
    same = equal_ignoring_case(info.columns[i].name, output[i].name) &&
           same_type(info.columns[i].type, output[i].type, catalog);
  }
  if (same) return;
  std::string wanted;
  for (const auto& f : output)
    wanted += (wanted.empty() ? "" : ", ") + f.name + " " + f.type.sql_name;
  errors.push_back(
      {Code::bad_target,
       "the target has other columns than the result: " + ir::display_name(target.table),
       target.span, "the result is " + wanted});
}

/// Names of a table's columns are unique; a rows result may repeat them.
void check_names(const Schema& output, SourceSpan span, Diagnostics& errors) {
  const ColumnIndex index(output);
  for (std::size_t i = 0; i < output.size(); ++i) {
    if (index.named_alike(output[i].name).front() == i) continue;
    errors.push_back({Code::ambiguous_column,
                      "a table cannot have two columns with the name " + output[i].name, span,
                      "name each once with AS"});
    return;
  }
}

bool replaces_file(const std::vector<ir::Setting>& settings) {
  return output_mode(settings) == ir::OutputMode::replace &&
         ir::find_setting(settings, "report") != nullptr;
}

}  // namespace

std::optional<ir::ReportFile> bind_report_file(const std::vector<ir::Setting>& settings) {
  const auto* setting = ir::find_setting(settings, "report");
  if (setting == nullptr) return std::nullopt;
  return ir::ReportFile{.path = std::get<std::string>(setting->value),
                        .span = setting->value_span,
                        .replace = output_mode(settings) == ir::OutputMode::replace};
}

void check_mode_has_target(const std::vector<ir::Setting>& settings, bool has_target,
                           const std::string& hint, Diagnostics& errors) {
  const auto* mode = ir::find_setting(settings, "output.mode");
  if (mode == nullptr || has_target || replaces_file(settings)) return;
  errors.push_back(
      {Code::attribute_conflict, "output.mode needs a target table", mode->span, hint});
}

Result<ir::Target> bind_target(TableName table, SourceSpan span,
                               const std::vector<ir::Setting>& settings, const ir::Query& query,
                               Schema& output, Catalog& catalog, Diagnostics& errors) {
  ir::Target target{.table = std::move(table), .span = span, .mode = output_mode(settings)};
  check_names(output, query.span, errors);
  check_not_store(target, errors);
  QUERN_CHECK(check_place(target.table, target.span, catalog));
  QUERN_TRY(auto place, catalog.place_target(target.table, output));
  target.elsewhere = place.elsewhere;
  output = std::move(place.columns);
  QUERN_TRY(auto info, catalog.find_table(target.table));
  if (!info) return target;
  check_existing(target, *info, query, errors);
  if (target.mode != ir::OutputMode::append) return target;
  if (target.elsewhere) {
    QUERN_TRY(auto there, catalog.place_target(target.table, info->columns));
    info->columns = std::move(there.columns);
  }
  check_append(target, output, *info, catalog, errors);
  return target;
}

}  // namespace quern::binding
