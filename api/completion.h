#pragma once
// What could be written at the cursor, and what the word under it means: for every front end with
// an editor. The text may be unfinished or wrong.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/export.h"
#include "base/span.h"

namespace quern {

enum class CandidateKind : std::uint8_t {
  keyword,
  table,
  view,
  column,
  model,
  estimator,
  attribute,
  value,
  function,
  setting,
  connection,
  command,  ///< that begins with a backslash
  file,
  variable,
};

/// "keyword", "table", ...
QUERN_API std::string_view kind_name(CandidateKind kind);

struct Candidate {
  std::string text;  ///< as it is to be written: quoted where that is needed
  CandidateKind kind = CandidateKind::keyword;
  std::string doc;  ///< one line: a type, what an attribute means; may be empty
};

/// The candidates stand in the order in which they are to be offered; all begin, case ignored, with
/// what was typed.
struct Completion {
  SourceSpan replaced;  ///< bytes of the text: what was typed of the word, up to the cursor
  std::vector<Candidate> candidates;
  bool unfinished = false;  ///< the catalog is still being read: see Session::prepare_completion()
};

/// What is known of a word.
struct Inspection {
  SourceSpan word = SourceSpan::none();  ///< unknown: there is nothing to say
  std::string title;                     ///< "attribute eta", "table iris"
  std::string text;                      ///< lines without markup; the last one unfinished
};

}  // namespace quern
