#pragma once
// A stored model as a graph: its features from the columns of a query, its margins, its answers.

#include "codegen/export/graph.h"
#include "codegen/model.h"
#include "compiler/ir/manifest.h"

namespace quern::codegen {

/// Lowers a model with all that prepares its features. Inputs are the columns that the model reads,
/// by name, each [rows, 1], lists [rows, elements]: text as text, all else as f64, booleans as 0
/// and 1, dates as days and timestamps as microseconds since 1970-01-01, times and intervals in
/// seconds. NULL is NaN, and of text "", unless that is a category of the model. Outputs: of
/// numbers `prediction` f32 [rows, 1]; of classes `label` [rows] in the label's type and, where the
/// objective gives them, `probabilities` f32 [rows, classes].
///
/// Trees are summed in the order of whoever runs the graph: margins agree to about 1e-6.
/// A row's base margins are inputs too. Errors: not_in_this_version (hashed categories, crosses,
/// categories of numbers with fractions, texts that are vectors, sequences).
Result<Graph> lower_model(const ir::Manifest& manifest, const Model& model);

}  // namespace quern::codegen
