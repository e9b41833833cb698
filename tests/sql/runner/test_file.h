#pragma once
// A .test file as data. The form is sqllogictest's, with cases and spans:
//
//   # comment
//   engines duckdb sqlite             the databases that the file is for, before its first case; or
//                                     a case, as its first line. Without it: duckdb
//   case name: the rule that this case pins
//   statement ok                      SQL until a blank line
//   statement error Q2003 klass       fails with this code; the text under the caret is `klass`
//   statement note text               ends well, and a note or warning contains the text
//   statement quiet                   ends well, without a warning
//   statement done text               ends well, and the closing message contains the text
//   query [rowsort] [approx=1e-6]     SQL, a line ----, the rows: values separated by tabs
//   query contains                    the rows are among those that come, in this order
//   reopen                            closes the session and opens the same database again
//   session name                      goes on in another session on the same database
//   file name                         writes the lines up to a blank line into a file
//
// After `statement error` a line ---- and text: the rendered diagnostics contain each of its lines.

#include <string>
#include <vector>

namespace quern::tests {

enum class Verb { ok, error, note, quiet, done, query, reopen, session, file };

struct Step {
  Verb verb = Verb::ok;
  int line = 0;                       ///< of the directive, from 1
  std::vector<std::string> words;     ///< behind the verb
  std::string argument;               ///< the rest of the directive's line behind the verb
  std::string body;                   ///< SQL, or the contents of a file
  std::vector<std::string> expected;  ///< lines behind ----
  bool has_expected = false;
};

struct Case {
  std::string name;
  std::string rule;
  int line = 0;
  std::vector<Step> steps;
  std::vector<std::string> engines;  ///< that it is for
};

/// Parses a file. `error` gets "line: what" when the file is malformed; the cases are then empty.
std::vector<Case> parse_test_file(const std::string& text, std::string& error);

}  // namespace quern::tests
