#pragma once
// Plain SQL that is the session's too, seen by its words: USE and DETACH of a connection, SET
// threads.

#include <optional>
#include <string>

#include "base/dialect.h"

namespace quern {

/// n of `USE n`; a name of several parts is the database's.
std::optional<std::string> name_of_use(const std::string& sql, Dialect dialect);

/// n of `DETACH [DATABASE] [IF EXISTS] n`.
std::optional<std::string> name_of_detach(const std::string& sql, Dialect dialect);

/// `SET threads = 4`, and the other ways to say it to the database.
bool sets_threads(const std::string& sql, Dialect dialect);

}  // namespace quern
