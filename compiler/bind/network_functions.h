#pragma once
// Functions of COLUMN that say how a network reads a category.

#include "compiler/bind/feature_functions.h"
#include "compiler/bind/function_arguments.h"

namespace quern::binding {

/// EMBEDDING: a category, or the entries of a sparse vector, as a learned vector. Null, with an
/// error, where the arguments are none of it.
FeatureChange embedding(FunctionArguments& arguments);

/// SEQ_CATEGORY_ID: the ids of a text, step by step.
FeatureChange sequence(FunctionArguments& arguments);

/// INDICATOR: a category as a 1 among zeros; of a sparse vector which keys are there.
FeatureChange network_indicator();

/// What a network makes of a value by itself: numbers are standardized where `standardize` and
/// nothing scaled them, buckets are categories. \param tower  -1: all of them. \param steps  a
/// number may be a step of a sequence, which a missing one would end: it is the mean then.
void complete_for_network(FeatureValue& value, bool standardize, bool steps, std::int32_t tower);

}  // namespace quern::binding
