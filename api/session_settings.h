#pragma once
// Reads what `SET quern.<name>` changes.

#include <string>

#include "api/session_state.h"

namespace quern {

/// The value as SET takes it. Errors: unknown_setting.
Result<std::string> setting_text(const SessionState& session, const std::string& name);

}  // namespace quern
