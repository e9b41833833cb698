#pragma once
// Which tables a query names. The server does not tell: EXPLAIN shows aliases, and leaves out what
// its optimizer made constant.

#include <string_view>
#include <vector>

#include "connectors/connector.h"

namespace quern::mysql {

/// The tables and views behind FROM and JOIN at any depth, as written and in the order of the text;
/// names of common table expressions left out where those are meant.
std::vector<TableName> tables_named(std::string_view sql);

}  // namespace quern::mysql
