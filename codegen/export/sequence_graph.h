#pragma once
// The part of a network that reads step by step: sequences out of the feature matrix, and layers of
// cells as ONNX has them.

#include <string>
#include <vector>

#include "codegen/export/graph_builder.h"
#include "codegen/network/network_model.h"

namespace quern::codegen {

/// The sequences of one tower: all blocks first, then the cells. The model and the builder outlive
/// it. Not thread-safe.
class SequenceGraph {
 public:
  using Value = GraphBuilder::Value;

  /// \param steps  of all sequences of the tower.
  SequenceGraph(const NetworkModel& model, std::int64_t steps, GraphBuilder& out)
      : model_(model), steps_(steps), out_(out) {}

  /// What a block reads, by steps: of one without rows its numbers, f32 [rows, steps, numbers], 0
  /// for NaN and behind the sequence's end; of one with rows the codes, f32 [rows, steps], NaN
  /// behind the end. \param columns  f32 [rows, steps * numbers], NaN in a step's first number: the
  /// end.
  Value read(const ir::SequenceBlock& block, const Value& columns);
  /// f32 [rows, width] at each step: [rows, steps, width].
  Value repeat(const Value& x);

  /// One layer. \param x  f32 [steps, rows, inputs]. Gives f32 [steps, rows, width] where the layer
  /// gives the whole, else [rows, width], zeros for a row without a step.
  /// \param name  of its tensors: "rnn.layer0".
  Value cells(const ir::RecurrentLayer& layer, const std::string& name, const Value& x,
              std::int64_t inputs);

 private:
  void note_length(const Value& ends);
  Value lengths();
  Value zeros_without_steps(const Value& states);

  const NetworkModel& model_;
  std::int64_t steps_;
  GraphBuilder& out_;
  Value there_;    ///< boolean [rows, steps]: steps of the block that is read
  Value longest_;  ///< int64 [rows, 1]: steps that a row has in any block
  Value lengths_;  ///< int32 [rows]: the same for cells
};

}  // namespace quern::codegen
