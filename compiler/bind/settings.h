#pragma once
// Attributes as written to settings as declared.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/bind/constants.h"
#include "compiler/ir/attributes.h"
#include "compiler/ir/estimators.h"
#include "parser/ast.h"

namespace quern::binding {

/// Checks a constant by an attribute's declaration. Errors: attribute_type, attribute_range.
Result<ir::AttributeValue> to_value(const ir::AttributeSpec& spec, const Constant& constant,
                                    SourceSpan span);

/// Binds WITH attributes to their declarations; appends what is wrong to `errors` and leaves it
/// out. `subject` names the statement or estimator in messages. Errors: unknown_attribute,
/// attribute_type, attribute_range, repeated_attribute, not_in_this_version.
std::vector<ir::Setting> bind_settings(const std::vector<ast::Attribute>& with,
                                       std::span<const ir::AttributeSpec> specs,
                                       const std::string& subject, Diagnostics& errors);

/// The same for TO TRAIN: the estimator's renames and boosters are respected.
std::vector<ir::Setting> bind_training_settings(const std::vector<ast::Attribute>& with,
                                                const ir::EstimatorDescriptor& estimator,
                                                Diagnostics& errors);

/// An error for an attribute that is given but has no say here: nothing is ignored.
/// Errors: attribute_conflict.
void refuse(const std::vector<ir::Setting>& settings, const std::string& name,
            const std::string& why, const std::string& hint, Diagnostics& errors);

/// Whether the objective that the settings choose is built and suits the estimator.
void check_objective(const ir::EstimatorDescriptor& estimator,
                     const std::vector<ir::Setting>& settings, Diagnostics& errors);

}  // namespace quern::binding
