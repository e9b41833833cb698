// The C++ library offers two ways: rows as text, one by one, and prepared statements, all of whose
// rows it keeps.

#include "peer_connector_cpp.h"

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

#include <memory>

namespace {

double sum_of(sql::ResultSet& rows) {
  const auto columns = rows.getMetaData()->getColumnCount();
  double sum = 0;
  double rest = 0;
  while (rows.next()) {
    sum += static_cast<double>(rows.getDouble(2));
    for (unsigned int i = 3; i <= columns; ++i) rest += static_cast<double>(rows.getDouble(i));
  }
  return rest < 0 ? 0 : sum;
}

}  // namespace

double read_by_connector_cpp(const std::string& socket, const std::string& query, bool prepared) {
  const std::unique_ptr<sql::Connection> connection(
      get_driver_instance()->connect("unix://" + socket, "root", ""));
  connection->setSchema("mysql");
  if (prepared) {
    const std::unique_ptr<sql::PreparedStatement> statement(connection->prepareStatement(query));
    const std::unique_ptr<sql::ResultSet> rows(statement->executeQuery());
    return sum_of(*rows);
  }
  const std::unique_ptr<sql::Statement> statement(connection->createStatement());
  statement->setResultSetType(sql::ResultSet::TYPE_FORWARD_ONLY);
  const std::unique_ptr<sql::ResultSet> rows(statement->executeQuery(query));
  return sum_of(*rows);
}
