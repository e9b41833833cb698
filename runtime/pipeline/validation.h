#pragma once
// The rows of validation.select: a query of its own, read through the fitted feature program.

#include <memory>

#include "compiler/plan/plan.h"
#include "connectors/connector.h"
#include "runtime/fit/fit.h"
#include "runtime/pipeline/train.h"

namespace quern::runtime {

/// Runs the query and turns its rows into pages, categories by the vocabulary of training.
/// Every error points at the attribute. Errors: no_rows, infinite_value, bad_weight and those of
/// LabelEncoder.
Result<std::unique_ptr<PageStore>> read_validation(const plan::Train& plan, const Fitted& fitted,
                                                   Connection& connection, const Control& control);

}  // namespace quern::runtime
