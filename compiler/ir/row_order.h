#pragma once
// train.order_by: one more query around the user's, and the way back from positions in it.

#include <string>

#include "base/result.h"
#include "compiler/ir/statement.h"

namespace quern::ir {

/// The query with its rows in order, as the database gets it.
std::string ordered_text(const Query& query, const RowOrder& order);

/// Moves errors about that text to what the user wrote: a place in the query, or the attribute.
Diagnostics moved_from_ordered(Diagnostics errors, const Query& query, const RowOrder& order);

}  // namespace quern::ir
