#pragma once
// The server of QUERN_TEST_POSTGRES; each test has a database of its own on it.

#include <memory>
#include <string>

#include "connectors/connector.h"

namespace quern::postgres_test {

/// Fails the test where the database cannot be opened.
std::unique_ptr<Connection> connect(const std::string& database);
/// Makes a database that is empty, and returns its name.
std::string fresh();

}  // namespace quern::postgres_test
