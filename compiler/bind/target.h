#pragma once
// What the verbs share that have a result: the table that it goes to.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/bind/catalog.h"
#include "compiler/ir/statement.h"

namespace quern::binding {

/// The declaration of output.mode is in force only with a table, or to replace the file of
/// `report`. \param hint shows how to name a table. Errors: attribute_conflict.
void check_mode_has_target(const std::vector<ir::Setting>& settings, bool has_target,
                           const std::string& hint, Diagnostics& errors);

/// The file that the setting `report` names.
std::optional<ir::ReportFile> bind_report_file(const std::vector<ir::Setting>& settings);

/// Settles what happens to `table`, which gets rows of `output`, whose types get the names of its
/// database: docs/language.md, "An existing target". Errors: bad_target, target_exists,
/// target_is_source, ambiguous_column (two output columns of one name).
Result<ir::Target> bind_target(TableName table, SourceSpan span,
                               const std::vector<ir::Setting>& settings, const ir::Query& query,
                               Schema& output, Catalog& catalog, Diagnostics& errors);

}  // namespace quern::binding
