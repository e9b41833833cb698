#pragma once
// libmariadb's objects with owners.

#include <mysql.h>

#include <memory>

namespace quern::mysql {

struct CloseConnection {
  void operator()(MYSQL* connection) const { mysql_close(connection); }
};
struct CloseStatement {
  void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
};
struct FreeResult {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};

using ConnectionHandle = std::unique_ptr<MYSQL, CloseConnection>;
/// Closing one whose rows are not all fetched reads the rest of them.
using StatementHandle = std::unique_ptr<MYSQL_STMT, CloseStatement>;
using ResultHandle = std::unique_ptr<MYSQL_RES, FreeResult>;

}  // namespace quern::mysql
