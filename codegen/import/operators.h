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

/// Most operators want numbers, as matrices: texts, numbers without their fractions, and tensors of
/// three dimensions go to those only that know of them. Error: not_in_this_version.
Result<void> check_form(const GraphNode& node, const std::vector<Flow>& inputs);

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
/// Those of ai.onnx.ml that make numbers of categories.
std::span<const NamedOperator> category_operators();

/// LabelEncoder of texts or whole numbers: a number for each.
Result<std::vector<Flow>> encode_labels(const GraphNode& node, const Flow& x,
                                        OperatorContext& context);

/// Gather of a constant table's rows, by columns of whole numbers or what a LabelEncoder gives. A
/// number that is no row gives zeros.
Result<std::vector<Flow>> gather_rows(const GraphNode& node, const Flow& table, const Flow& index,
                                      OperatorContext& context);

}  // namespace quern::codegen
