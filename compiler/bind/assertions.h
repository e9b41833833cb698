#pragma once
// What a model must keep, as text: "auc > 0.9 and log_loss < 0.3".

#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/model_use.h"

namespace quern::binding {

/// Reads the setting `assert`: comparisons of a metric (or `rows`) with a number, joined by AND or
/// in a list. Each metric is one of ir::is_metric(); which of them a name means is left open.
/// Appends what is wrong to `errors`, at the value. Errors: attribute_range.
std::vector<ir::Assertion> read_assertions(const ir::Setting& setting, Diagnostics& errors);

/// Says which metrics the assertions mean for such a model. Errors, at `span`: attribute_conflict.
void settle_assertions(std::vector<ir::Assertion>& assertions, ir::Judged judged, SourceSpan span,
                       Diagnostics& errors);

}  // namespace quern::binding
