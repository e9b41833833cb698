#pragma once
// The operators that are read, each a function from what is known of its inputs to what is known
// of its outputs.

#include <deque>
#include <vector>

#include "codegen/import/flow.h"

namespace quern::codegen {

/// What the reading of one graph holds on to.
struct OperatorContext {
  FlowBudget budget;
  std::deque<Constant> folded;  ///< constants that nodes made of constants

  Flow keep(Constant constant);
};

/// Inputs stand in the node's order, none of them unread; one that is left out is a constant that
/// is null. Errors: corrupt_model; not_in_this_version, which make the outputs unread.
using Operator = Result<std::vector<Flow>> (*)(const GraphNode& node,
                                               const std::vector<Flow>& inputs,
                                               OperatorContext& context);

/// Null for an operator that is not read.
Operator find_operator(const GraphNode& node);

/// True where an operator leaves numbers what they are.
bool passes_on(const GraphNode& node);

// What the files of operators share.

/// The numbers of a constant; nullopt for texts, and for a value that is none.
std::optional<std::vector<double>> numbers_of(const Flow& flow);
std::optional<std::vector<std::int64_t>> wholes_of(const Flow& flow);
/// The flow, or the diagnostic of the node that could not make it.
Result<std::vector<Flow>> made_by(const GraphNode& node, Result<Flow> flow);

struct NamedOperator {
  const char* name;
  Operator read;
};
std::span<const NamedOperator> layer_operators();
std::span<const NamedOperator> shape_operators();
/// Those of ai.onnx.ml.
std::span<const NamedOperator> model_operators();

}  // namespace quern::codegen
