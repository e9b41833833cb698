#pragma once
// Trials of searches as rows of `quern_trials`, which the first search makes. A row of version 0 is
// of a search that has not come to a model: the same search finds it and does not repeat it.

#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/statement_parts.h"
#include "compiler/ir/trial.h"
#include "connectors/connector.h"

namespace quern::runtime {

/// What a search has come to. `search` names it: two of one name would do the same.
struct TrialList {
  std::string search;
  std::vector<ir::Trial> trials;
};

namespace store {

/// Makes the table where it is not there. Errors: foreign_store.
Result<void> make_trial_table(Connection& connection, const TableName& where);

/// Inserts a trial of a search that goes on. Inside the transaction that is open.
Result<void> add_trial(Connection& connection, const TableName& where, const std::string& search,
                       const ir::Trial& trial);

/// Gives all trials of a search to a version of the model, in place of those of version 0.
Result<void> keep_trials(Connection& connection, const TableName& where, const std::string& name,
                         std::int64_t version, const TrialList& list);

/// The trials that are known of a search, of whatever version. Errors: foreign_store,
/// corrupt_model.
Result<std::vector<ir::Trial>> known_trials(Connection& connection, const TableName& where,
                                            const std::string& search);

/// Those of a version. Errors: as above.
Result<std::vector<ir::Trial>> trials_of(Connection& connection, const ir::ModelRef& model);

/// Deletes those of all versions, of unfinished searches too, or of one version.
Result<void> drop_trials(Connection& connection, const ir::ModelRef& model);

}  // namespace store
}  // namespace quern::runtime
