// One pass over the tokens. A level is what stands between two parentheses: it has its own list
// behind FROM, and sees the common table expressions of the levels around it.

#include "connectors/mysql/names.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/similar.h"
#include "connectors/sql_text.h"

namespace quern::mysql {
namespace {

using Names = std::vector<std::string>;

class Finder {
 public:
  explicit Finder(std::string_view sql) : sql_(sql) { advance(0); }

  std::vector<TableName> all() {
    while (!at_end()) {
      level({}, false);
      if (!at_end()) advance(token_.end);  // a parenthesis too many
    }
    return std::move(found_);
  }

 private:
  bool at_end() const { return token_.size() == 0; }
  std::string_view text() const { return sql_.substr(token_.begin, token_.size()); }
  void advance(std::size_t from) { token_ = sql::next_token(sql_, from, Dialect::mysql); }
  void advance() { advance(token_.end); }
  bool is(std::string_view word) const { return equal_ignoring_case(text(), word); }
  template <std::size_t kCount>
  bool is_among(const std::array<std::string_view, kCount>& words) const {
    return std::any_of(words.begin(), words.end(), [&](auto word) { return is(word); });
  }

  /// Where the pass is in a level.
  struct Level {
    Names seen;      ///< common table expressions that are known there
    bool query;      ///< FROM opens a list of tables; not so in EXTRACT(DAY FROM d)
    bool in_tables;  ///< behind FROM
    bool expects;    ///< the next name is a table's
  };

  /// Reads up to the parenthesis that closes the level, or to the end.
  /// \param tables  the level stands where a table may: `FROM (a JOIN b)`
  void level(const Names& seen, bool tables) {
    const bool query = tables || is("SELECT") || is("WITH") || is("VALUES") || is("(");
    Level here{seen, query || depth_ == 0, tables, tables};
    while (!at_end() && !is(")")) step(here);
  }

  void inner_level(const Names& seen, bool tables) {
    advance();
    ++depth_;
    level(seen, tables && !is("SELECT") && !is("WITH") && !is("VALUES"));
    --depth_;
    if (!at_end()) advance();
  }

  void step(Level& here) {
    static constexpr std::array<std::string_view, 13> kEndOfTables{
        "WHERE",  "GROUP",     "HAVING",    "ORDER", "LIMIT",  "WINDOW", "UNION",
        "EXCEPT", "INTERSECT", "PROCEDURE", "FOR",   "SELECT", "SET"};
    if (is("WITH") && !here.in_tables) {
      advance();
      if (!is("ROLLUP")) common_tables(here.seen);
    } else if (is("(")) {
      inner_level(here.seen, here.expects);
      here.expects = false;
    } else if (is("FROM") && here.query) {
      here.in_tables = here.expects = true;
      advance();
    } else if (here.in_tables && (is("JOIN") || is("STRAIGHT_JOIN") || is(","))) {
      here.expects = true;
      advance();
    } else if (is_among(kEndOfTables)) {
      here.in_tables = here.expects = false;
      advance();
    } else if (here.expects && !is("LATERAL")) {
      table(here.seen);
      here.expects = false;
    } else {
      advance();
    }
  }

  /// name [(columns)] AS (query), ... behind WITH.
  void common_tables(Names& seen) {
    const bool recursive = is("RECURSIVE");
    if (recursive) advance();
    while (!at_end()) {
      const auto names = sql::split_name(text(), Dialect::mysql);
      advance();
      if (is("(")) skip_level();
      if (is("AS")) advance();
      if (!is("(") || names.empty()) return;
      auto inside = seen;
      if (recursive) inside.push_back(names[0]);
      inner_level(inside, false);
      seen.push_back(names[0]);
      if (!is(",")) return;
      advance();
    }
  }

  void skip_level() {
    int depth = 0;
    do {
      if (is("(")) ++depth;
      if (is(")")) --depth;
      advance();
    } while (depth > 0 && !at_end());
  }

  void table(const Names& seen) {
    const auto whole = sql::token_at(sql_, token_.begin, Dialect::mysql);
    const auto parts = sql::split_name(sql_.substr(whole.begin, whole.size()), Dialect::mysql);
    advance(std::max(whole.end, token_.end));
    if (parts.empty() || is("(")) return;  // a function of tables, such as JSON_TABLE
    const auto known = [&](const std::string& name) { return equal_ignoring_case(name, parts[0]); };
    if (parts.size() == 1 && (known("dual") || std::any_of(seen.begin(), seen.end(), known)))
      return;
    TableName name{.catalog = {},
                   .schema = parts.size() > 1 ? parts[parts.size() - 2] : "",
                   .table = parts.back()};
    if (std::find(found_.begin(), found_.end(), name) == found_.end())
      found_.push_back(std::move(name));
  }

  std::string_view sql_;
  SourceSpan token_ = SourceSpan::none();
  std::vector<TableName> found_;
  int depth_ = 0;
};

}  // namespace

std::vector<TableName> tables_named(std::string_view sql) { return Finder(sql).all(); }

}  // namespace quern::mysql
