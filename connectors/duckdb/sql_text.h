#pragma once
// The little that must be known of a statement's text: where its tokens are. Everything else about
// SQL is asked of DuckDB.

#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"

namespace quern::duckdb {

/// The first token at or after `from`: a name, number, string, quoted name or symbol; comments and
/// blanks are skipped. An empty span at the end of the text.
SourceSpan next_token(std::string_view text, std::size_t from);

/// The token that holds byte `position`, a dotted name taken as one. A point where there is none.
SourceSpan token_at(std::string_view text, std::size_t position);

/// The first name or string that means `name`, ASCII case ignored; none() where there is none.
SourceSpan find_name(std::string_view text, std::string_view name);

/// The words at the beginning, upper case, joined by blanks: "CREATE OR REPLACE TEMP TABLE". Ends
/// before the first token that is no plain word; at most `limit` words.
std::string leading_words(std::string_view text, int limit);

/// True where a semicolon is followed by something.
bool has_several_statements(std::string_view text);

/// The parts of a dotted name, quotes taken off: `a."b.c"` is {a, b.c}.
std::vector<std::string> split_name(std::string_view name);

}  // namespace quern::duckdb
