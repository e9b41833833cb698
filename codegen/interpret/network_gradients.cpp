// Forward and back through each tower, along the straight way from zeros to the row.

#include "codegen/interpret/network_gradients.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "base/box.h"
#include "codegen/interpret/cell_tape.h"
#include "codegen/interpret/network.h"

namespace quern::codegen {
namespace {

using Vector = std::vector<double>;

/// Points and weights of Gauss and Legendre's rule in [0, 1].
constexpr std::array<std::pair<double, double>, 5> kPoints{
    {{0.04691007703066802, 0.11846344252809454},
     {0.23076534494715845, 0.23931433524968324},
     {0.5, 0.28444444444444444},
     {0.76923465505284155, 0.23931433524968324},
     {0.95308992296933198, 0.11846344252809454}}};
constexpr int kFewestPieces = 4;
constexpr int kMostPieces = 64;
constexpr double kTolerance = 2e-3;

/// One tower: what stands behind each layer, and what its outputs owe to what it reads. What it
/// reads is one vector here: the steps of its sequences one behind the other.
class Tower {
 public:
  /// \param steps  1 where there is no sequence.
  Tower(const NetworkModel& model, const ir::Tower& tower, std::size_t steps)
      : model_(model), tower_(tower), steps_(steps), tapes_(tower.layers.size()) {}

  const Vector& run(const Vector& input) {
    values_.assign(1, parted(input));
    for (std::size_t i = 0; i < tower_.layers.size(); ++i) values_.push_back(forward(i));
    return values_.back().front();
  }

  /// After run(): the derivatives of one output by the inputs.
  Vector back(std::size_t output) const {
    TowerInput by{Vector(values_.back().front().size())};
    by[0][output] = 1;
    for (auto i = tower_.layers.size(); i-- > 0;) by = backward(i, std::move(by));
    Vector out;
    for (const auto& step : by) out.insert(out.end(), step.begin(), step.end());
    return out;
  }

 private:
  TowerInput parted(const Vector& input) const {
    TowerInput out(steps_);
    const auto width = static_cast<std::ptrdiff_t>(steps_ == 0 ? 0 : input.size() / steps_);
    for (std::size_t s = 0; s < steps_; ++s) {
      const auto first = input.begin() + static_cast<std::ptrdiff_t>(s) * width;
      out[s].assign(first, first + width);
    }
    return out;
  }

  std::string name(std::size_t layer) const {
    return tower_.name + ".layer" + std::to_string(layer);
  }

  double scale_of(std::size_t layer, std::size_t i, float epsilon) const {
    const double variance = model_.numbers(name(layer) + ".running_var")[i];
    return model_.numbers(name(layer) + ".weight")[i] / std::sqrt(variance + epsilon);
  }

  TowerInput forward(std::size_t layer) {
    const auto& steps = values_.back();
    return std::visit(
        Overloaded{
            [&](const ir::RecurrentLayer& l) { return forward(layer, l, steps); },
            [&](const ir::DropoutLayer&) { return steps; },
            [&](const auto& l) { return TowerInput{forward(layer, l, steps.front())}; },
        },
        tower_.layers[layer]);
  }

  TowerInput forward(std::size_t layer, const ir::RecurrentLayer& l, const TowerInput& steps) {
    auto& tapes = tapes_[layer];
    tapes.clear();
    tapes.emplace_back(model_, name(layer), l, false);
    auto out = tapes.back().run(steps);
    if (!l.bidirectional) return out;
    tapes.emplace_back(model_, name(layer), l, true);
    const auto other = tapes.back().run(steps);
    for (std::size_t s = 0; s < out.size(); ++s)
      out[s].insert(out[s].end(), other[s].begin(), other[s].end());
    return out;
  }

  Vector forward(std::size_t layer, const ir::LinearLayer& l, const Vector& x) const {
    const auto weight = model_.numbers(name(layer) + ".weight");
    const auto bias = model_.numbers(name(layer) + ".bias");
    Vector out(static_cast<std::size_t>(l.outputs));
    for (std::size_t o = 0; o < out.size(); ++o) {
      out[o] = bias.empty() ? 0.0 : bias[o];
      for (std::size_t i = 0; i < x.size(); ++i) out[o] += weight[o * x.size() + i] * x[i];
    }
    return out;
  }

  static Vector forward(std::size_t /*layer*/, const ir::ActivationLayer& l, Vector x) {
    for (auto& v : x) v = activate(l.activation, v);
    return x;
  }

