#pragma once
// How a warning speaks of several columns at once.

#include <string>
#include <vector>

namespace quern::runtime {

/// A column, and what was found in it.
struct Finding {
  std::string column;
  std::string found = {};
};

/// "a (1), b ('x') and 3 more": five at most, each with what was found where that is not empty.
std::string listed(const std::vector<Finding>& findings);

/// What to write so that the columns are no features, in words of COLUMN.
std::string leave_out(const std::vector<Finding>& findings);

}  // namespace quern::runtime
