#pragma once
// A script checked against the database without running it: each statement is bound and described
// as it would be, except where an earlier one of the script changes what it builds on.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "api/session_catalog.h"
#include "api/session_state.h"
#include "base/result.h"
#include "parser/ast.h"

namespace quern {

class DryRun {
 public:
  struct Finding {
    std::string message;  ///< "returns 2 columns: a INTEGER, b VARCHAR"
    bool checked = true;  ///< false: it depends on an earlier statement
    bool returns_rows = false;
    Schema schema = {};  ///< of the rows, where that is known before they are there
  };

  /// \param place  words for where a span stands: "line 3".
  DryRun(SessionState& session, std::function<std::string(SourceSpan)> place)
      : session_(session),
        connection_(session.connection()),
        catalog_(connection_, session),
        place_(std::move(place)) {}

  /// Statements in the order of the script. Errors: those of binding.
  Result<Finding> check(const ast::Statement& statement);

 private:
  /// What an earlier statement would have changed, had it run.
  struct Earlier {
    SourceSpan span;
    std::set<std::string> names;  ///< tables, models and files, lower case
    bool anything = false;        ///< SET, USE, ATTACH and the like
  };

  const Earlier* named_by(const ast::Statement& statement) const;
  const Earlier* may_change_anything() const;
  Finding not_checked(const Earlier& earlier) const;
  Result<Finding> check_now(const ast::Statement& statement);
  Result<Finding> check_sql(const ast::PlainSql& statement);
  Result<Finding> check_import(const ir::ImportModel& statement);
  Result<Finding> check_drop(const ast::DropModel& statement);

  SessionState& session_;
  Connection& connection_;
  SessionCatalog catalog_;
  std::function<std::string(SourceSpan)> place_;
  std::vector<Earlier> earlier_;
};

}  // namespace quern