  Vector forward(std::size_t layer, const ir::BatchNormLayer& l, Vector x) const {
    const auto mean = model_.numbers(name(layer) + ".running_mean");
    const auto bias = model_.numbers(name(layer) + ".bias");
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = (x[i] - mean[i]) * scale_of(layer, i, l.epsilon) + bias[i];
    return x;
  }

  TowerInput backward(std::size_t layer, TowerInput by) const {
    return std::visit(
        Overloaded{
            [&](const ir::RecurrentLayer& l) { return backward(layer, l, by); },
            [&](const ir::DropoutLayer&) { return std::move(by); },
            [&](const auto& l) { return TowerInput{backward(layer, l, std::move(by.front()))}; },
        },
        tower_.layers[layer]);
  }

  TowerInput backward(std::size_t layer, const ir::RecurrentLayer& l, const TowerInput& by) const {
    const auto& tapes = tapes_[layer];
    if (!l.bidirectional) return tapes.front().back(by);
    TowerInput ahead, behind;
    for (const auto& step : by) {
      const auto middle = step.begin() + l.outputs;
      ahead.emplace_back(step.begin(), middle);
      behind.emplace_back(middle, step.end());
    }
    auto out = tapes.front().back(ahead);
    const auto other = tapes.back().back(behind);
    for (std::size_t s = 0; s < out.size(); ++s) {
      for (std::size_t i = 0; i < out[s].size(); ++i) out[s][i] += other[s][i];
    }
    return out;
  }

  Vector backward(std::size_t layer, const ir::LinearLayer& /*l*/, const Vector& by) const {
    const auto weight = model_.numbers(name(layer) + ".weight");
    Vector out(values_[layer].front().size());
    for (std::size_t o = 0; o < by.size(); ++o) {
      if (by[o] == 0) continue;
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += by[o] * weight[o * out.size() + i];
    }
    return out;
  }

  Vector backward(std::size_t layer, const ir::ActivationLayer& l, Vector by) const {
    const auto& x = values_[layer].front();
    for (std::size_t i = 0; i < by.size(); ++i) by[i] *= slope(l.activation, x[i]);
    return by;
  }

  Vector backward(std::size_t layer, const ir::BatchNormLayer& l, Vector by) const {
    for (std::size_t i = 0; i < by.size(); ++i) by[i] *= scale_of(layer, i, l.epsilon);
    return by;
  }

