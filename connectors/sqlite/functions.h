#pragma once
// Kernels as functions of SQLite: called row by row, with values of whatever type they have.

#include <memory>
#include <string>

#include "base/scalar_kernel.h"
#include "connectors/sqlite/session.h"

namespace quern::sqlite {

/// Registers the functions of `library`, which outlives the session. A subject is loaded when the
/// first row calls for it, through the session that is in the middle of its statement.
void offer_functions(Session& session, KernelLibrary& library);

}  // namespace quern::sqlite
