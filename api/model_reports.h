#pragma once
// What SHOW and DESCRIBE answer, as rows of text: readable as a table, usable as data.

#include <string>
#include <vector>

#include "base/column.h"
#include "compiler/ir/model_statements.h"
#include "runtime/model_store/model_store.h"

namespace quern {

/// Rows of a schema made here.
struct Report {
  Schema schema;
  ColumnBatch rows;
};

Report models_report(const std::vector<runtime::ModelRow>& models);

/// SQLFlow's two columns: the model, and the statement that trained it, without passwords.
Report train_report(const ir::ShowTrain& show);

/// The best trial first: number, each value, the metric's value, rounds, seconds, state, message.
Report trials_report(const ir::Manifest& manifest, std::vector<ir::Trial> trials);

/// Section, name and value; sections: model, label, class, split, attribute, feature, round N.
Report describe_report(const ir::DescribeModel& describe, const runtime::ModelSizes& sizes);

/// Name, type, default, allowed values, aliases and meaning of each attribute of this version.
Report attributes_report(const ir::ShowAttributes& show);

}  // namespace quern