  const NetworkModel& model_;
  const ir::Tower& tower_;
  std::size_t steps_;
  std::vector<TowerInput> values_;            ///< before each layer, and behind the last
  std::vector<std::vector<CellTape>> tapes_;  ///< of layers of cells, one a direction
};

/// Mean derivatives of each output along the way. \param pieces  each has its points.
std::vector<Vector> mean_slopes(Tower& tower, const Vector& input, std::size_t outputs,
                                int pieces) {
  std::vector<Vector> out(outputs, Vector(input.size()));
  Vector at(input.size());
  for (int piece = 0; piece < pieces; ++piece) {
    for (const auto& [point, weight] : kPoints) {
      const double way = (piece + point) / pieces;
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = way * input[i];
      tower.run(at);
      for (std::size_t o = 0; o < outputs; ++o) {
        const auto slopes = tower.back(o);
        for (std::size_t i = 0; i < at.size(); ++i) out[o][i] += weight / pieces * slopes[i];
      }
    }
  }
  return out;
}

double product(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Gives what the block's values moved to the features that they come from.
class Shares {
 public:
  Shares(const NetworkModel& model, std::int64_t row, std::size_t step, GroupRows groups,
         std::span<double> out)
      : model_(model),
        row_(row),
        step_(static_cast<std::int32_t>(step)),
        groups_(groups),
        out_(out) {}

  /// \param slopes  mean derivatives by the block's values; \param values  those. Of sequences, in
  /// `step`.
  void add(const ir::Block& block, std::span<const float> table, std::span<const double> values,
           std::span<const double> slopes) const {
    std::visit(Overloaded{
                   [&](const ir::DenseBlock& b) {
                     for (std::size_t i = 0; i < values.size(); ++i)
                       of(b.first + static_cast<std::int32_t>(i)) += values[i] * slopes[i];
                   },
                   [&](const ir::OneHotBlock& b) { add_all(b.feature, values, slopes); },
                   [&](const ir::EmbeddingBlock& b) { add_all(b.feature, values, slopes); },
                   [&](const ir::BagBlock& b) { add_bag(b, table, slopes); },
                   [&](const ir::SequenceBlock& b) { add_step(b, values, slopes); },
               },
               block);
  }

 private:
  double& of(std::int32_t feature) const { return out_[static_cast<std::size_t>(feature)]; }

  void add_all(std::int32_t feature, std::span<const double> values,
               std::span<const double> slopes) const {
    for (std::size_t i = 0; i < values.size(); ++i) of(feature) += values[i] * slopes[i];
  }

  /// A category's vector is its column's, numbers are each their own's.
  void add_step(const ir::SequenceBlock& b, std::span<const double> values,
                std::span<const double> slopes) const {
    const auto first = b.first + step_ * b.numbers;
    if (b.rows > 0) return add_all(first, values, slopes);
    for (std::size_t i = 0; i < values.size(); ++i)
      of(first + static_cast<std::int32_t>(i)) += values[i] * slopes[i];
  }

  void add_bag(const ir::BagBlock& b, std::span<const float> table,
               std::span<const double> slopes) const {
    const auto entries = groups_[static_cast<std::size_t>(b.group)].row(row_);
    auto first = model_.network.features;
    for (std::int32_t g = 0; g < b.group; ++g)
      first += model_.network.group_widths[static_cast<std::size_t>(g)];
    double weights = 0;
    double squares = 0;
    for (const auto& entry : entries) {
      const double weight = b.weighted ? entry.value : 1.0;
      weights += weight;
      squares += weight * weight;
    }
    double divisor = 1;
    if (b.width > 0 && b.combiner == ir::Combiner::mean) divisor = weights;
    if (b.width > 0 && b.combiner == ir::Combiner::sqrtn) divisor = std::sqrt(squares);
    for (const auto& entry : entries) {
      if (std::cmp_greater_equal(entry.key, b.rows) || divisor == 0) continue;
      const double weight = (b.weighted ? entry.value : 1.0) / divisor;
      auto& share = of(first + static_cast<std::int32_t>(entry.key));
      if (b.width == 0) share += weight * slopes[entry.key];
      const auto width = static_cast<std::size_t>(b.width);
      for (std::size_t i = 0; i < width; ++i)
        share += weight * table[entry.key * width + i] * slopes[i];
    }
  }

  const NetworkModel& model_;
  std::int64_t row_;
  std::int32_t step_;
  GroupRows groups_;
  std::span<double> out_;
};

/// Mean derivatives that make up what the tower moved, as well as kMostPieces can.
std::vector<Vector> slopes_of(Tower& tower, const Vector& input, const Vector& moved) {
  std::vector<Vector> out;
  for (int pieces = kFewestPieces; pieces <= kMostPieces; pieces *= 4) {
    out = mean_slopes(tower, input, moved.size(), pieces);
    bool close = true;
    for (std::size_t o = 0; o < moved.size(); ++o) {
      const double error = std::abs(product(input, out[o]) - moved[o]);
      close &= error <= kTolerance * std::abs(moved[o]) + 1e-9;
    }
    if (close) break;
  }
  return out;
}

}  // namespace

void explain_row(const NetworkModel& model, const FeatureView& x, std::int64_t row,
                 GroupRows groups, std::span<double> out, BaseMargins base) {
  std::fill(out.begin(), out.end(), 0.0);
  const auto outputs = static_cast<std::size_t>(model.outputs);
  const auto width = static_cast<std::size_t>(model.features) + 1;
  const auto first = first_margins(model, base, row);
  for (std::size_t o = 0; o < outputs; ++o) out[o * width + width - 1] = first[o];
  for (const auto& of_tower : model.network.towers) {
    const auto steps = read_tower(model, of_tower, x, row, groups);
    Vector input;
    for (const auto& step : steps) input.insert(input.end(), step.begin(), step.end());
    Tower tower(model, of_tower, steps.size());
    const auto start = tower.run(Vector(input.size()));
    auto moved = tower.run(input);
    for (std::size_t o = 0; o < outputs; ++o) {
      moved[o] -= start[o];
      out[o * width + width - 1] += start[o];
    }
    const auto slopes = slopes_of(tower, input, moved);
    std::size_t at = 0;
    for (std::size_t step = 0; step < steps.size(); ++step) {
      for (std::size_t b = 0; b < of_tower.blocks.size(); ++b) {
        const auto& block = of_tower.blocks[b];
        const auto table = model.numbers(of_tower.name + ".block" + std::to_string(b));
        const auto size = static_cast<std::size_t>(
            ir::widths(model.network, {.name = "", .blocks = {block}, .layers = {}}).front());
        for (std::size_t o = 0; o < outputs; ++o) {
          const Shares shares(model, row, step, groups, out.subspan(o * width, width));
          shares.add(block, table, std::span(input).subspan(at, size),
                     std::span(slopes[o]).subspan(at, size));
        }
        at += size;
      }
    }
  }
}

}  // namespace quern::codegen
