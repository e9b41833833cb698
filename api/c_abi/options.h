#pragma once
// Options and parameters of C's calls: names and values.

#include <map>
#include <string>

#include "api/quern.h"
#include "api/quern.hpp"

struct quern_options {
  std::map<std::string, std::string> values;
};

struct quern_parameters {
  quern::Parameters values;
  quern::NamedParameters named = {};
};

namespace quern::c_abi {

/// Errors: unknown_setting for options of the other function.
Result<SessionOptions> session_options(const char* uri, const quern_options* options);
Result<RunOptions> run_options(const quern_options* options, const quern_parameters* parameters);

}  // namespace quern::c_abi
