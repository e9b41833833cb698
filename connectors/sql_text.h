#pragma once
// The little that connectors must know of a statement's text: where its tokens are. Everything else
// about SQL is asked of the database.

#include <string>
#include <string_view>
#include <vector>

#include "base/dialect.h"
#include "base/span.h"

namespace quern::sql {

/// The first token at or after `from`: a name, number, string, quoted name or symbol; comments and
/// blanks are skipped, but not comments that MySQL runs. An empty span at the end of the text.
SourceSpan next_token(std::string_view text, std::size_t from, Dialect dialect);

/// The token that holds byte `position`, a dotted name taken as one. A point where there is none.
SourceSpan token_at(std::string_view text, std::size_t position, Dialect dialect);

/// The first name or string that means `name`, ASCII case ignored; none() where there is none.
SourceSpan find_name(std::string_view text, std::string_view name, Dialect dialect);

/// The words at the beginning, upper case, joined by blanks: "CREATE OR REPLACE TEMP TABLE". Ends
/// before the first token that is no plain word; at most `limit` words.
std::string leading_words(std::string_view text, int limit, Dialect dialect);

/// True where a semicolon is followed by something.
bool has_several_statements(std::string_view text, Dialect dialect);

/// The statement without what stands behind its last token, and without the semicolon that ends it.
std::string_view without_end(std::string_view text, Dialect dialect);

/// The parts of a dotted name, quotes taken off: `a."b.c"` is {a, b.c}.
std::vector<std::string> split_name(std::string_view name, Dialect dialect);

}  // namespace quern::sql
