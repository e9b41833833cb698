#pragma once
// A parameter's value as a literal of a database: the one place that knows how each of them reads
// it.

#include <optional>
#include <span>
#include <vector>

#include "api/parameters.hpp"
#include "base/dialect.h"
#include "base/result.h"
#include "parser/script.h"

namespace quern {

/// Literals that nothing in the value can end, whatever the session's settings are. Errors, by the
/// parameter's number: variable_value for what the database has no form for, invalid_utf8.
Result<std::vector<ParameterText>> parameter_texts(const Parameters& parameters, Dialect dialect);

/// The value as an element of a list; nullopt for a list.
std::optional<ScalarParameter> element_of(const Parameter& parameter);

/// The same for all that was given with a script. Errors: bad_command for what is no name of a
/// variable, those of parameter_texts().
Result<ScriptValues> script_values(const Parameters& parameters, const NamedParameters& named,
                                   Dialect dialect);

}  // namespace quern
