#pragma once
// The same reading by MySQL Connector/C++.

#include <string>

/// Reads all doubles of a query's columns from the second on; returns the sum of the second column.
/// \param prepared  rows in binary form, which the library gathers all; else one by one as text.
double read_by_connector_cpp(const std::string& socket, const std::string& query, bool prepared);
