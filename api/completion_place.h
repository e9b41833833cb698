#pragma once
// Where the cursor stands in a statement, and so what may be written there. Looks at the text
// alone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/text_parts.h"

namespace quern {

/// What is asked for at the cursor.
enum class Asked : std::uint8_t {
  nothing,     ///< inside a comment or a string that is only data
  start,       ///< the first word of a statement
  expression,  ///< columns, and keywords of SQL
  table,
  file,
  verb,  ///< behind TO
  estimator,
  clause,     ///< `clauses` of the place
  attribute,  ///< a name behind WITH
  value,      ///< of `attribute`
  feature,    ///< in COLUMN: columns and functions
  column,     ///< of the query: LABEL
  model,
  explainer,
  setting,        ///< behind SET
  setting_value,  ///< of `attribute`
  connection,
  subject,  ///< of SHOW ATTRIBUTES: estimators and verbs
  word,     ///< one of `clauses`, and nothing else
  command,
  command_word,  ///< the argument of the command `owner`
};

/// A table that the statement names, or a file.
struct TableUse {
  std::vector<std::string> name;  ///< its parts, without quotes
  std::string alias;              ///< "" where it has none
};

struct Place {
  Asked asked = Asked::nothing;
  SourceSpan typed;    ///< of the word, up to the cursor; empty where none has begun
  SourceSpan word;     ///< the whole of it, also behind the cursor
  std::string prefix;  ///< what is typed, without an opening quote
  char quote = '\0';   ///< that opens the word
  std::vector<std::string> qualifier;  ///< `a`, `b` of `a.b.prefix`
  std::string owner;      ///< of attributes: "train", "predict", ...; of a word: the command
  std::string estimator;  ///< of the statement; "" where it has none
  std::string attribute;
  std::vector<std::string_view> clauses;
  std::string_view query;               ///< in front of TO; "" where there is no TO
  std::vector<TableUse> tables;         ///< of the whole statement
  std::vector<std::string> with_names;  ///< of `WITH name AS (`
};

/// \param cursor  bytes of `text`; what lies behind it counts for `tables` only.
Place place_of(std::string_view text, std::size_t cursor, Dialect dialect);

}  // namespace quern
