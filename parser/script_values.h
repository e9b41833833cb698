#pragma once
// What a caller gives with a script: the values of its parameters, as they are written into it.

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace quern {

/// The value of a parameter as it is written: in a query, as the database reads it; in a clause of
/// ours, which has no form for some.
struct ParameterText {
  std::string in_query;
  std::optional<std::string> in_clause;
};

/// A value that a caller gave for `:name`. The other forms of a variable take its text.
struct NamedText {
  ParameterText literal;
  std::string text;
};

/// What a caller gave with a script.
struct ScriptValues {
  /// Of `?` and `$1`; none: both are left to the database. All must be used.
  std::vector<ParameterText> parameters = {};
  /// Looked at before the session's variables; may be left over.
  std::map<std::string, NamedText> named = {};
};

}  // namespace quern
