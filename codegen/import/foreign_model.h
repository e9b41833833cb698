#pragma once
// A graph that others wrote as a model of ours: columns, what is computed of them, classes.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "codegen/export/graph.h"
#include "compiler/ir/manifest.h"

namespace quern::codegen {

/// What whoever reads a graph knows of it.
struct ForeignWishes {
  std::vector<std::string> columns;  ///< names of the inputs' columns in order; empty: the graph's
  std::size_t classes = 0;           ///< how many there are; 0: as the graph says
};

/// All of a manifest that comes out of the graph, and the model as a payload of ours.
struct ForeignModel {
  std::string estimator;  ///< "onnx.trees", "onnx.linear", "onnx.network"
  std::string booster;    ///< as an XGBoost document names it; "" of a network
  std::string objective;
  std::string payload_format;
  std::vector<std::uint8_t> payload;
  ir::Task task = ir::Task::regression;
  std::size_t classes = 0;            ///< of no regression
  std::vector<Scalar> known_classes;  ///< as many, or none where the graph does not name them
  ir::FeatureProgram program;
};

/// Reads a graph of trees, a linear model or a stack of layers, over numbers and categories: inputs
/// of one column
/// keep their names, several columns of one input are f0, f1, ... where there is no other input,
/// else NAME_0, NAME_1, .... Numbers that the graph says nothing of are margins where classes are
/// wished for, one of two classes or one each. A missing number is 0 in linear models and networks.
/// Errors: corrupt_model; not_in_this_version, with the operator and its node; attribute_conflict.
Result<ForeignModel> read_foreign(const Graph& graph, const ForeignWishes& wishes);

/// True where two graphs say the same of every node, constant, input and output, bit for bit.
bool same_computation(const Graph& a, const Graph& b);

}  // namespace quern::codegen
