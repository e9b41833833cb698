#pragma once
// What is known of a value while a graph is read: which numbers of which columns it stands for.
// operators.cpp moves from node to node; foreign_model.cpp makes a model of what comes out.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "codegen/export/graph.h"
#include "codegen/forest/forest.h"
#include "codegen/import/flow_column.h"
#include "compiler/ir/network_layers.h"
#include "compiler/ir/scalar.h"

namespace quern::codegen {

/// A layer and its tensors by the ends of their names: "weight", "bias".
struct FlowLayer {
  ir::Layer layer;
  std::vector<std::pair<std::string, std::vector<float>>> tensors = {};
};
using FlowTower = std::vector<std::shared_ptr<const FlowLayer>>;

/// Trees with one output each, and what is added to their sums.
struct FlowTrees {
  std::vector<Tree> trees;
  std::vector<double> base;  ///< [outputs]
};

struct Flow {
  enum class Form : std::uint8_t {
    unread,  ///< computed in a way that has no counterpart here
    constant,
    columns,     ///< f32 [rows, width], of the inputs
    texts,       ///< [rows, width], of the inputs
    numbers,     ///< f32 [rows, width], of towers or trees
    complement,  ///< 1 - p of a `numbers` of one probability
    pair,        ///< [1 - p, p], or [-m, m] of one margin; width is 1
    index,       ///< the place of the largest
    labels,      ///< the class that stands there
  };
  /// Of numbers: what was done to the margins.
  enum class After : std::uint8_t { none, logistic, softmax, exponential, probability };

  Form form = Form::unread;
  std::shared_ptr<const Diagnostic> why = {};
  const Constant* constant = nullptr;
  std::shared_ptr<const FlowColumns> columns = {};
  bool whole = false;      ///< columns of whole numbers
  bool cut = false;        ///< columns without their fractions, which only categories can be
  bool is_vector = false;  ///< [rows], where others are [rows, 1]
  std::int64_t inner = 0;  ///< above 0: [rows, width / inner, inner]
  std::vector<FlowTower> towers = {};
  std::shared_ptr<const FlowTrees> trees = {};
  std::int64_t width = 0;
  After link = After::none;
  std::shared_ptr<const std::vector<Scalar>> classes = {};
  std::size_t id = 0;  ///< one a value
  std::size_t of = 0;  ///< of a logistic: the id of what it was taken of

  bool is(Form wanted) const { return form == wanted; }
  /// Numbers to which more may be done.
  bool is_open() const {
    return is(Form::columns) || (is(Form::numbers) && link == After::none) ||
           (is(Form::numbers) && link == After::logistic && !trees);
  }
};

/// Bounds of what a graph may make of few bytes.
class FlowBudget {
 public:
  static constexpr std::size_t kMostColumns = 65536;
  static constexpr std::size_t kMostLayers = 1000;

  /// \param values  numbers that the graph holds.
  explicit FlowBudget(std::size_t values = 0) : left_(kFree + 8 * values) {}

  /// False where the graph asks for more copies of columns, weights and nodes than any model of its
  /// size needs.
  bool take(std::size_t values) {
    if (values >= left_) return false;
    left_ -= values;
    return true;
  }

 private:
  static constexpr std::size_t kFree = std::size_t{1} << 21U;
  std::size_t left_;
};

/// y = (x - mean) / deviation.
struct Affine {
  double mean = 0;
  double deviation = 1;
  bool is_nothing() const { return mean == 0 && deviation == 1; }
};

// What can be done to numbers. Errors of all: not_in_this_version, in words that follow the name of
// an operator: "is behind a tree ensemble".

/// \param by  one, or one a column.
Result<Flow> shift(const Flow& x, const std::vector<Affine>& by, FlowBudget& budget);
/// Of columns only: missing numbers become these, one or one a column.
Result<Flow> impute(const Flow& x, const std::vector<double>& values, FlowBudget& budget);
/// Of columns only: 1 above the threshold, else 0.
Result<Flow> binarize(const Flow& x, double threshold, FlowBudget& budget);
/// The columns or texts at these places.
Result<Flow> select(const Flow& x, const std::vector<std::int64_t>& places, FlowBudget& budget);
/// One behind the other.
Result<Flow> join(const std::vector<Flow>& parts, FlowBudget& budget);
Result<Flow> push_layer(const Flow& x, FlowLayer layer, std::int64_t width);
Result<Flow> activate(const Flow& x, ir::Activation activation);
/// Margins of two towers or forests of the same columns, added up.
Result<Flow> add(const Flow& a, const Flow& b, FlowBudget& budget);

/// A value that is not read, and why.
Flow unread(Diagnostic why);

}  // namespace quern::codegen
