// What may be divided is not guessed from the text: the server's own plan must be a scan of one
// table and nothing else, and that of a part a scan of a range of its pages.

#include "connectors/postgres/division.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/similar.h"
#include "connectors/sql_text.h"

namespace quern::postgres {
namespace {

using Json = nlohmann::json;

/// Scans of a range of pages came with version 14.
constexpr int kFirstVersion = 140000;
/// Below 32 MiB a second connection does not pay.
constexpr std::int64_t kFewestPages = 4096;
/// A part is about so many rows, two batches, unless its pages were too few or too many.
constexpr double kRowsOfPart = 16384;
constexpr double kFewestPagesOfPart = 128;
constexpr double kMostPagesOfPart = 8192;

/// The plan's root; an empty object where there is none.
Json plan_of(Session& session, const std::string& sql) {
  const auto rows = session.ask("EXPLAIN (FORMAT JSON, VERBOSE) " + sql);
  if (!rows || rows->empty()) return Json::object();
  const auto json = Json::parse(rows->at(0).at(0), nullptr, false);
  if (!json.is_array() || json.empty() || !json[0].contains("Plan")) return Json::object();
  return json[0]["Plan"];
}

/// The node below a Gather, with nothing beside it; the node itself where it is none.
const Json& below_gather(const Json& node) {
  const bool gathers = node.value("Node Type", "") == "Gather" && node.contains("Plans");
  return gathers && node["Plans"].size() == 1 ? node["Plans"][0] : node;
}

bool is_scan(const Json& node, const char* type) {
  return node.value("Node Type", "") == type && !node.contains("Plans") &&
         node.contains("Relation Name");
}

/// What has one value in a statement, and another one in each session.
bool reads_clock(const Json& node) {
  static constexpr std::array<std::string_view, 6> kClocks{"now()",      "current_", "localtime",
                                                           "_timestamp", "age(",     "timeofday"};
  const auto words = lower_ascii(node.dump());
  return std::any_of(kClocks.begin(), kClocks.end(),
                     [&](auto clock) { return words.find(clock) != std::string::npos; });
}

/// A name as the server reads it.
std::string as_read(std::string_view token) {
  if (!token.starts_with('"')) return lower_ascii(std::string(token));
  std::string out;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    out += token[i];
    if (token[i] == '"') ++i;
  }
  return out;
}

/// Blanks in the place of `schema.` before the table's name: the text keeps its length.
std::string without_schema(std::string text, const TableName& table) {
  const auto next = [&](std::size_t from) {
    return sql::next_token(text, from, Dialect::postgres);
  };
  const auto is = [&](SourceSpan token, const std::string& name) {
    return token.size() > 0 &&
           as_read(std::string_view(text).substr(token.begin, token.size())) == name;
  };
  for (auto token = next(0); token.size() > 0; token = next(token.end)) {
    if (!is(token, table.schema)) continue;
    const auto dot = next(token.end);
    if (dot.size() != 1 || text[dot.begin] != '.' || !is(next(dot.end), table.table)) continue;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(token.begin),
              text.begin() + static_cast<std::ptrdiff_t>(dot.end), ' ');
  }
  return text;
}

std::string tid(std::int64_t page) { return "'(" + std::to_string(page) + ",0)'::tid"; }

/// Pages of the table in the session's snapshot or later; 0 where it cannot be told.
std::int64_t pages_of(Session& session, const TableName& table) {
  const auto rows =
      session.ask("SELECT pg_relation_size(to_regclass($1)) / current_setting('block_size')::int8",
                  {quote_name(table, Dialect::postgres)});
  if (!rows || rows->empty() || rows->at(0).at(0).empty()) return 0;
  return std::stoll(rows->at(0).at(0));
}

}  // namespace

WrappedQuery Division::query(std::size_t part) const {
  const auto table = quote_identifier(table_.table, Dialect::postgres);
  // Rows that came later lie behind the last page too, and are not seen.
  const auto end = part + 1 < parts_ ? " AND ctid < " + tid(first_page(part + 1)) : "";
  // The table's name means some of its pages; the query sees no difference.
  const auto head = "WITH " + table + " AS (SELECT * FROM " +
                    quote_name(table_, Dialect::postgres) +
                    " WHERE ctid >= " + tid(first_page(part)) + end + ") ";
  auto out = select_from(text_, values_, columns_);
  return {head + out.sql, head.size() + out.before};
}

bool Division::holds(Session& session) const {
  const bool new_name = PQserverVersion(session.handle()) >= 160000;
  const std::string force = new_name ? "debug_parallel_query" : "force_parallel_mode";
  // What the server would give to a worker of its own may run in another session of ours.
  const auto set = session.command("SET LOCAL " + force +
                                   " = on; SET LOCAL max_parallel_workers_per_gather = 1; "
                                   "SET LOCAL lock_timeout = '500ms'");
  if (!set) return false;
  const auto root = plan_of(session, query(0).sql);
  const auto reset = session.command("SET LOCAL " + force +
                                     " = off; SET LOCAL lock_timeout = 0; "
                                     "SET LOCAL idle_in_transaction_session_timeout = 0");
  if (!reset || root.value("Node Type", "") != "Gather") return false;
  const auto& scan = below_gather(root);
  return is_scan(scan, "Tid Range Scan") && scan["Relation Name"] == table_.table &&
         scan.value("Schema", "") == table_.schema && !reads_clock(scan);
}

std::optional<Division> divide(Session& session, const std::string& sql, const std::string& values,
                               std::size_t columns) {
  if (PQserverVersion(session.handle()) < kFirstVersion || !session.copies_queries()) return {};
  Division out;
  out.text_ = sql::without_end(sql, Dialect::postgres);
  const auto root = plan_of(session, out.text_);
  const auto& scan = below_gather(root);
  if (!is_scan(scan, "Seq Scan")) return {};
  out.table_ = {.schema = scan.value("Schema", ""), .table = scan["Relation Name"]};
  const auto pages = pages_of(session, out.table_);
  if (pages < kFewestPages) return {};
  out.text_ = without_schema(std::move(out.text_), out.table_);
  out.values_ = values;
  out.columns_ = columns;
  const double rows_of_page =
      std::max(root.value("Plan Rows", 1.0), 1.0) / static_cast<double>(pages);
  out.pages_of_part_ = static_cast<std::int64_t>(
      std::clamp(kRowsOfPart / rows_of_page, kFewestPagesOfPart, kMostPagesOfPart));
  out.parts_ = static_cast<std::size_t>((pages + out.pages_of_part_ - 1) / out.pages_of_part_);
  return out;
}

}  // namespace quern::postgres
