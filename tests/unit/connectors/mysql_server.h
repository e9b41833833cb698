#pragma once
// The server of QUERN_TEST_MYSQL; each test has a database of its own on it.

#include <memory>
#include <string>

#include "connectors/connector.h"

namespace quern::mysql_test {

/// The server's URI with another database. \param more  further options: "&name=value".
std::string uri_of(const std::string& database, const std::string& more = {});
/// Fails the test where that cannot be opened.
std::unique_ptr<Connection> connect(const std::string& uri);
/// Makes a database that is empty. \param name  where not null, gets its name.
std::unique_ptr<Connection> fresh(std::string* name = nullptr);

}  // namespace quern::mysql_test
